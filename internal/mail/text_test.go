package mail

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestPreview(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, kind, body, want string }{
		{"greeting alone is left out", "plain", "Bonjour Madame Martin,\n\nLe conseil est reporté.\nBien à vous", "Le conseil est reporté. Bien à vous"},
		{"greeting with its sentence stays", "plain", "Bonjour, le conseil est reporté.", "Bonjour, le conseil est reporté."},
		{"only a greeting", "plain", "Bonjour,\n", "Bonjour,"},
		{"quotes are left out", "plain", "> Peux-tu venir ?\nOui.\n> merci", "Oui."},
		{"only quotes", "plain", "> Peux-tu venir ?", "Peux-tu venir ?"},
		{"French attribution", "plain", "Oui.\n\nLe 12/11/2024 à 08:41, Claire Martin a écrit\u00a0:\n> Peux-tu venir ?", "Oui."},
		{"wrapped attribution", "plain", "Oui.\n\nLe mar. 12 nov. 2024 à 08:41, Claire Martin <claire@ac-paris.example>\na écrit :\n\n> Peux-tu ?", "Oui."},
		{"signature", "plain", "Oui.\n-- \nPaul Durand\nCollège", "Oui."},
		{"Outlook's mark", "plain", "Oui.\n\n-----Message d'origine-----\nDe : Claire", "Oui."},
		{"spaces", "plain", "  un\t deux\n\n\n trois ", "un deux trois"},
		{"invisible characters", "plain", "Lettre\u200b \u034f\u00ad\u200c \ufeff\u00a0de novembre", "Lettre de novembre"},
		{"long", "plain", strings.Repeat("é", 400), strings.Repeat("é", 256)},
		{"HTML", "html", "<html><head><title>x</title><style>p{}</style></head><body><p>Bonjour,</p><p>Le&nbsp;conseil <b>est</b> report&eacute;&#46;</p></body>", "Le conseil est reporté."},
		{"HTML quotes", "html", "<p>Oui.</p><blockquote>Peux-tu <blockquote>a</blockquote> venir ?</blockquote><p>Paul</p>", "Oui. Paul"},
		{"Gmail's quote", "html", `<div>Oui.</div><div class="gmail_quote">Le 12 nov. Claire a écrit :<div>Peux-tu ?</div></div>`, "Oui."},
		{"empty", "plain", "\n\n", ""},
	} {
		f := parse(t, crlf("Content-Type: text/"+c.kind+"; charset=utf-8\n\n"+c.body))
		if f.Preview != c.want {
			t.Errorf("%s: %q, want %q", c.name, f.Preview, c.want)
		}
	}
}

func TestPreviewIsOfTheFirstTextThatTellsSomething(t *testing.T) {
	t.Parallel()
	part := func(header, body string) string { return "--b\n" + header + "\n\n" + body + "\n" }
	for _, c := range []struct{ name, parts, want string }{
		{"empty text, then HTML", part("Content-Type: text/plain", "") + part("Content-Type: text/html", "<p>Oui</p>"), "Oui"},
		{"attached text does not count", part("Content-Disposition: attachment", "non") + part("Content-Type: text/plain", "Oui"), "Oui"},
		{"a calendar does not count", part("Content-Type: text/calendar", "BEGIN:VCALENDAR") + part("Content-Type: text/plain", "Oui"), "Oui"},
	} {
		f := parse(t, crlf("Content-Type: multipart/mixed; boundary=b\n\n"+c.parts+"--b--\n"))
		if f.Preview != c.want {
			t.Errorf("%s: %q, want %q", c.name, f.Preview, c.want)
		}
	}
}

func TestHTMLText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, html, want string }{
		{"blocks", "<p>un</p><p>deux<br>trois</p>", "un\ndeux\ntrois\n"},
		{"inline", "un<b>deux</b> <i>trois</i>", "undeux trois"},
		{"runs of spaces", "un \r\n\t deux&nbsp;&nbsp;trois", "un deux trois"},
		{"cells", "<table><tr><td>a<td>b</tr><tr><td>c</table>", "a b\nc\n"},
		{"script, style, comment", "a<SCRIPT>if (a</b) x</SCRIPT >b<style>p{}</style>c<!-- <p>d -->e", "abce"},
		{"entities", "&lt;&eacute;&#233;&#xe9;&amp;lt;&nope;", "<ééé&lt;&nope;"},
		{"less than", "1 < 2 && 3 <4", "1 < 2 && 3 <4"},
		{"attribute with a bracket", `<a title="a > b" href='x>y'>z</a>`, "z"},
		{"stray quote in a tag", `<a b">z</a>`, "z"},
		{"never closed", "a<p", "a\n"},
		{"comment never closed", "a<!-- b", "a"},
		{"doctype and processing", "<!DOCTYPE html><?xml?>a</>b", "ab"},
	} {
		if got := htmlText(c.html); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTextIsDecoded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, header, body, want string }{
		{"quoted-printable", "text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable", "r=C3=A9union de =  \nrentr=c3=a9e  \n100=25 =ZZ a=", "réunion de rentrée\n100% =ZZ a\n"},
		{"base64", "text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", "UsOp\ndW5p!b24=", "Réunion\n"},
		{"base64 padded in the middle", "text/plain\nContent-Transfer-Encoding: base64", "QQ==\nQg==", "AB\n"},
		{"base64 that is none", "text/plain\nContent-Transfer-Encoding: base64", "bonjour madame", "bonjour madame\n"},
		{"uuencode", "text/plain\nContent-Transfer-Encoding: x-uuencode", "begin 644 a\n'4L.I=6YI;P``\n`\nend\n", "Réunio\n"},
		{"Latin-1", "text/plain; charset=iso-8859-1", "r\xe9union", "réunion\n"},
		{"Windows-1252 called Latin-1", "text/plain; charset=iso-8859-1", "\x80 \x93a\x94", "€ “a”\n"},
		{"no charset, UTF-8", "text/plain", "réunion", "réunion\n"},
		{"no charset, Latin", "text/plain", "r\xe9union", "réunion\n"},
		{"UTF-8 that lies", "text/plain; charset=utf-8", "r\xe9union été", "réunion été\n"},
		{"ISO-2022-JP", "text/plain; charset=iso-2022-jp", "\x1b$B$^$_\x1b(B", "まみ\n"},
		{"UTF-7", "text/plain; charset=utf-7", "r+AOk-union +2DzfiQ +-", "réunion 🎉 +\n"},
		{"UTF-16", "text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64", "cgDpAA==", "ré\n"},
		{"meta", "text/html", `<meta http-equiv=x content="text/html; charset=windows-1251"><p>` + "\xcf\xf0", "Пр\n"},
		{"unknown charset", "text/plain; charset=klingon", "été", "été\n"},
		{"NUL", "text/plain", "a\x00b", "a\x00b\n"},
		{"lone CR", "text/plain", "a\rb", "a\nb\n"},
	} {
		message := []byte(strings.ReplaceAll("Content-Type: "+c.header+"\n\n"+c.body, "\n", "\r\n"))
		f := parse(t, message)
		if f.Text != c.want {
			t.Errorf("%s: text %q, want %q", c.name, f.Text, c.want)
		}
		if strings.HasPrefix(c.header, "text/html") {
			continue
		}
		// the same through the readers, from a stream that cannot seek and gives little at a time
		r := DecodeText(f.Root, iotest.OneByteReader(OpenPart(iotest.HalfReader(onlyReader{bytes.NewReader(message)}), f.Root)))
		streamed, err := io.ReadAll(r)
		if got := strings.TrimRight(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(streamed)), "\n") + "\n"; err != nil || got != c.want {
			t.Errorf("%s: streamed %q, want %q, %v", c.name, got, c.want, err)
		}
	}
}

// TestLongTextIsDecodedInSmallReads: a character, an escape or a line that a read cuts must come out whole.
func TestLongTextIsDecodedInSmallReads(t *testing.T) {
	t.Parallel()
	long := func(s string) string { return strings.Repeat(s, 1000) }
	for _, c := range []struct{ header, body, want string }{
		{"charset=utf-8", long("é🎉"), long("é🎉")},
		{"charset=shift_jis", long("\x82\xa0"), long("あ")},
		{"charset=utf-7", long("+2DzfiQ-"), long("🎉")},
		{"charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable", long("=C3=A9 \t\r\n= \r\n a "), long("é\r\n a ")[:len(long("é\r\n a "))-1]},
		{"charset=utf-8\r\nContent-Transfer-Encoding: base64", long("w6nD\r\nqQ==\r\n"), long("éé")},
		{"charset=utf-8\r\nContent-Transfer-Encoding: x-uuencode", "begin 644 a\r\n" + long("$PZG#J0``\r\n") + "end\r\nafter", long("éé")},
	} {
		message := "Content-Type: text/plain; " + c.header + "\r\n\r\n" + c.body
		f := parse(t, []byte(message))
		part := OpenPart(smallReads{strings.NewReader(message)}, f.Root)
		got, err := io.ReadAll(DecodeText(f.Root, part))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %d bytes, want %d, %v: %.60q", c.header, len(got), len(c.want), err, got)
		}
		if text := strings.TrimSuffix(f.Text, "\n"); text != strings.ReplaceAll(c.want, "\r\n", "\n") {
			t.Errorf("%s: text of %d bytes", c.header, len(text))
		}
	}
}

// onlyReader hides that its reader can seek.
type onlyReader struct{ io.Reader }

func TestTextHoldsAllTextsAndFileNames(t *testing.T) {
	t.Parallel()
	f := parse(t, crlf("Content-Type: multipart/mixed; boundary=b\n\nno text\n--b\n\nun\n\n--b\nContent-Type: text/html\n\n<p>deux</p>\n--b\nContent-Type: text/csv\n"+
		"Content-Disposition: attachment; filename=notes.csv\n\ntrois\n--b\nContent-Type: image/png; name=\"=?utf-8?Q?=C3=A9t=C3=A9=2Epng?=\"\n\nquatre\n--b\n"+
		"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; paul@example.org\n--b--\nepilogue\n"))
	if want := "un\ndeux\nnotes.csv\ntrois\nété.png\nFinal-Recipient: rfc822; paul@example.org\n"; f.Text != want || !f.TextComplete {
		t.Errorf("%q, want %q", f.Text, want)
	}
}

func TestOpenPartDecodesAttachments(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("\x00\xff%PDF\r\n"), 5000)
	message := []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64Lines(content) + "--b--\r\n")
	f := parse(t, message)
	for name, r := range map[string]io.Reader{"seeking": bytes.NewReader(message), "streaming": onlyReader{bytes.NewReader(message)}} {
		got, err := io.ReadAll(OpenPart(r, f.Root.Children[0]))
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes, want %d, %v", name, len(got), len(content), err)
		}
	}
	raw, err := io.ReadAll(OpenRaw(onlyReader{bytes.NewReader(message)}, f.Root.BodyOffset, f.Root.BodySize))
	if err != nil || string(raw) != bodyOf(message, f.Root) {
		t.Errorf("raw: %d bytes, %v", len(raw), err)
	}
}
