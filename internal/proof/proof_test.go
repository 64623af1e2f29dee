package proof_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/proof"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// start is the day of these tests.
func start() time.Time { return time.Date(2026, 9, 15, 10, 0, 0, 0, time.UTC) }

// fixture is the service on a database with an agent whom HR has named on a document.
type fixture struct {
	*proof.Service
	t     testing.TB
	db    *store.DB
	clock *clock.Clock
	file  string
}

func newFixture(t testing.TB, db *store.DB, c *clock.Clock) *fixture {
	t.Helper()
	f := &fixture{t: t, db: db, clock: c, file: filepath.Join(t.TempDir(), "proof")}
	var err error
	f.Service, err = proof.New(proof.Config{DB: db, File: f.file, Now: c.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	f.exec(`INSERT INTO person (person_id, id_rh, civility, birth_name, usage_name, forenames, birth_date, reference, created_at, updated_at)
		VALUES (1, '1', 'Mme', 'MARTIN', '', 'Claire', '1982-05-06', 'ARR-1', 0, 0)`)
	f.exec(`INSERT INTO account (account_id, person_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
		VALUES (7, 1, 'person', 'cmartin', 'active', 'Claire MARTIN', 1, 0, 0)`)
	return f
}

func onSQLite(t testing.TB) *fixture {
	t.Helper()
	return newFixture(t, stores.SQLite(t), clock.New(start()))
}

func (f *fixture) exec(query string) {
	f.t.Helper()
	err := f.db.Write(f.t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(f.t.Context(), query)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

const (
	header = "From: Claire MARTIN <claire.martin@ac-paris.example>\r\nTo: x@dehors.example\r\nSubject: =?utf-8?q?R=C3=A9union?=\r\n de rentree\r\n" +
		"Date: Tue, 15 Sep 2026 10:00:00 +0200\r\nMessage-ID: <1@ac-paris.example>\r\n\r\n"
	body = "Bonjour,\r\n\r\n.la réunion est à 17 h.\r\n"
)

// proved is the field that an account's message gets.
func (f *fixture) proved(account int64, header, body string) string {
	f.t.Helper()
	digest := proof.NewBody()
	digest.Write([]byte(body)) //nolint:errcheck // it never fails
	field, err := f.Prove(f.t.Context(), account, []byte(header), digest.Sum())
	if err != nil {
		f.t.Fatal(err)
	}
	return string(field)
}

func TestWhomAProofVouchesFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		who    string
		change []string
		want   string // of Claim.Kind.French; "" for no proof
	}{
		{"an agent whose record HR has a document for", nil, "Agent vérifié"},
		{"an agent without a document", []string{`UPDATE person SET reference = ''`}, ""},
		{"an agent whose function of today has a document", []string{`UPDATE person SET reference = ''`, function("2026-09-01", "", "ARR-2", 0)}, "Agent vérifié"},
		{"an agent whose function with a document is over", []string{`UPDATE person SET reference = ''`, function("2025-09-01", "2026-08-31", "ARR-2", 0)}, ""},
		{"an agent whose function with a document ends today", []string{`UPDATE person SET reference = ''`, function("2025-09-01", "2026-09-15", "ARR-2", 0)}, "Agent vérifié"},
		{"an agent whose function with a document begins tomorrow", []string{`UPDATE person SET reference = ''`, function("2026-09-16", "", "ARR-2", 0)}, ""},
		{"an agent whose function HR names no more", []string{`UPDATE person SET reference = ''`, function("2026-09-01", "", "ARR-2", 1)}, ""},
		{"an agent whose function has no document", []string{`UPDATE person SET reference = ''`, function("2026-09-01", "", "", 0)}, ""},
		{"whom a head alone vouches for", []string{`INSERT INTO provisional (person_id, sponsor, uai, until, match) VALUES (1, 'chef', '0759001B', '2026-10-01', 'x')`}, ""},
		{"an account that is nobody's at HR", []string{`UPDATE account SET person_id = NULL`}, ""},
		{"an account that has left", []string{`UPDATE account SET state = 'departed'`}, ""},
		{"an account that is suspended", []string{`UPDATE account SET state = 'suspended'`}, ""},
		{"a functional box", []string{`UPDATE account SET kind = 'functional', person_id = NULL`}, "Boîte vérifiée"},
		{"a list", []string{`UPDATE account SET kind = 'list', person_id = NULL`}, ""},
		{"nobody", []string{`UPDATE account SET account_id = 8`}, ""},
	} {
		t.Run(c.who, func(t *testing.T) {
			t.Parallel()
			stores.EachURL(t, func(t *testing.T, url string) {
				now := clock.New(start())
				f := newFixture(t, stores.OpenAt(t, url, now.Now), now)
				for _, query := range c.change {
					f.exec(query)
				}
				field := f.proved(7, header, body)
				claim, ok := f.Keys().Verify([]byte(field + header))
				if ok != (c.want != "") || ok && claim.Kind.French() != c.want {
					t.Errorf("proved %v, %q: %q", ok, claim.Kind.French(), field)
				}
			})
		})
	}
}

// function is a function of the agent's.
func function(starts, ends, reference string, endedAt int) string {
	return fmt.Sprintf(`INSERT INTO function (person_id, function_id, corps, category, function, uai, starts, ends, reference, ended_at)
		VALUES (1, 1, 'Professeur certifié', 'ENS2D', 'ENS', '0759001B', '%s', '%s', '%s', %d)`, starts, ends, reference, endedAt)
}

// What the copies of a message share is signed, and what sets them apart is not.
func TestAProofHoldsInEveryCopyAndWheneverTheMessageIsTheSame(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	field := f.proved(7, header, body)
	for what, message := range map[string]string{
		"as delivered":             field + header + body,
		"under a trace and fields": "Return-Path: <x>\r\nReceived: y\r\n" + field + "List-Id: <z>\r\n" + header + body,
		"without To":               field + strings.Replace(header, "To: x@dehors.example\r\n", "", 1) + body,
		"unfolded by a relay":      field + strings.Replace(header, "?=\r\n de", "?= de", 1) + body,
		"folded by a relay":        field + strings.Replace(header, "MARTIN <", "MARTIN\r\n\t<", 1) + body,
		"its field after the rest": strings.TrimSuffix(header, "\r\n") + field + "\r\n" + body,
		"saved with LF":            strings.ReplaceAll(field+header+body, "\r\n", "\n"),
		"saved with a line more":   field + header + body + "\r\n\r\n",
		"saved without its end":    field + header + strings.TrimRight(body, "\r\n"),
	} {
		claim, err := f.Keys().VerifyMessage(iotest.OneByteReader(strings.NewReader(message)))
		if err != nil || claim.Account != 7 || claim.Kind != proof.Agent || !claim.Signed.Equal(start()) ||
			claim.From != "Claire MARTIN <claire.martin@ac-paris.example>" {
			t.Errorf("%s: %+v, %v", what, claim, err)
		}
	}
}

func TestAProofOfAnotherMessageProvesNothing(t *testing.T) {
	t.Parallel()
	f, stranger := onSQLite(t), onSQLite(t)
	field := f.proved(7, header, body)
	changed := func(old, with string) string { return strings.Replace(field+header+body, old, with, 1) }
	for what, message := range map[string]string{
		"another author":             changed("From: Claire MARTIN <claire", "From: Claire MARTIN <luc"),
		"another name":               changed("From: Claire MARTIN", "From: Le Recteur"),
		"a second author":            changed("From: ", "From: x@y.example\r\nFrom: "),
		"another date":               changed("15 Sep", "16 Sep"),
		"another id":                 changed("<1@", "<2@"),
		"another subject":            changed("Subject: ", "Subject: Re: "),
		"a second subject":           changed("Subject: ", "Subject: Re: \r\nSubject: "),
		"no subject":                 changed("Subject: =?utf-8?q?R=C3=A9union?=\r\n de rentree\r\n", ""),
		"another text":               changed("17 h", "18 h"),
		"a text more":                field + header + body + "PS\r\n",
		"an empty line more within":  changed("Bonjour,\r\n", "Bonjour,\r\n\r\n"),
		"another account":            changed("a=7;", "a=8;"),
		"a box":                      changed("c=agent;", "c=boite;"),
		"another time":               changed("t=1789466400", "t=1789466401"),
		"another version":            changed("v=1;", "v=2;"),
		"a word more":                changed("v=1;", "v=1; x=1;"),
		"a word twice":               changed("v=1;", "v=1; v=1;"),
		"a signature that is none":   changed("s=", "s=%"),
		"two proofs":                 field + field + header + body,
		"another installation's key": stranger.proved(7, header, body) + header + body,
	} {
		if message == field+header+body {
			t.Errorf("%s: the test changes nothing", what)
		}
		if claim, err := f.Keys().VerifyMessage(strings.NewReader(message)); !failure.Is(err, failure.Policy) {
			t.Errorf("%s: %+v, %v", what, claim, err)
		}
	}
	if _, err := f.Keys().VerifyMessage(strings.NewReader(header + body)); !failure.Is(err, failure.NotFound) {
		t.Errorf("without a proof: %v", err)
	}
	if _, err := f.Keys().VerifyMessage(iotest.ErrReader(os.ErrDeadlineExceeded)); failure.Is(err, failure.NotFound) || failure.Is(err, failure.Policy) || err == nil {
		t.Errorf("a message that cannot be read: %v", err)
	}
}

// A client may put into its mailbox what it likes: a field that stands in the content is not believed without the body.
func TestOnlyThePrefixIsBelievedWithoutTheBody(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	field := f.proved(7, header, body)
	if _, ok := f.Keys().Delivered([]byte("Return-Path: <x>\r\n"+field), []byte(header)); !ok {
		t.Error("what was delivered is not believed")
	}
	for what, c := range map[string][2]string{
		"appended, no prefix":         {"", field + header},
		"delivered, field in content": {"Return-Path: <x>\r\n", field + header},
		"in both":                     {field, field + header},
		"of another message":          {field, strings.Replace(header, "<1@", "<2@", 1)},
	} {
		if _, ok := f.Keys().Delivered([]byte(c[0]), []byte(c[1])); ok {
			t.Errorf("%s: believed", what)
		}
	}
	forged := field + header + "Tout autre chose\r\n"
	if _, err := f.Keys().VerifyMessage(strings.NewReader(forged)); !failure.Is(err, failure.Policy) {
		t.Errorf("appended with another body: %v", err)
	}
}

func TestAMessageWithoutSomeFieldsAndWithoutABodyIsProvedToo(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	for _, head := range []string{"From: a@b.example\r\n\r\n", "From: a@b.example\r\n", "From: a@b.example", ""} {
		if _, err := f.Keys().VerifyMessage(strings.NewReader(f.proved(7, head, "") + head)); err != nil {
			t.Errorf("%q: %v", head, err)
		}
	}
	if field := f.proved(7, "From: a@b.example\r\nFrom: c@d.example\r\n\r\n", ""); field != "" {
		t.Errorf("two From are signed: %q", field)
	}
}

func TestKeysRotateAndOldOnesVerify(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		now := clock.New(start())
		f := newFixture(t, stores.OpenAt(t, url, now.Now), now)
		old := f.proved(7, header, body)
		key, err := f.Rotate(t.Context(), identity.By{Actor: "cli:durand", Reason: "année scolaire"})
		if err != nil {
			t.Fatal(err)
		}
		fresh := f.proved(7, header, body)
		if !strings.Contains(fresh, key.ID) || strings.Contains(old, key.ID) {
			t.Errorf("the new key does not sign: %q", fresh)
		}
		again, err := proof.Load(f.file)
		if err != nil || len(again.List()) != 2 {
			t.Fatalf("the file has %v, %v", again, err)
		}
		for _, field := range []string{old, fresh} {
			if _, ok := again.Verify([]byte(field + header)); !ok {
				t.Errorf("%q is not proved any more", field)
			}
		}
		if got := stores.Column(t, f.db, `SELECT action || ' ' || subject || ' ' || reason FROM journal`); len(got) != 1 || got[0] != "proof.rotate key:"+key.ID+" année scolaire" {
			t.Errorf("the journal has %q", got)
		}
		text, err := os.ReadFile(f.file)
		if err != nil {
			t.Fatal(err)
		}
		var without []string
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(line, again.List()[0].ID) {
				without = append(without, line)
			}
		}
		if err := os.WriteFile(f.file, []byte(strings.Join(without, "")), 0o600); err != nil {
			t.Fatal(err)
		}
		left, err := proof.Load(f.file)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := left.Verify([]byte(old + header)); ok {
			t.Error("a key that was taken out still proves")
		}
	})
}

func TestAFileOfKeysThatIsNotInOrderIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "proof")
	keys, err := proof.Open(path, rand.Reader, start())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	secret := strings.Fields(string(text))
	for _, shown := range []string{keys.String(), keys.GoString(), keys.List()[0].String(), keys.List()[0].GoString()} {
		if strings.Contains(shown, secret[len(secret)-1]) {
			t.Errorf("shows its secret: %q", shown)
		}
	}
	id := keys.List()[0].ID
	for what, content := range map[string]string{
		"empty":          "",
		"a comment":      "# rien\n",
		"two words":      id + " 2026-09-15\n",
		"a short seed":   id + " 2026-09-15 00ff\n",
		"no hexadecimal": id + " 2026-09-15 " + strings.Repeat("zz", 32) + "\n",
		"another seed":   id + " 2026-09-15 " + strings.Repeat("00", 32) + "\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := proof.Load(path); err == nil {
			t.Errorf("%s: loaded", what)
		}
		if _, err := proof.Rotate(path, rand.Reader, start()); err == nil {
			t.Errorf("%s: a new key hides what is wrong", what)
		}
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := proof.Load(path); err == nil {
		t.Error("keys that others may read were loaded")
	}
}

// The digest of a body does not depend on how it is cut, nor on its line ends, nor on empty lines at its end; and on
// all else.
func TestTheDigestOfABody(t *testing.T) {
	t.Parallel()
	digest := func(pieces ...string) [sha256.Size]byte {
		b := proof.NewBody()
		for _, p := range pieces {
			b.Write([]byte(p)) //nolint:errcheck // it never fails
		}
		return b.Sum()
	}
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SliceOf(rapid.StringMatching(`[a-z. \r]{0,6}[a-z]|`)).Draw(rt, "lines")
		text := strings.Join(lines, "\r\n")
		cut := rapid.IntRange(0, len(text)).Draw(rt, "cut")
		want := digest(text)
		if got := digest(text[:cut], text[cut:]); got != want {
			rt.Fatalf("%q cut at %d has another digest", text, cut)
		}
		if got := digest(strings.Join(lines, "\n"), "\n\r\n\n"); got != want {
			rt.Fatalf("%q with LF, and lines at its end, has another digest", text)
		}
		if got := digest("x", text); got == want {
			rt.Fatalf("%q has the digest of another text", text)
		}
		plain := sha256.Sum256([]byte(strings.TrimRight(text, "\r\n")))
		if !strings.HasSuffix(strings.TrimRight(text, "\n"), "\r\r") && want != plain {
			rt.Fatalf("%q is not what is digested", text)
		}
	})
	if digest("a\r") == digest("a") || digest("a\rb") == digest("a\r\nb") {
		t.Error("a lone CR counts as nothing, or as a line end")
	}
	if digest(strings.Repeat("\n", 10_000)+"a") == digest("a") {
		t.Error("empty lines before a text count as nothing")
	}
}

// FuzzVerify: no header is believed but with our signature, and none makes it fail.
func FuzzVerify(f *testing.F) {
	w := onSQLite(f)
	field := w.proved(7, header, body)
	f.Add([]byte(field + header + body))
	f.Add([]byte("X-Navette-Agent: v=1; c=agent; a=1; t=1; k=00000000; b=; s=\r\n\r\n"))
	f.Add([]byte("X-Navette-Agent:\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		claim, err := w.Keys().VerifyMessage(bytes.NewReader(raw))
		if err == nil && (claim.Account != 7 || !bytes.Contains(bytes.ToLower(raw), []byte("claire.martin@ac-paris.example"))) {
			t.Fatalf("%q proves %+v", raw, claim)
		}
	})
}
