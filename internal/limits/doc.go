// Package limits holds every limiter of the program, so that there is one place to read what a stranger may use up.
//
//	Rate        tokens a second and a burst, a key: commands, connections, look-ups
//	Windows     so much within a minute, an hour…, a key: recipients of a sender (DOMAIN §3)
//	Backoff     a wait that grows with each failure of a key and fades with time: log-ins
//	Concurrent  how many at a time, a key: connections of a network
//	Recent      keys seen within a time
//	Networks    the networks that network limits skip (trusted_networks)
//
// All are safe for many goroutines, keep their state in this process alone, and remember a bounded number of keys: the
// key used longest ago makes room. What is forgotten so starts afresh; to be forgotten, a key must have waited while as
// many others as fit came by.
package limits

import "time"

// Clock is the injected time.
type Clock func() time.Time

// DefaultKeys is a good bound on the keys of a limiter: at about 100 octets each, 10 MB.
const DefaultKeys = 100_000
