package mail

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzParse(f *testing.F) {
	for _, m := range [][]byte{[]byte(rawHeader), []byte(strings.Join(fragments, "")), []byte("Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n\r\n--b--"), nil} {
		f.Add(m, uint8(13))
	}
	f.Fuzz(func(t *testing.T, message []byte, cut uint8) {
		facts := ParseBytes(message, Limits{})
		if err := checkFacts(message, facts, DefaultLimits()); err != nil {
			t.Fatal(err)
		}
		if err := sameInPieces(message, facts, func() int { return int(cut) + 1 }); err != nil {
			t.Fatal(err)
		}
		small := Limits{Depth: 2, Parts: 3, HeaderField: 20, HeaderTotal: 50, Fields: 4, Addresses: 3, TextInput: 40, Text: 30}
		if err := checkFacts(message, ParseBytes(message, small), small); err != nil {
			t.Fatalf("with small limits: %v", err)
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte(rawHeader), "subject")
	f.Add([]byte("a:\n\n"), "")
	f.Fuzz(func(t *testing.T, raw []byte, name string) {
		header, body := SplitHeader(raw)
		if len(header)+len(body) != len(raw) {
			t.Fatal("bytes were lost")
		}
		at := 0
		for field := range HeaderFields(raw) {
			if field.Offset != at || field.Size <= 0 || len(field.Value) > field.Size {
				t.Fatalf("field %+v at %d", field, at)
			}
			at += field.Size
			if !utf8.ValidString(field.Text()) {
				t.Fatalf("%q is not UTF-8", field.Text())
			}
		}
		if at != len(header) && emptyLine(header[at:]) != len(header)-at {
			t.Fatalf("fields end at %d of %q", at, header)
		}
		some, others := FilterHeader(raw, []string{name}, false), FilterHeader(raw, []string{name}, true)
		if !bytes.HasSuffix(some, []byte("\r\n")) || len(some)+len(others) < at+4 {
			t.Fatalf("%q and %q of %q", some, others, header)
		}
	})
}

func FuzzAddresses(f *testing.F) {
	f.Add(`A: "b" <c@d>, e (f) @ g;, <@h:i@j>, =?utf-8?Q?=C3=A9?= <k@[IPv6:::1]>`)
	f.Fuzz(func(t *testing.T, raw string) {
		list := ParseAddressList(raw)
		if err := checkEnvelope(&Envelope{To: list}); err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			if !utf8.ValidString(a.DisplayName()) {
				t.Fatalf("%q is not UTF-8", a.DisplayName())
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add("=?utf-8?Q?=C3?= =?utf-8*fr?B?qXVuaW9u?=", "iso-2022-jp'ja'%1b$B")
	f.Add("=?utf-7?Q?+2DzfiQ-?=", "attachment; filename*1=b; filename*0*=utf-8''%C3")
	f.Fuzz(func(t *testing.T, word, params string) {
		decoded := DecodeHeader(word)
		if !utf8.ValidString(decoded) || strings.ContainsAny(decoded, "\r\n\x00") {
			t.Fatalf("%q", decoded)
		}
		if folded := Fold(decoded); Fold(folded) != folded {
			t.Fatalf("%q folds to %q and then to %q", decoded, folded, Fold(folded))
		}
		if base := baseSubject(decoded); baseSubject(base) != base {
			t.Fatalf("%q has the base %q with the base %q", decoded, base, baseSubject(base))
		}
		_, list := parseParams(params)
		for _, p := range list {
			if text := paramText(list, strings.TrimSuffix(p.Name, "*")); !utf8.ValidString(text) {
				t.Fatalf("%q", text)
			}
		}
		ParseDate(word)
	})
}

// FuzzTransfer: a stream must decode to the same bytes as the whole, whatever the encoding.
func FuzzTransfer(f *testing.F) {
	f.Add("a=C3=A9= \r\n b  \r\n=", uint8(1))
	f.Add("UsOp\r\ndW5=pb24", uint8(0))
	f.Add("begin 644 a\n'4L.I=6YI;P``\n`\nend\n", uint8(2))
	long := strings.Repeat("a=C3 =  \r\n  \t\r\n= ", 20)
	f.Add(long, uint8(1))
	f.Add(strings.Repeat("UsOp\r\n=", 20), uint8(0))
	f.Add("begin 644 a\n"+strings.Repeat("$PZG#J0``\n", 20), uint8(2))
	f.Fuzz(func(t *testing.T, body string, kind uint8) {
		encoding := []string{"base64", "quoted-printable", "x-uuencode"}[kind%3]
		message := "Content-Type: application/x\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body
		p := ParseBytes([]byte(message), Limits{}).Root
		var whole, pieces bytes.Buffer
		if _, err := whole.ReadFrom(OpenPart(strings.NewReader(message), p)); err != nil {
			t.Fatal(err)
		}
		if _, err := pieces.ReadFrom(OpenPart(smallReads{strings.NewReader(message)}, p)); err != nil {
			t.Fatal(err)
		}
		once := make([]byte, len(body)+8)
		n, _, _ := p.decoderFor([]byte(body)).Transform(once, []byte(body), true)
		if !bytes.Equal(whole.Bytes(), pieces.Bytes()) || !bytes.Equal(whole.Bytes(), once[:n]) {
			t.Fatalf("%q, %q and %q", whole.Bytes(), pieces.Bytes(), once[:n])
		}
	})
}

func FuzzHTML(f *testing.F) {
	f.Add(`<p a="b>">c</p><style>d</style><!-- e --><blockquote>f</blockquote>&eacute;`)
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		for _, text := range []string{htmlText(s), previewOf(&Part{Type: "text", Subtype: "html"}, s), previewOf(&Part{Type: "text", Subtype: "plain"}, s)} {
			if !utf8.ValidString(text) {
				t.Fatalf("%q", text)
			}
		}
	})
}

func FuzzFacts(f *testing.F) {
	blob, _ := ParseBytes(alternativeMail(), Limits{}).MarshalBinary()
	f.Add(blob)
	f.Fuzz(func(t *testing.T, blob []byte) {
		facts, err := UnmarshalFacts(blob)
		if err != nil {
			return
		}
		if _, err := facts.MarshalBinary(); err != nil {
			t.Fatal(err)
		}
	})
}

// smallReads gives three bytes at a time, and cannot seek.
type smallReads struct{ r *strings.Reader }

func (s smallReads) Read(p []byte) (int, error) { return s.r.Read(p[:min(3, len(p))]) }
