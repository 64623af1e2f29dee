package imapd

import (
	"strconv"
	"strings"

	"navette/internal/imap"
)

// extensions are offered to who has logged in; each has a test that names it.
var extensions = []string{
	"LITERAL+",           // RFC 7888
	"ID",                 // RFC 2971
	"ENABLE",             // RFC 5161
	"IDLE",               // RFC 2177
	"UNSELECT",           // RFC 3691
	"UIDPLUS",            // RFC 4315
	"MOVE",               // RFC 6851
	"NAMESPACE",          // RFC 2342
	"SPECIAL-USE",        // RFC 6154
	"CREATE-SPECIAL-USE", // RFC 6154
	"LIST-EXTENDED",      // RFC 5258
	"LIST-STATUS",        // RFC 5819
	"CHILDREN",           // RFC 3348
	"ESEARCH",            // RFC 4731
	"WITHIN",             // RFC 5032
	"STATUS=SIZE",        // RFC 8438
	"MULTIAPPEND",        // RFC 3502
	"OBJECTID",           // RFC 8474
	"CONDSTORE",          // RFC 7162
	"QRESYNC",            // RFC 7162
	"ACL",                // RFC 4314
	"RIGHTS=texk",        // RFC 4314
	"QUOTA",              // RFC 9208
	"QUOTA=RES-STORAGE",  // RFC 9208
}

// capabilities is what the connection offers in its present state.
func (s *session) capabilities() []string {
	caps := []string{"IMAP4rev1"}
	if s.loggedIn() {
		caps = append(caps, extensions...)
		return append(caps, "APPENDLIMIT="+strconv.FormatInt(s.srv.limits.Message, 10)) // RFC 7889
	}
	caps = append(caps, "LITERAL+", "ID", "ENABLE")
	if s.canStartTLS() {
		caps = append(caps, "STARTTLS")
	}
	if s.mayLogIn() {
		caps = append(caps, "SASL-IR") // RFC 4959
		for _, mechanism := range s.srv.sasl.Mechanisms(s.saslConnection()) {
			caps = append(caps, "AUTH="+mechanism)
		}
		return caps
	}
	return append(caps, "LOGINDISABLED")
}

func (s *session) capabilityCode() imap.Code {
	return imap.Code("CAPABILITY " + strings.Join(s.capabilities(), " "))
}

// canStartTLS tells whether STARTTLS makes sense now.
func (s *session) canStartTLS() bool { return s.srv.cfg.TLS != nil && !s.secure && !s.loggedIn() }

// mayLogIn tells whether a password may cross this connection.
func (s *session) mayLogIn() bool {
	return s.secure || s.mode == StartTLSOrLoopback && s.wire.peer.IsLoopback()
}
