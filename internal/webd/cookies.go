package webd

import (
	"net/http"
	"time"
)

// The cookies. Their prefix makes browsers take them from this host alone, for all paths, over TLS (or at localhost).
const (
	sessionCookie    = "__Host-navette"            // who is signed in
	deviceCookie     = "__Host-navette-appareil"   // a browser that was seen before
	activationCookie = "__Host-navette-activation" // an activation under way
)

// deviceLife is how long a browser keeps its device cookie; the server decides what it is worth.
const deviceLife = 400 * 24 * time.Hour // the most that browsers keep

// setCookie gives a cookie a value until then; the zero time is the end of the browser's own session.
func setCookie(w http.ResponseWriter, name, value string, until time.Time) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", Expires: until, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// dropCookie takes a cookie away.
func dropCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// cookie is the value of a cookie, "" without one. Of several with one name, none is believed.
func cookie(r *http.Request, name string) string {
	found := r.CookiesNamed(name)
	if len(found) != 1 {
		return ""
	}
	return found[0].Value
}
