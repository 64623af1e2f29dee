// Package egress makes every outgoing TCP connection of the program. What is connected to is often named by somebody
// else (an MX record, a URL in a message, a webhook), who must not reach, through us, what lies behind our wall.
//
// # Invariants
//
//  1. A name is resolved once, and exactly the addresses that were checked are dialled: a name that answers
//     differently the second time (DNS rebinding) gains nothing.
//  2. Loopback, private, link-local, metadata, documentation, multicast and every other address that is not globally
//     reachable unicast is refused, in each way of writing it (IPv4-mapped, NAT64, 6to4), unless the configuration
//     allows its network.
//  3. An address at which cloud machines find their secrets is refused even within an allowed network, unless it is
//     allowed by itself.
//
// A redirect is a new connection: its client comes here again, and is checked again. An HTTP transport must have Proxy
// unset, or it would connect to the proxy for names that were never checked.
package egress
