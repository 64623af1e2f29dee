package webd

import (
	"net/http"
	"slices"
	"strings"
)

// publicPages are what one reaches without signing in, and privatePages what one does not. All are the portal's one
// file, which holds nothing about anybody; what they show comes from the API.
func publicPages() []string {
	return []string{"/connexion", "/activation", "/mot-de-passe-oublie", "/aide", "/telephone", "/accessibilite", "/mentions-legales",
		"/droits-des-responsables", "/mes-donnees", "/consentement"}
}

func privatePages() []string {
	return []string{"/", "/securite", "/activite-recente", "/personnels-a-activer"}
}

// signInPage is where who has no session is sent.
const signInPage = "/connexion"

func (s *Server) routePages(mux *http.ServeMux) {
	for _, path := range publicPages() {
		mux.HandleFunc("GET "+path, s.publicPage)
	}
	for _, path := range privatePages() {
		if path == "/" {
			path = "/{$}"
		}
		mux.HandleFunc("GET "+path, s.privatePage)
	}
	if s.cfg.Local {
		mux.HandleFunc("GET /demo/composants", func(w http.ResponseWriter, r *http.Request) { s.shell(w, r, "composants.html", http.StatusOK) })
	}
	mux.HandleFunc("GET /assets/{name}", s.serveAsset)
	mux.HandleFunc("/", s.noPage)
}

// publicPage is the same for everybody: a browser may keep it, and asks whether it still holds.
func (s *Server) publicPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	s.shell(w, r, "portal.html", http.StatusOK)
}

// privatePage sends who has no session to sign in. The page that was asked for is told by its own name, out of the
// list, so that nothing of the request reaches the answer.
func (s *Server) privatePage(w http.ResponseWriter, r *http.Request) {
	if !s.hasSession(r) {
		to := signInPage
		if r.URL.Path != "/" && slices.Contains(privatePages(), r.URL.Path) {
			to += "?suite=" + r.URL.Path
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	s.shell(w, r, "portal.html", http.StatusOK)
}

func (s *Server) noPage(w http.ResponseWriter, r *http.Request) {
	if changes(r) || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.NotFound(w, r)
		return
	}
	s.shell(w, r, "portal.html", http.StatusNotFound)
}

// shell answers with a page. index.html stands in for pages that were never built.
func (s *Server) shell(w http.ResponseWriter, r *http.Request, name string, status int) {
	page := s.assets[name]
	if page == nil {
		page = s.assets["index.html"]
	}
	if page == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	page.serve(w, r, status)
}

// serveAsset answers with what pages refer to. Its name holds the hash of its content, so it never changes.
func (s *Server) serveAsset(w http.ResponseWriter, r *http.Request) {
	a := s.assets["assets/"+r.PathValue("name")]
	if a == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	a.serve(w, r, http.StatusOK)
}
