// Package webd is the door of the browser: the pages of Navette and the JSON interface that they use.
//
//	/…            the pages: one file of HTML each, without data, and what it refers to below /assets/
//	/api/…        JSON; what needs a session answers 401 without one
//	/demo/…       pages of a demonstration only
//
// A request passes, in this order: the count of its connection (conns.go), the host that it names (host.go), the
// headers of every answer (headers.go), the log and the counters (access.go); below /api/ the checks of cookie
// requests (guard.go), then the one who asks (who.go).
//
// # Invariants
//
//  1. Every answer carries the policy of its kind (headers.go): scripts come from here alone, nobody frames a page.
//  2. Nothing that belongs to somebody is kept by a cache: answers below /api/ and private pages are no-store.
//  3. A request that changes something is JSON, comes from a page of ours (Origin), and bears a header that only a page
//     of ours can send; so does every other request below /api/ that a cookie could carry.
//  4. No answer sends the browser to a place that the request named.
//  5. What is not listed is refused without a session, and says no more than that.
//  6. The log holds no address, name, identifier, cookie or query: the pattern of the route stands for its path.
//  7. Compressed are answers to GET alone: what is shown once answers a change (pack.go).
//
// # Cookies
//
// The session's cookie is __Host-navette: HttpOnly, Secure, for this host alone, SameSite=Lax (single sign-on will come
// back from other sites by a link). Browsers treat localhost as secure, so a demonstration needs no other.
package webd
