package aaf_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"navette/internal/aaf"
)

// FuzzReader holds of any octets that reading ends, that records are in order and hold text, that errors hold none of
// the values, that octets in pieces of seven say the same, and that what is a well-formed export to encoding/xml is whole
// to the reader and has no more requests than it says.
func FuzzReader(f *testing.F) {
	names, err := filepath.Glob("testdata/sample/*.xml")
	if err != nil || len(names) == 0 {
		f.Fatal("no sample", err)
	}
	for _, name := range names {
		octets, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(octets, uint8(4))
	}
	for _, s := range []string{
		file(add("1", "ENTElevePersRelEleve = 1$2$3$4$5$6 | a$b")), file(add("1", "ENTPersonClasses = 1$2$3$4$5")), file(modify("1", "sn = ")),
		file(add("1", "sn = A&eacute;&#233;<![CDATA[<]]><!-- -->B")), file("<addRequest><addRequest/>", "</addRequest>", "x"),
		"\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-15'?><!DOCTYPE x SYSTEM '>'><ficAlimMENESR a='>'></ficAlimMENESR >", "<ficAlimMENESR/><!-- -->",
		file("<deleteRequest><identifier><id>\xe9</id></identifier></deleteRequest>"), file("<?pi <addRequest> ?>"), file("<!-- </ficAlimMENESR> -->"),
	} {
		for c := aaf.EtabEducNat; c <= aaf.PersEducNat; c++ {
			f.Add([]byte(s), uint8(c))
		}
	}
	lim := aaf.Limits{Record: 4096, Attributes: 20, Values: 20, Text: 200}
	f.Fuzz(func(t *testing.T, octets []byte, category uint8) {
		c := aaf.Category(category%6 + 1)
		o := readFile(t, string(octets), c, lim)
		checkOutcome(t, o)
		pieces := drain(t, aaf.NewReader(&inPieces{bytes.NewReader(octets)}, "file.xml", c, lim))
		same(t, "records in pieces", pieces.records, o.records)
		same(t, "refusals in pieces", pieces.bad, o.bad)
		same(t, "end in pieces", fmt.Sprint(pieces.failed), fmt.Sprint(o.failed))
		if requests, ok := wellFormed(octets); ok && len(octets) < lim.Record {
			if o.failed != nil {
				t.Errorf("encoding/xml reads it, and it fails: %v", o.failed)
			}
			if n := len(o.records); n > requests {
				t.Errorf("%d records of %d requests", n, requests)
			}
		}
	})
}

// checkOutcome holds what is true of any file.
func checkOutcome(t *testing.T, o outcome) {
	t.Helper()
	line := 0
	for _, r := range o.records {
		if r.Line < line || r.Key == "" {
			t.Errorf("a record without key, or before another: %+v", r)
		}
		line = r.Line
		for _, d := range r.Doubts {
			if strings.Contains(d, "@") || !utf8.ValidString(d) {
				t.Errorf("a doubt tells %q", d)
			}
		}
		if g := r.Guardian; g != nil && (!utf8.ValidString(g.UsageName+g.Forename+g.Mail) || strings.ContainsAny(g.UsageName+g.Forename+g.Mail, "\x00\r\n")) {
			t.Errorf("guardian %+v", g)
		}
	}
	for _, b := range o.bad {
		if strings.Contains(b.Error(), "@") || !utf8.ValidString(b.Error()) {
			t.Errorf("a refusal tells %q", b)
		}
	}
}

// inPieces gives seven octets at a time.
type inPieces struct{ r io.Reader }

func (p *inPieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(7, len(b))]) }

// wellFormed asks encoding/xml, in strict mode, whether the octets are one ficAlimMENESR element of requests, in UTF-8 and
// without entities of its own; and how many requests they are.
func wellFormed(octets []byte) (requests int, ok bool) {
	if bytes.Contains(octets, []byte("<!")) || bytes.Contains(octets, []byte("<?")) || !utf8.Valid(octets) {
		return 0, false // comments, CDATA and prologs have tests of their own; encoding/xml is lenient about some
	}
	d := xml.NewDecoder(bytes.NewReader(octets))
	depth, roots := 0, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return requests, depth == 0 && roots == 1
		}
		if err != nil {
			return 0, false
		}
		switch e := token.(type) {
		case xml.StartElement:
			known := e.Name.Local == "ficAlimMENESR" && depth == 0 || depth > 0
			if depth == 0 {
				roots++
			}
			if depth == 1 {
				requests++
			}
			if !known || e.Name.Space != "" || depth > 1 && strings.HasSuffix(e.Name.Local, "Request") {
				return 0, false
			}
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(e)) > 0 {
				return 0, false
			}
		}
	}
}

// FuzzArchive holds of any octets that opening them as an archive ends, within its limits, and that what opens can be read.
func FuzzArchive(f *testing.F) {
	good := member{name: "ENT_X_Complet_20260901_Eleve_0000.xml", octets: file(add("1"))}
	for _, members := range [][]member{{}, {good}, {good, good}, {good, {name: "../x"}}, {{name: "l", octets: "x", kind: tar.TypeSymlink}, good}} {
		f.Add(zipped(f, members...))
		f.Add(tarred(f, members...))
		f.Add(gzipped(tarred(f, members...)))
	}
	lim := aaf.Limits{File: 1 << 20, Total: 2 << 20, Entries: 20}
	f.Fuzz(func(t *testing.T, octets []byte) {
		for _, open := range []func([]byte, aaf.Limits) (*aaf.Container, error){openZip, openTar} {
			c, err := open(octets, lim)
			if err != nil {
				continue
			}
			exports, err := aaf.Open(context.Background(), c)
			if err != nil {
				continue
			}
			for _, x := range exports {
				n := int64(0)
				for _, err := range x.Records(context.Background()) {
					if n++; n > 10*lim.Total {
						t.Fatal("it does not end", err)
					}
				}
			}
		}
	})
}
