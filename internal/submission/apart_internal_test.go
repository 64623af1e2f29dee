package submission

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/failure"
	"navette/internal/mail"
)

// The parents of the examples. The address of one stands in that of no other.
const (
	mother = "anne.rodriguez@example.net"
	father = "papa@exämple.fr"
	gmail  = "mamie.durand@gmail.com"
)

func TestAnAddressIsSeenHoweverAFieldWritesIt(t *testing.T) {
	t.Parallel()
	h := hide([]string{mother, father, gmail})
	for _, value := range []string{
		"anne.rodriguez@example.net",
		" Anne Rodriguez <ANNE.Rodriguez@Example.NET>",
		"x@y.fr, <anne.rodriguez+ecole@example.net>",
		"parents: anne.rodriguez@example.net;",
		"anne.rodriguez (mère) @ (chez) example.net",
		"anne . rodriguez @ example . net",
		`"anne.rodriguez"@example.net`,
		`anne.\rodriguez@example.net`,
		"<@relais.example:anne.rodriguez@example.net>",
		"anne.rodri\r\n\tguez@example.net",
		"=?utf-8?q?anne=2Erodriguez=40example=2Enet?= <x@y.fr>",
		"=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte("Anne (anne.rodriguez@example.net)")) + "?= <x@y.fr>",
		"=?utf-8?q?anne=2Erod?=\r\n =?iso-8859-1?q?riguez=40example?=.net",
		"=?utf-8?q?anne.rodriguez?=@example.net",
		"attachment; filename*=utf-8''anne.rodriguez%40example.net.pdf",
		"attachment; filename*0*=utf-8''anne.rodri; filename*1*=guez%40example; filename*2=\".net\"",
		"<anne.rodriguez@example.net.1234@pc>",
		"<1234.anne.rodriguez=example.net@pc>",
		"(anne.rodriguez@example.net) x@y.fr",
		"mailto:anne.rodriguez%40example.net?subject=x",
		"'anne.rodriguez+x@example.net'",
		"papa@exämple.fr", "PAPA@EXÄMPLE.FR", "papa@xn--exmple-cua.fr", "<papa+a@xn--exmple-cua.fr>",
		"mamiedurand@gmail.com", "m.a.m.i.e.durand@googlemail.com", "=?utf-8?q?Mamie?= <Mamie.Durand+x@gmail.com>",
	} {
		if !h.in(value) {
			t.Errorf("%q is not seen", value)
		}
	}
	for _, value := range []string{
		"", "anne.rodriguez", "example.net", "Anne Rodriguez <x@example.net>", "anne@example.net", "rodriguez@gmail.com",
		"<1234@mail.gmail.com>", "anne.rodriguez@example.com", "text/plain; charset=utf-8", "anne.rodriguez at example.net",
		"moi@ac-paris.example", "papa@exemple.fr", "=?utf-8?q?=C3=A9l=C3=A8ve?= =?bad",
	} {
		if h.in(value) {
			t.Errorf("%q is seen", value)
		}
	}
	if hide(nil).in(mother) {
		t.Error("an empty set sees something")
	}
}

func TestWhatCopiesApartShare(t *testing.T) {
	t.Parallel()
	s, own := mender()
	hidden := hide([]string{mother, father})
	const end = "Date: Tue, 01 Sep 2026 08:00:00 +0200\r\nMessage-ID: <1@pc>\r\n\r\n"
	for _, c := range []struct {
		name                  string
		fields, shared, shown string
	}{
		{
			"the recipients' fields go, and a colleague is shown to the colleagues alone",
			"From: " + me + "\r\nTo: " + mother + ", " + father + "\r\nCc: Collègue <c@ac-paris.example>\r\nSubject: Sortie\r\n",
			"From: " + me + "\r\nSubject: Sortie\r\n",
			"Cc: Collègue <c@ac-paris.example>\r\n",
		},
		{
			"a field of both keeps those who are no secret",
			"From: " + me + "\r\nTo: Anne <" + mother + ">, \"Durand, Zoé\" <z@ac-paris.example>,\r\n =?utf-8?q?=C3=89ric?= <e@ac-paris.example>\r\n",
			"From: " + me + "\r\n",
			"To: \"Durand, Zoé\" <z@ac-paris.example>,\r\n =?utf-8?q?=C3=89ric?= <e@ac-paris.example>\r\n",
		},
		{
			"a name that is another's address goes",
			"From: " + me + "\r\nTo: \"" + mother + "\" <z@ac-paris.example>\r\n",
			"From: " + me + "\r\n",
			"To: <z@ac-paris.example>\r\n",
		},
		{
			"where nobody is left it is to the sender",
			"From: " + me + "\r\nTo: " + mother + "\r\n",
			"From: " + me + "\r\n",
			"To: <" + me + ">\r\n",
		},
		{
			"resent fields go with whatever they name",
			"From: " + me + "\r\nResent-To: x@y.fr\r\nResent-From: " + me + "\r\nResent-Date: x\r\nTo: " + me + "\r\n",
			"From: " + me + "\r\n",
			"To: " + me + "\r\n",
		},
		{
			"fields that would be answered or asked for receipts go where they name a parent",
			"From: " + me + "\r\nReply-To: " + mother + "\r\nMail-Followup-To: x@y.fr, " + father + "\r\nDisposition-Notification-To: <" + me + ">\r\n" +
				"X-Original-To: " + mother + "\r\nIn-Reply-To: <1." + mother + "@pc>\r\nReferences: <0@pc> <1." + mother + "@pc>\r\nTo: " + me + "\r\n",
			"From: " + me + "\r\nDisposition-Notification-To: <" + me + ">\r\n",
			"To: " + me + "\r\n",
		},
		{
			"From keeps its address, Subject its other words",
			"From: \"pour " + mother + "\" <" + me + ">\r\nSubject: =?utf-8?q?R=C3=A9ponse_=C3=A0_" + strings.Replace(mother, "@", "=40", 1) + "?= demain\r\nTo: " + me + "\r\n",
			"From: <" + me + ">\r\nSubject: " + encodedWords("Réponse à "+masked+" demain") + "\r\n",
			"To: " + me + "\r\n",
		},
		{
			"Content-Type keeps what readers need",
			"From: " + me + "\r\nTo: " + me + "\r\nContent-Type: application/pdf; name*0*=utf-8''anne.rodri; name*1*=guez%40example.net;\r\n boundary=\"a;b\"\r\n",
			"From: " + me + "\r\nContent-Type: application/pdf;\r\n boundary=\"a;b\"\r\n",
			"To: " + me + "\r\n",
		},
		{
			"a line that is no field",
			"From: " + me + "\r\nécrit à " + mother + "\r\nautre ligne\r\nTo: " + me + "\r\n",
			"From: " + me + "\r\nautre ligne\r\n",
			"To: " + me + "\r\n",
		},
	} {
		got, err := s.apart([]byte(c.fields+end), own, hidden, hidden)
		if err != nil || string(got.content) != c.shared+end || string(got.shown) != c.shown {
			t.Errorf("%s:\nshared %q\n  want %q\nshown %q\n want %q\n%v", c.name, got.content, c.shared+end, got.shown, c.shown, err)
		}
	}
	got, err := s.apart([]byte("From: "+me+"\r\nTo: "+mother+"\r\nMessage-ID: <"+mother+"@pc>\r\n\r\n"), own, hidden, hidden)
	if err != nil || !strings.Contains(string(got.content), "Message-ID: <") || hidden.in(string(got.content)) || !bytes.HasSuffix(got.content, []byte("\r\n\r\n")) {
		t.Errorf("a Message-ID that names a parent: %q, %v", got.content, err)
	}
	for _, field := range []string{"Content-Type: multipart/mixed; boundary=\"" + mother + "\"", "Content-Type: x/" + mother} {
		_, err := s.apart([]byte("From: "+me+"\r\n"+field+"\r\nTo: "+me+"\r\n\r\n"), own, hidden, hidden)
		if !failure.Is(err, failure.Policy) || hidden.in(err.Error()) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// A message can do without a Date that cannot be read, and without what stands in comments.
func TestFieldsThatNeedNoWordsAreMadeAnew(t *testing.T) {
	t.Parallel()
	s := &Service{cfg: Config{Random: rand.Reader}}
	own := ownAddresses{primary: me, all: map[string]bool{me: true}}
	for written, want := range map[string]string{
		"MIME-Version: 1.0 (" + mother + ")":                     "MIME-Version: 1.0\r\n",
		"Date: Tue, 01 Sep 2026 08:00:00 +0200 (" + mother + ")": "Date: Tue, 01 Sep 2026 08:00:00 +0200\r\n",
		"Date: " + mother: "",
	} {
		got, err := s.apart([]byte("From: "+me+"\r\n"+written+"\r\nTo: "+mother+"\r\n\r\n"), own, hide([]string{mother}), hide([]string{mother}))
		if err != nil || string(got.content) != "From: "+me+"\r\n"+want+"\r\n" {
			t.Errorf("%s: %q, %v", written, got.content, err)
		}
	}
}

// A refusal that only a guardian's address brings would tell that it is one: a recipient whom a field names that cannot be
// mended is refused whoever it is.
func TestWhatCouldNotBeMendedIsRefusedWhoeverIsNamed(t *testing.T) {
	t.Parallel()
	own, somebody := ownAddresses{primary: me}, hide([]string{"somebody@example.net"})
	for header, refused := range map[string]bool{
		"Content-Type: multipart/mixed; boundary=\"somebody@example.net\"\r\n":           true,
		"Content-Type: multipart/mixed; boundary=\"another@example.net\"\r\n":            false,
		"Content-Type: text/plain; charset=utf-8; name=\"somebody@example.net.txt\"\r\n": false, // that parameter can go
		"Subject: somebody@example.net\r\n":                                              false,
	} {
		if err := mendable([]byte(header+"\r\n"), own, somebody); failure.Is(err, failure.Policy) != refused || err != nil && !refused {
			t.Errorf("%q: %v", header, err)
		}
	}
}

// disguise writes an address in one of the ways that readers undo.
func disguise(t *rapid.T, address string) string {
	local, domain, _ := strings.Cut(address, "@")
	q := func(s string) string {
		return "=?utf-8?q?" + strings.NewReplacer("@", "=40", ".", "=2E", "ä", "=C3=A4").Replace(s) + "?="
	}
	cut := rapid.IntRange(1, len(local)-1).Draw(t, "cut")
	return rapid.SampledFrom([]string{
		address, strings.ToUpper(local) + "@" + domain, local + "+a.b@" + domain, `"` + local + `"@` + domain,
		local + " @ " + domain, local + "(c)@(d)" + domain, local + "\r\n @" + domain, "<" + address + ">", "groupe: " + address + ";",
		q(address), q(local) + "@" + domain, q(address[:cut]) + "\r\n " + q(address[cut:]),
		"=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte("x "+address)) + "?=",
		"a; n*=utf-8''" + url.PathEscape(address), "a; n*0*=utf-8''" + url.PathEscape(address[:cut]) + ";\r\n n*1*=" + strings.ReplaceAll(url.PathEscape(address[cut:]), "@", "%40"),
		"<" + address + ".1@pc>", "<x" + local + "=" + domain + "@pc>", "'" + address + "'", "mailto:" + url.PathEscape(address),
	}).Draw(t, "disguise")
}

// seen is what somebody reads in a value who undoes with the standard library what may be undone.
func seen(value string) string {
	unfolded := strings.NewReplacer("\r\n", "").Replace(value)
	decoded, err := (&mime.WordDecoder{}).DecodeHeader(unfolded)
	if err != nil {
		decoded = unfolded
	}
	all := unfolded + "\n" + decoded
	if _, params, err := mime.ParseMediaType(unfolded); err == nil {
		for _, p := range params {
			all += "\n" + p
		}
	}
	plain := strings.NewReplacer("(c)", "", "(d)", "", `"`, "", " ", "").Replace(all)
	if u, err := url.PathUnescape(all); err == nil {
		all += "\n" + u
	}
	return strings.ToLower(all + "\n" + plain)
}

func TestCopiesApartNameNobodyAndKeepTheRestOctetForOctet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, own := mender()
		parents := []string{mother, father, gmail}
		hidden := hide(parents)
		var raw, kept strings.Builder
		raw.WriteString("From: Moi <" + me + ">\r\n")
		kept.WriteString("From: Moi <" + me + ">\r\n")
		for range rapid.IntRange(0, 10).Draw(t, "fields") {
			name := spelling(t, rapid.SampledFrom([]string{"to", "cc", "reply-to", "mail-followup-to", "disposition-notification-to", "return-receipt-to",
				"x-original-to", "list-post", "references", "in-reply-to", "resent-cc", "x-anything", "comments", "keywords", "errors-to"}).Draw(t, "name"))
			value := rapid.SampledFrom([]string{"x@y.fr", "Zoé <z@ac-paris.example>", "=?utf-8?q?=C3=A9?=", "<1@pc>\r\n <2@pc>", "a; b=c"}).Draw(t, "harmless")
			names := rapid.Bool().Draw(t, "names")
			if names {
				value += rapid.SampledFrom([]string{" ", ", ", ",\r\n\t"}).Draw(t, "between") + disguise(t, rapid.SampledFrom(parents).Draw(t, "parent"))
			}
			field := name + value + "\r\n"
			raw.WriteString(field)
			bare := strings.ToLower(strings.TrimRight(strings.SplitN(field, ":", 2)[0], " \t"))
			if !names && !slices.Contains([]string{"to", "cc", "resent-cc"}, bare) {
				kept.WriteString(field)
			}
		}
		const rest = "Date: Tue, 01 Sep 2026 08:00:00 +0200\r\nMessage-ID: <1@pc>\r\n\r\n"
		got, err := s.apart([]byte(raw.String()+rest), own, hidden, hidden)
		if err != nil {
			t.Fatal(err)
		}
		if string(got.content) != kept.String()+rest {
			t.Fatalf("of %q\ncame %q\nwant %q", raw.String()+rest, got.content, kept.String()+rest)
		}
		for _, half := range [][]byte{got.content, got.shown} {
			for f := range mail.HeaderFields(half) {
				for _, parent := range []string{mother, father, "papa@xn--exmple-cua.fr", gmail, "mamiedurand@gmail.com"} {
					if strings.Contains(seen(string(f.Value)), parent) {
						t.Fatalf("of %q came %q, which names %s", raw.String(), half, parent)
					}
				}
			}
		}
	})
}

// FuzzApart: whatever comes, no field of either half names a hidden address, nothing is written that did not come but the
// mended fields, and what is cut again stays as it is.
func FuzzApart(f *testing.F) {
	f.Add([]byte("From: " + me + "\r\nTo: " + mother + "\r\n\r\n"))
	f.Add([]byte("From: " + me + "\nCc:\n x <" + mother + ">\nX:;\n\n"))
	f.Add([]byte("Content-Type: a; b*0=\"" + mother + "\r\nSubject"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, own := mender()
		hidden := hide([]string{mother, father, gmail})
		got, err := s.apart(raw, own, hidden, hidden)
		if err != nil {
			return
		}
		for _, half := range [][]byte{got.content, got.shown} {
			for f := range mail.HeaderFields(half) {
				if hidden.in(string(f.Value)) || strings.Contains(seen(string(half[f.Offset:f.Offset+f.Size])), mother) {
					t.Fatalf("of %q came %q", raw, half)
				}
			}
		}
		again, err := s.apart(got.content, own, hidden, hidden)
		if err != nil || !bytes.Equal(again.content, got.content) {
			t.Fatalf("of %q came %q, and of that %q, %v", raw, got.content, again.content, fmt.Sprint(err))
		}
	})
}
