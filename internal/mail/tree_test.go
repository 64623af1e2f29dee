package mail

import (
	"fmt"
	"strings"
	"testing"
)

// TestMIMEOddities says for broken and unusual structures which tree is found, and the bodies of its leaves.
func TestMIMEOddities(t *testing.T) {
	t.Parallel()
	const mixed = "Content-Type: multipart/mixed; boundary=b\n\n"
	for _, c := range []struct{ name, message, tree, leaves string }{
		{"empty message", "", "text/plain", ""},
		{"no empty line", "Subject: a", "text/plain", ""},
		{"only a body", "\nBonjour\n", "text/plain", "Bonjour\n"},
		{"no boundary parameter", "Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n", "text/plain", "--b\n\nx\n--b--\n"},
		{"no delimiter found", mixed + "Bonjour", "text/plain", "Bonjour"},
		{"only the last delimiter", mixed + "--b--\n", "text/plain", "--b--\n"},
		{"one part without anything", mixed + "--b\n--b--\n", "multipart/mixed(text/plain)", ""},
		{"delimiter right after the header", mixed + "--b\nX: y\n\n--b\n\nz\n--b--\n", "multipart/mixed(text/plain text/plain)", "|z"},
		{"header cut off by the delimiter", mixed + "--b\nContent-Type: text/html\n--b\n\nz\n--b--\n", "multipart/mixed(text/html text/plain)", "|z"},
		{"spaces after delimiters", mixed + "--b  \n\nx\n--b\t\n\ny\n--b-- \t \n", "multipart/mixed(text/plain text/plain)", "x|y"},
		{"last delimiter missing", mixed + "--b\n\nx\n--b\n\ny\n", "multipart/mixed(text/plain text/plain)", "x|y\n"},
		{"delimiter at the end without line end", mixed + "--b\n\nx\n--b--", "multipart/mixed(text/plain)", "x"},
		{"preamble and epilogue", mixed + "pre\n--b\n\nx\n--b--\nepi\n--b\n\nno part\n", "multipart/mixed(text/plain)", "x"},
		{"line end before a delimiter is not of the part", mixed + "--b\n\nx\n\n--b--\n", "multipart/mixed(text/plain)", "x\n"},
		{"inner boundary begins with the outer one", mixed + "--b\nContent-Type: multipart/alternative; boundary=b1\n\n--b1\n\nx\n--b1--\n--b\n\ny\n--b--\n",
			"multipart/mixed(multipart/alternative(text/plain) text/plain)", "x|y"},
		{"outer boundary begins with the inner one", "Content-Type: multipart/mixed; boundary=b1\n\n--b1\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n--b--\n--b1\n\ny\n--b1--\n",
			"multipart/mixed(multipart/alternative(text/plain) text/plain)", "x|y"},
		{"inner multipart never ended", mixed + "--b\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\nx\n--b\n\ny\n--b--\n",
			"multipart/mixed(multipart/alternative(text/plain) text/plain)", "x|y"},
		{"same boundary inside and outside", mixed + "--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n--b--\n--b\n\ny\n--b--\n",
			"multipart/mixed(multipart/alternative(text/plain) text/plain)", "x|y"},
		{"boundary that looks like a last delimiter", "Content-Type: multipart/mixed; boundary=\"b--\"\n\n--b--\n\nx\n--b----\n", "multipart/mixed(text/plain)", "x"},
		{"folded boundary with a space", "Content-Type: multipart/mixed; boundary=\"foo\n bar\"\n\n--foo bar\nContent-Type: text/x-myown\n\nhello\n\n--foo bar--\n",
			"multipart/mixed(text/x-myown)", "hello\n"},
		{"unquoted boundary with specials", "Content-Type: multipart/mixed; boundary=--==_Part:1/2?=\n\n----==_Part:1/2?=\n\nx\n----==_Part:1/2?=--\n", "multipart/mixed(text/plain)", "x"},
		{"delimiter right after an inner delimiter", mixed + "--b\nContent-Type: multipart/alternative; boundary=i\n\n--i\n--b\n\ny\n--b--\n",
			"multipart/mixed(multipart/alternative(text/plain) text/plain)", "|y"},
		{"attachment between delimiters", mixed + "--b\nContent-Type: application/pdf\n\nx\n-- \n--c\n\n--b\nContent-Type: image/png\n\n\n--b--\n",
			"multipart/mixed(application/pdf image/png)", "x\n-- \n--c\n|"},
		{"text after a delimiter makes it none", mixed + "--b\n\nx\n--bogus\ny\n--b--\n", "multipart/mixed(text/plain)", "x\n--bogus\ny"},
		{"digest holds messages", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: m1\n\none\n--b\nContent-Type: text/plain\n\ntwo\n--b--\n",
			"multipart/digest(message/rfc822(text/plain) text/plain)", "one|two"},
		{"embedded message without a body", mixed + "--b\nContent-Type: message/rfc822\n\nSubject: a\n\n--b--\n", "multipart/mixed(message/rfc822(text/plain))", ""},
		{"embedded message without anything", mixed + "--b\nContent-Type: message/rfc822\n\n--b--\n", "multipart/mixed(message/rfc822(text/plain))", ""},
		{"embedded multipart with the outer boundary", mixed + "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nx\n--b--\n",
			"multipart/mixed(message/rfc822(multipart/mixed(text/plain)))", "x"},
		{"encoded embedded message stays whole", "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogYQ==\n", "message/rfc822", "U3ViamVjdDogYQ==\n"},
		{"message/global", "Content-Type: message/global\n\nSubject: été\n\nx", "message/global(text/plain)", "x"},
		{"message/partial stays whole", "Content-Type: message/partial; id=a; number=1\n\nSubject: a\n\nx", "message/partial", "Subject: a\n\nx"},
		{"nonsense type", "Content-Type: !!\n\nx", "text/plain", "x"},
		{"only a type", "Content-Type: image\n\nx", "application/octet-stream", "x"},
		{"two types", "Content-Type: text/html\nContent-Type: image/png\n\nx", "text/html", "x"},
		{"capitals", "CONTENT-TYPE: TEXT/HTML\n\nx", "text/html", "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			message := crlf(c.message)
			f := parse(t, message)
			if got := outline(f.Root); got != c.tree {
				t.Errorf("tree %s, want %s", got, c.tree)
			}
			if got := strings.ReplaceAll(leafBodies(message, f.Root), "\r\n", "\n"); got != c.leaves {
				t.Errorf("leaves %q, want %q", got, c.leaves)
			}
			bare := []byte(c.message)
			f = parse(t, bare)
			if got := outline(f.Root); got != c.tree {
				t.Errorf("with bare LF the tree is %s", got)
			}
			if got := leafBodies(bare, f.Root); got != c.leaves {
				t.Errorf("with bare LF the leaves are %q, want %q", got, c.leaves)
			}
		})
	}
}

func leafBodies(message []byte, root *Part) string {
	var leaves []string
	for _, p := range allParts(root) {
		if len(p.Children) == 0 {
			leaves = append(leaves, bodyOf(message, p))
		}
	}
	return strings.Join(leaves, "|")
}

// TestSignedPartsAreByteExact cuts what a signature covers (RFC 1847 §2.1: the part with its header) out by offsets.
func TestSignedPartsAreByteExact(t *testing.T) {
	t.Parallel()
	signed := "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nR=E9union  \r\n -- \r\n\r\n"
	for _, protocol := range []string{"application/pgp-signature", "application/pkcs7-signature"} {
		message := []byte("Content-Type: multipart/signed; micalg=pgp-sha256; protocol=\"" + protocol + "\"; boundary=\"=-s\"\r\n\r\nOpenPGP\r\n--=-s\r\n" +
			signed + "\r\n--=-s\r\nContent-Type: " + protocol + "\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\n--=-s--\r\n")
		f := parse(t, message)
		p := f.Root.Children[0]
		if got := string(message[p.HeaderOffset : p.BodyOffset+p.BodySize]); got != signed {
			t.Errorf("signed bytes %q, want %q", got, signed)
		}
		if f.HasAttachment {
			t.Error("a signature is offered for download")
		}
	}
}

func TestPartFieldsAreThoseOfBodystructure(t *testing.T) {
	t.Parallel()
	message := crlf(`Content-Type: Text/X-Note; CHARSET="UTF-8"; format=flowed
Content-Transfer-Encoding: Quoted-Printable
Content-ID: <a@b>
Content-Description: =?utf-8?Q?Une_note?=
Content-MD5: Q2hlY2s=
Content-Location: http://example.org/a
Content-Language: fr, en
Content-Disposition: INLINE; filename*0="compte"; filename*1=" rendu.txt"

une
deux`)
	p := parse(t, message).Root
	got := fmt.Sprintf("%s %v %s %s %s %s %s %s %s %v %d %d", p.ContentType(), p.Params, p.Encoding, p.ID, p.Description, p.MD5, p.Location,
		strings.Join(p.Language, "+"), p.Disposition, p.DispositionParams, p.BodySize, p.Lines)
	want := "text/x-note [{charset UTF-8} {format flowed}] quoted-printable <a@b> =?utf-8?Q?Une_note?= Q2hlY2s= http://example.org/a " +
		"fr+en inline [{filename compte rendu.txt}] 9 1"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAnEmbeddedMessageHasItsEnvelope(t *testing.T) {
	t.Parallel()
	message := crlf("Subject: dehors\nContent-Type: message/rfc822\n\nSubject: dedans\nFrom: Paul <paul@example.org>\nTo: a@b\n\nBonjour\n")
	f := parse(t, message)
	if f.Envelope.Subject != "dehors" || f.Root.Envelope.Subject != "dedans" || addressText(f.Root.Envelope.From) != "Paul <paul@example.org>" {
		t.Errorf("envelopes %+v and %+v", f.Envelope, f.Root.Envelope)
	}
	if !strings.Contains(f.Text, "Bonjour") || !strings.Contains(f.Text, "dedans") || !strings.Contains(f.Text, "paul@example.org") {
		t.Errorf("text %q", f.Text)
	}
}

func TestWhatCountsAsAnAttachment(t *testing.T) {
	t.Parallel()
	part := func(header string) string { return "--b\n" + header + "\n\nx\n" }
	for _, c := range []struct {
		name, kind, parts string
		want              bool
	}{
		{"two texts", "alternative", part("Content-Type: text/plain") + part("Content-Type: text/html"), false},
		{"a picture shown in the text", "related", part("Content-Type: text/html") + part("Content-Type: image/png\nContent-ID: <i>"), false},
		{"a picture beside the text", "mixed", part("Content-Type: text/plain") + part("Content-Type: image/png"), true},
		{"a text with a name", "mixed", part("Content-Type: text/plain") + part("Content-Type: text/csv; name=notes.csv"), true},
		{"a forwarded message", "mixed", part("Content-Type: text/plain") + part("Content-Type: message/rfc822"), true},
		{"a bounce", "report", part("Content-Type: text/plain") + part("Content-Type: message/delivery-status") + part("Content-Type: message/rfc822"), false},
		{"a signature", "signed", part("Content-Type: text/plain") + part("Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Disposition: attachment"), false},
		{"disposition alone", "mixed", part("Content-Disposition: attachment"), true},
	} {
		f := parse(t, crlf("Content-Type: multipart/"+c.kind+"; boundary=b\n\n"+c.parts+"--b--\n"))
		if f.HasAttachment != c.want {
			t.Errorf("%s: %v", c.name, f.HasAttachment)
		}
	}
}
