package aaf_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"navette/internal/aaf"
)

// file is a file of an export with those requests.
func file(requests ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">` + "\n<ficAlimMENESR>\n" +
		strings.Join(requests, "\n") + "\n</ficAlimMENESR>\n"
}

// add is an addRequest for that key. Attributes are a name, then " = ", then their values with " | " between; people get a
// name where they have none.
func add(key string, attributes ...string) string {
	if !strings.Contains(strings.Join(attributes, "\n"), "sn = ") {
		attributes = append(attributes, "sn = MARTIN")
	}
	return "<addRequest>" + operational + "<identifier><id>" + key + "</id></identifier><attributes>" +
		elements("attr", "", attributes) + "</attributes></addRequest>"
}

// modify is a modifyRequest for that key, in the same words.
func modify(key string, attributes ...string) string {
	return "<modifyRequest>" + operational + "<identifier><id>" + key + "</id></identifier><modifications>" +
		elements("modification", ` operation="replace"`, attributes) + "</modifications></modifyRequest>"
}

const operational = `<operationalAttributes><attr name="categoriePersonne"><value></value></attr></operationalAttributes>`

func elements(element, more string, attributes []string) string {
	var b strings.Builder
	for _, a := range attributes {
		name, values, _ := strings.Cut(a, " = ")
		b.WriteString("<" + element + ` name="` + name + `"` + more + ">")
		for v := range strings.SplitSeq(values, " | ") {
			b.WriteString("<value>" + v + "</value>")
		}
		b.WriteString("</" + element + ">")
	}
	return b.String()
}

// outcome is what reading a file gave.
type outcome struct {
	records []*aaf.Record
	bad     []*aaf.RecordError
	failed  *aaf.FileError // nil where the file is whole
}

// readFile reads a file to its end.
func readFile(t testing.TB, octets string, c aaf.Category, lim aaf.Limits) outcome {
	t.Helper()
	return drain(t, aaf.NewReader(strings.NewReader(octets), "file.xml", c, lim))
}

// drain gives all that a reader gives. It fails on an error that is none of the two kinds.
func drain(t testing.TB, r *aaf.Reader) outcome {
	t.Helper()
	var o outcome
	for {
		rec, err := r.Next()
		var bad *aaf.RecordError
		switch {
		case err == nil:
			o.records = append(o.records, rec)
		case errors.Is(err, io.EOF):
			return o
		case errors.As(err, &bad):
			o.bad = append(o.bad, bad)
		case errors.As(err, &o.failed):
			if _, again := r.Next(); again != err { //nolint:errorlint // the same one, not one like it
				t.Errorf("after %v it says %v", err, again)
			}
			return o
		default:
			t.Fatal(err)
		}
	}
}

// one gives the only record of a file that has no fault.
func one(t testing.TB, octets string, c aaf.Category) *aaf.Record {
	t.Helper()
	o := readFile(t, octets, c, aaf.Limits{})
	if o.failed != nil || len(o.bad) > 0 || len(o.records) != 1 {
		t.Fatalf("%d records, bad %v, file %v", len(o.records), o.bad, o.failed)
	}
	return o.records[0]
}
