package webd

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// hosted answers only requests that name this server: otherwise a name that a stranger controls could be made to point
// here, and pages of that name would be ours to their browser (DNS rebinding).
func (s *Server) hosted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.knowsHost(r.Host) {
			http.Error(w, "unknown host", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// secured sends who came without TLS to the origin, which the configuration names. A demonstration needs none, and a proxy
// of ours has taken it off.
func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS != nil || s.cfg.Local || s.cfg.Proxies.Contain(addressOf(r.RemoteAddr)) {
			next.ServeHTTP(w, r)
			return
		}
		if changes(r) { // what was sent in the clear is not sent again
			http.Error(w, "TLS is needed", http.StatusForbidden)
			return
		}
		http.Redirect(w, r, s.cfg.Origin.String()+r.URL.EscapedPath(), http.StatusPermanentRedirect)
	})
}

// knowsHost tells whether a Host header names this server.
func (s *Server) knowsHost(host string) bool {
	if strings.EqualFold(host, s.cfg.Origin.Host) {
		return true
	}
	return s.cfg.Local && isLocal(host)
}

// isLocal tells whether a Host header names this machine: localhost, a name below it, or a loopback address.
func isLocal(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.Trim(name, "[]"))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(name)
	return err == nil && a.IsLoopback()
}

// ownOrigin is the origin of the page that a request to this host would come from.
func (s *Server) ownOrigin(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || s.cfg.Origin.Scheme == "https" && !s.cfg.Local {
		scheme = "https" // a proxy in front may have taken TLS off
	}
	return scheme + "://" + strings.ToLower(r.Host)
}

// peer is who is at the other end: the last address of X-Forwarded-For that no proxy of ours has, where the request
// comes from one of them.
func (s *Server) peer(r *http.Request) netip.Addr {
	address := addressOf(r.RemoteAddr)
	if !s.cfg.Proxies.Contain(address) {
		return address
	}
	named := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(named) {
		a, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			break // who wrote nonsense there is the proxy's neighbour, not a client
		}
		if address = a.Unmap(); !s.cfg.Proxies.Contain(address) {
			break
		}
	}
	return address
}
