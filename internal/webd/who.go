package webd

import "net/http"

// People is what the door needs to know of who signs in.
type People any

// cookieName is the session's cookie; its prefix makes browsers take it from this host alone, for all paths, over TLS.
const cookieName = "__Host-navette"

// hasSession tells whether a request bears a session that holds.
func (s *Server) hasSession(*http.Request) bool { return false }
