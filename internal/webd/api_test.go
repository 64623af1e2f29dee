package webd_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"navette/internal/identity"
	"navette/internal/roster"
	"navette/internal/testkit/agents"
	"navette/internal/webd"
)

// browser is a browser at a door with real services behind it.
type browser struct {
	*door
	*agents.Agents
	cookies map[string]string
}

// newBrowser opens a door on the services, with the agent « cmartin » who has a password.
func newBrowser(a *agents.Agents) *browser {
	a.Helper()
	a.Agent(7, "cmartin")
	directory := roster.New(roster.Config{DB: a.DB, Domain: "ac-paris.example"})
	d := newDoor(a.T, func(c *webd.Config) {
		c.Now = a.Now
		c.People = &webd.People{Sessions: a.Sessions, SignIn: a.Signin, Activations: a.Activation, Factors: a.Factors, Secrets: a.Identity,
			Directory: directory}
	})
	return &browser{d, a, map[string]string{}}
}

// call sends a request of a page of ours, with the cookies that the browser holds.
func (b *browser) call(method, path string, body any) answer {
	b.Helper()
	text := []byte("{}")
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			b.Fatal(err)
		}
	}
	if method == http.MethodGet {
		text = nil
	}
	var jar []string
	for name, value := range b.cookies {
		jar = append(jar, name+"="+value)
	}
	a := b.ask(b.T, method, "/api/"+path, string(text), b.page("Cookie", strings.Join(jar, "; "))...)
	for _, c := range a.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return a
}

// want checks status and code of an answer; code is "" for a success.
func (b *browser) want(what string, a answer, status int, code string) {
	b.Helper()
	if got := codeOf(b.T, a); a.StatusCode != status || code != "" && got != code {
		b.Errorf("%s: %d %s, want %d %s", what, a.StatusCode, a.body, status, code)
	}
}

func (b *browser) signIn() {
	b.Helper()
	b.want("sign-in", b.call("POST", "session", webd.SignInRequest{Login: "cmartin", Password: agents.Password}), 200, "")
	if b.cookies["__Host-navette"] == "" {
		b.Fatal("no session was given")
	}
}

func TestASessionIsACookieThatScriptsAndOtherSitesDoNotGet(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		b := newBrowser(a)
		b.cookies["__Host-navette"] = "chosen-by-a-stranger"
		first := b.call("POST", "session", webd.SignInRequest{Login: "cmartin", Password: agents.Password})
		b.want("sign-in", first, 200, "")
		var found int
		for _, c := range first.Cookies() {
			found++
			if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Name, "__Host-") {
				b.Errorf("cookie %s", c)
			}
			if c.Value == "chosen-by-a-stranger" || strings.Contains(first.body, c.Value) {
				b.Errorf("the token is one that was brought along, or stands in the answer: %s", c)
			}
		}
		if found != 2 { // the session and the device
			b.Errorf("%d cookies", found)
		}
		b.want("who is signed in", b.call("GET", "session", nil), 200, "")
	})
}

// Invariant 5: each act of one's own is closed to whoever has no session, and says nothing else.
func TestEveryActOfOnesOwnNeedsASession(t *testing.T) {
	t.Parallel()
	b := newBrowser(agents.OnSQLite(t))
	for _, act := range []string{
		"GET session", "POST session/step-up-options", "POST session/step-up", "GET account", "GET account/security", "GET account/history",
		"GET account/journal", "POST account/password", "POST account/recovery-codes", "DELETE account/recovery-address", "DELETE account/factors/1",
		"DELETE account/sessions/1", "DELETE account/sessions", "DELETE account/devices/1", "POST account/app-passwords", "DELETE account/app-passwords/1",
		"POST account/passkey-options", "POST account/passkeys", "POST account/totp-options", "POST account/totp", "POST account/grid",
		"POST account/recovery-address", "POST account/recovery-address/code", "POST messages", "POST messages/check", "GET school/waiting", "POST school/sheets",
	} {
		method, path, _ := strings.Cut(act, " ")
		b.want(act, b.call(method, path, nil), 401, "signed-out")
		b.cookies["__Host-navette"] = "nonsense"
		b.want(act+" with nonsense", b.call(method, path, nil), 401, "signed-out")
		delete(b.cookies, "__Host-navette")
	}
	for _, act := range []string{"GET activation", "POST activation/later", "POST activation/recovery-codes", "POST activation/finish", "POST activation/totp-options"} {
		method, path, _ := strings.Cut(act, " ")
		b.want(act, b.call(method, path, nil), 401, "no-activation")
	}
}

// Invariant 2, of somebody's own answers.
func TestNothingOfSomebodyIsKeptByACache(t *testing.T) {
	t.Parallel()
	b := newBrowser(agents.OnSQLite(t))
	b.signIn()
	for _, path := range []string{"session", "account", "account/security", "account/journal"} {
		a := b.call("GET", path, nil)
		if a.StatusCode != 200 || a.Header.Get("Cache-Control") != "no-store" {
			b.Errorf("%s: %d, Cache-Control %q", path, a.StatusCode, a.Header.Get("Cache-Control"))
		}
	}
	jar := []string{"Cookie", "__Host-navette=" + b.cookies["__Host-navette"]}
	if a := b.ask(t, "GET", "/securite", "", jar...); a.StatusCode != 200 || a.Header.Get("Cache-Control") != "no-store" {
		b.Errorf("/securite: %d, Cache-Control %q", a.StatusCode, a.Header.Get("Cache-Control"))
	}
}

func TestACookieIsWorthNothingAfterSignOutAndSuspension(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		b := newBrowser(a)
		b.signIn()
		stolen := b.cookies["__Host-navette"]
		b.want("sign-out", b.call("DELETE", "session", nil), 204, "")
		b.cookies["__Host-navette"] = stolen
		b.want("the cookie after sign-out", b.call("GET", "account", nil), 401, "signed-out")

		b.signIn()
		if err := b.Identity.Suspend(b.Context(), identity.By{Actor: "test", Reason: "test"}, 7); err != nil {
			b.Fatal(err)
		}
		b.want("the cookie after a suspension", b.call("GET", "account", nil), 401, "signed-out")
	})
}

// Somebody who finds an open browser reads, and changes nothing.
func TestAnOldProofChangesNothingUntilItIsRenewed(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		b := newBrowser(a)
		b.signIn()
		before := b.cookies["__Host-navette"]
		b.Pass(20 * time.Minute)
		b.want("reading", b.call("GET", "account/security", nil), 200, "")
		label := webd.AppPasswordRequest{Label: "Tablette"}
		b.want("an application password", b.call("POST", "account/app-passwords", label), 403, "step-up")
		b.want("a wrong password", b.call("POST", "session/step-up", webd.StepUpRequest{Password: "wrong"}), 403, "denied")
		b.want("still", b.call("POST", "account/app-passwords", label), 403, "step-up")
		b.want("the password", b.call("POST", "session/step-up", webd.StepUpRequest{Password: agents.Password}), 204, "")
		b.want("after it", b.call("POST", "account/app-passwords", label), 200, "")
		b.cookies["__Host-navette"] = before
		b.want("the cookie of before", b.call("GET", "account", nil), 401, "signed-out")
	})
}

// Taking a lost phone's password back does not sign its owner out of the page on which they do it.
func TestRevokingAnApplicationPasswordKeepsTheSession(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		b := newBrowser(a)
		b.signIn()
		var made webd.AppPasswordAnswer
		if err := json.Unmarshal([]byte(b.call("POST", "account/app-passwords", webd.AppPasswordRequest{Label: "Tablette"}).body), &made); err != nil {
			b.Fatal(err)
		}
		b.want("the revocation", b.call("DELETE", fmt.Sprintf("account/app-passwords/%d", made.ID), nil), 204, "")
		b.want("the page after it", b.call("GET", "account/security", nil), 200, "")
	})
}

func TestAnApplicationPasswordOpensNoPage(t *testing.T) {
	t.Parallel()
	b := newBrowser(agents.OnSQLite(t))
	p, err := b.Identity.GenerateAppPassword(b.Context(), identity.By{Actor: "cmartin"}, 7, "Tablette")
	if err != nil {
		t.Fatal(err)
	}
	b.want("an application password", b.call("POST", "session", webd.SignInRequest{Login: "cmartin", Password: p.Secret}), 403, "denied")
}

// The same answer, to the octet, whoever is asked about.
func TestAnswersDoNotTellWhetherAnAccountExists(t *testing.T) {
	t.Parallel()
	b := newBrowser(agents.OnSQLite(t))
	b.Appoint(8, "jdurand", "ENS2D", "ENS", "0750001A", "01E9501234ABC")
	for what, ask := range map[string]func(login string) answer{
		"sign-in": func(login string) answer {
			return b.call("POST", "session", webd.SignInRequest{Login: login, Password: "quite another"})
		},
		"activation": func(login string) answer {
			return b.call("POST", "activation", webd.ActivationRequest{Login: login, NUMEN: "01E9999999ZZZ", BirthDate: agents.BirthDate})
		},
	} {
		stranger := ask("nobody.at.all")
		for _, login := range []string{"cmartin", "jdurand"} {
			a := ask(login)
			if a.StatusCode != stranger.StatusCode || a.body != stranger.body || len(a.Cookies()) != len(stranger.Cookies()) {
				b.Errorf("%s: %s gets %d %s, a stranger %d %s", what, login, a.StatusCode, a.body, stranger.StatusCode, stranger.body)
			}
		}
	}
	known, stranger := b.call("POST", "forgotten", webd.ForgotRequest{Login: "cmartin"}), b.call("POST", "forgotten", webd.ForgotRequest{Login: "nobody"})
	if known.StatusCode != 200 || stranger.StatusCode != 200 || len(known.body) != len(stranger.body) {
		b.Errorf("a forgotten password: %s, of a stranger %s", known.body, stranger.body)
	}
}

func TestBodiesAreBoundedAndPlain(t *testing.T) {
	t.Parallel()
	b := newBrowser(agents.OnSQLite(t))
	for what, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"64 kB and more":       {`{"login":"` + strings.Repeat("a", 70<<10) + `"}`, 413, "too-large"},
		"no JSON":              {`login=cmartin`, 400, "malformed"},
		"a field of no use":    {`{"login":"cmartin","password":"x","admin":true}`, 400, "malformed"},
		"two values":           {`{"login":"cmartin","password":"x"} {}`, 400, "malformed"},
		"a number for a text":  {`{"login":1}`, 400, "malformed"},
		"nothing":              {``, 400, "malformed"},
		"a nest of a thousand": {strings.Repeat("[", 1000), 400, "malformed"},
	} {
		b.want(what, b.ask(t, "POST", "/api/session", c.body, b.page()...), c.status, c.code)
	}
}

func TestProblemsSpeakTheLanguageOfThePage(t *testing.T) {
	t.Parallel()
	b := newBrowser(agents.OnSQLite(t))
	said := map[string]string{}
	for _, language := range []string{"fr", "en"} {
		a := b.ask(t, "POST", "/api/session", `{"login":"cmartin","password":"wrong"}`, b.page("Accept-Language", language)...)
		var p struct{ Detail string }
		if err := json.Unmarshal([]byte(a.body), &p); err != nil {
			t.Fatal(err)
		}
		said[language] = p.Detail
	}
	want := map[string]string{"fr": "Identifiant ou mot de passe incorrect.", "en": "Wrong identifier or password."}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An activation goes through the interface from the NUMEN to a session; nothing opens before its end.
func TestAnActivationGoesThroughItsSteps(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		b := newBrowser(a)
		b.Appoint(8, "jdurand", "ENS2D", "ENS", "0750001A", "01E9501234ABC")
		claim := webd.ActivationRequest{Login: "jdurand", NUMEN: "01E9501234ABC", BirthDate: agents.BirthDate}
		b.want("the claim", b.call("POST", "activation", claim), 200, "")
		stepOf := func(a answer) (state webd.ActivationState) {
			if err := json.Unmarshal([]byte(a.body), &state); err != nil {
				b.Fatalf("%v: %s", err, a.body)
			}
			return state
		}
		b.want("a jump to the end", b.call("POST", "activation/finish", nil), 409, "conflict")
		b.want("a poor password", b.call("POST", "activation/password", webd.PasswordRequest{Password: "motdepasse12"}), 422, "policy")
		if s := stepOf(b.call("POST", "activation/password", webd.PasswordRequest{Password: agents.Password})); s.Step != 3 || s.Due == nil && !s.Exempt {
			b.Errorf("after the password: %+v", s)
		}
		b.want("signing in before the end", b.call("POST", "session", webd.SignInRequest{Login: "jdurand", Password: agents.Password}), 403, "denied")
		b.want("the QR code of a secret", b.call("POST", "activation/totp-options", nil), 200, "")
		if s := stepOf(b.call("POST", "activation/later", nil)); s.Step != 4 {
			b.Errorf("after « Plus tard »: %+v", s)
		}
		var codes webd.CodesAnswer
		if err := json.Unmarshal([]byte(b.call("POST", "activation/recovery-codes", nil).body), &codes); err != nil || len(codes.Codes) != 10 {
			b.Errorf("%d codes: %v", len(codes.Codes), err)
		}
		b.want("the end", b.call("POST", "activation/finish", nil), 204, "")
		b.want("signed in", b.call("GET", "session", nil), 200, "")
		if a := b.call("GET", "account", nil); !strings.Contains(a.body, fmt.Sprintf("%q", "jdurand@ac-paris.example")) {
			b.Errorf("the card: %s", a.body)
		}
		b.want("the activation is over", b.call("GET", "activation", nil), 401, "no-activation")
	})
}
