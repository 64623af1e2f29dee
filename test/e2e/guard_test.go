package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The guardians of the tests, of one pupil of a head's school.
const (
	mother = "anne.rodriguez@famille.example"
	father = "paul.rodriguez@famille.example"
)

// enrol imports, beside the running server, a pupil of a school with two guardians.
func enrol(t *testing.T, d *demo, uai string) {
	t.Helper()
	dir := t.TempDir()
	write := func(category, kind, name string, id int, attributes ...string) {
		var b strings.Builder
		fmt.Fprintf(&b, `<ficAlimMENESR><addRequest><operationalAttributes><attr name="%s"><value>%s</value></attr></operationalAttributes><identifier><id>%d</id></identifier><attributes>`,
			kind, category, id)
		for i := 0; i < len(attributes); i += 2 {
			b.WriteString(`<attr name="` + attributes[i] + `">`)
			for value := range strings.SplitSeq(attributes[i+1], "|") {
				b.WriteString(`<value>` + value + `</value>`)
			}
			b.WriteString(`</attr>`)
		}
		b.WriteString("</attributes></addRequest></ficAlimMENESR>")
		path := filepath.Join(dir, "ENT_"+uai+"_Delta_20261102_"+category+"_"+name+".xml")
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("EtabEducNat", "categorieStructure", "0000", 990100, "ENTStructureJointure", "990100", "ENTStructureUAI", uai, "ENTStructureNomCourant", "CLG$EXEMPLE",
		"ENTStructureClasses", "4E3$QUATRIEME 3$10210001110")
	write("Eleve", "categoriePersonne", "0000", 990200, "ENTPersonJointure", "990200", "sn", "RODRIGUEZ", "givenName", "Léa", "ENTPersonDateNaissance", "06/06/2012",
		"ENTPersonStructRattach", "990100", "ENTEleveClasses", "990100$4E3", "ENTElevePersRelEleve", "990301$10$1$1$0$0|990302$20$0$1$0$0")
	write("PersRelEleve", "categoriePersonne", "0000", 990301, "ENTPersonJointure", "990301", "sn", "RODRIGUEZ", "givenName", "Anne", "mail", mother)
	write("PersRelEleve", "categoriePersonne", "0001", 990302, "ENTPersonJointure", "990302", "sn", "RODRIGUEZ", "givenName", "Paul", "mail", father)
	navette(t, 0, "import", "aaf", dir, "--dir", d.dir)
}

// page is a browser that is signed in, as far as the interface needs one.
type page struct {
	t      *testing.T
	origin string
	client *http.Client
}

func browse(t *testing.T, d *demo, a account) *page {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &page{t: t, origin: "http://localhost:" + d.port("http"), client: &http.Client{Jar: secure{jar}, Timeout: patience}}
	p.call("POST", "session", map[string]any{"login": a.login, "password": a.password}, http.StatusOK, nil)
	return p
}

// call asks the interface, wants a status, and reads the answer into into, which may be nil.
func (p *page) call(method, path string, body any, status int, into any) {
	p.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			p.t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.origin+"/api/"+path, bytes.NewReader(text))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Origin", p.origin)
	r.Header.Set("X-Navette-CSRF", "1")
	r.Header.Set("Content-Type", "application/json")
	answer, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	var got bytes.Buffer
	if _, err := got.ReadFrom(answer.Body); err != nil {
		p.t.Fatal(err)
	}
	if answer.StatusCode != status {
		p.t.Fatalf("%s %s: %s\n%s", method, path, answer.Status, got.String())
	}
	if into != nil {
		if err := json.Unmarshal(got.Bytes(), into); err != nil {
			p.t.Fatalf("%s %s: %v in %s", method, path, err, got.String())
		}
	}
}

// Somebody writes to two parents in À with a mail program: it is refused with words that say what to do, waits among
// their drafts, and leaves in one click, to each parent apart.
func TestAMailProgramThatWouldExposeParentsIsRefusedAndCorrected(t *testing.T) {
	t.Parallel()
	d := ownDemo(t, options{agents: 120})
	at := slices.IndexFunc(d.accounts, func(a account) bool { return a.role == "head" })
	head, m := d.accounts[at], marks(t)()
	enrol(t, d, head.uai)
	octets := "From: " + head.address + "\r\nTo: Anne <" + mother + ">, " + father + "\r\nSubject: Sortie " + m + "\r\n" +
		"Date: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <" + m + "@client.example>\r\n\r\nBonjour.\r\n"
	send := func(code int) string {
		return swaks(t, d, "submission", code, append(signedIn(d, head, "PLAIN"), "--from", head.address, "--to", mother+","+father, "--data", dataFile(t, octets))...)
	}
	dialogue := send(swaksAfterData)
	for _, words := range []string{"550-5.7.1 A (2) : ", "/ To (2): ", "Brouillons - a corriger"} {
		if !strings.Contains(dialogue, words) {
			t.Errorf("the refusal does not say %q:\n%s", words, dialogue)
		}
	}
	send(swaksAfterData) // as mail programs do
	c := signIn(t, d, head)
	if drafts := list(t, c, "Brouillons — à corriger"); len(drafts) != 1 || !strings.HasSuffix(drafts[0].bytes, octets) || !strings.HasPrefix(drafts[0].bytes, "X-Navette-A-Corriger: ") {
		t.Fatalf("the drafts are %+v", drafts)
	}
	if parcels := parcelsWith(t, d, m); len(parcels) != 0 {
		t.Errorf("sent all the same: %q", parcels)
	}

	var waiting []struct{ ID, Subject, Reason string }
	p := browse(t, d, head)
	p.call("GET", "drafts/to-correct", nil, http.StatusOK, &waiting)
	if len(waiting) != 1 || waiting[0].Subject != "Sortie "+m || !strings.HasPrefix(waiting[0].Reason, "À (2) : ") {
		t.Fatalf("waiting: %+v", waiting)
	}
	p.call("POST", "drafts/to-correct/"+waiting[0].ID+"/send", map[string]string{"remedy": "apart"}, http.StatusNoContent, nil)
	var parcels []parcel
	await(t, "a copy for each parent", func() bool {
		parcels = parcelsWith(t, d, m)
		return len(parcels) == 2
	})
	if got := recipients(parcels); !slices.Equal(got, []string{mother, father}) {
		t.Errorf("the copies are for %q", got)
	}
	for _, copied := range parcels {
		reader := copied.RcptTo[0]
		other := map[string]string{mother: father, father: mother}[reader]
		if strings.Contains(copied.bytes, other) || strings.Contains(copied.bytes, reader) || !strings.Contains(copied.bytes, "\r\nTo: "+head.address+"\r\n") || copied.MailFrom == head.address {
			t.Errorf("%s gets, under %s\n%s", reader, copied.MailFrom, copied.bytes)
		}
	}
	if drafts := list(t, c, "Brouillons — à corriger"); len(drafts) != 0 {
		t.Errorf("still waiting: %+v", drafts)
	}
	if sent := awaitMessage(t, c, "Envoyés", m); !strings.Contains(sent.bytes, "To: Anne <"+mother+">, "+father) {
		t.Errorf("the sender keeps %q", sent.bytes)
	}
}

// secure lends a jar to plain http on this machine, as browsers do: they take localhost for secure.
type secure struct{ http.CookieJar }

// SetCookies stores cookies that are for TLS.
func (s secure) SetCookies(u *url.URL, cookies []*http.Cookie) {
	for _, c := range cookies {
		c.Secure = false
	}
	s.CookieJar.SetCookies(u, cookies)
}
