package mailing

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"navette/internal/mail"
)

// looked reads a message as Arrived does.
func looked(tb testing.TB, reversePath, octets string) (came, string) {
	tb.Helper()
	s := mail.NewScanner(mail.DefaultLimits())
	io.WriteString(s, octets) //nolint:errcheck // a scanner takes anything
	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(octets)), nil }
	header, err := headerOf(open)
	if err != nil {
		tb.Fatal(err)
	}
	c, status, err := read(reversePath, s.Finish(), header, open)
	if err != nil {
		tb.Fatal(err)
	}
	return c, status
}

// report is a report of non-delivery as servers write them (RFC 3464).
func report(fields string) string {
	return "From: MAILER-DAEMON@orange.example\r\nSubject: Undelivered\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" + fields + "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nAction: failed\r\n--b--\r\n"
}

func TestWhatComesBackIsToldApart(t *testing.T) {
	t.Parallel()
	const head = "From: un@orange.example\r\nSubject: Re: R\xc3\xa9union\r\n"
	for _, c := range []struct {
		name, path, octets string
		want               came
		status             string
	}{
		{"a failure", "", report("Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; lea.mere@orange.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"), bounced, "5.1.1"},
		{"a failure in capitals, with comments", "", report("\r\nACTION: Failed (permanent)\r\nstatus: 5.2.2 (full)\r\n"), bounced, "5.2.2"},
		{"a failure of one of two", "", report("x: y\r\n\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\nAction: failed\r\nStatus: 5.7.1\r\n"), bounced, "5.7.1"},
		{"a failure after days", "", report("x: y\r\n\r\nAction: failed\r\nStatus: 4.4.7\r\n"), bounced, "4.4.7"},
		{"a failure with words for a code", "", report("x: y\r\n\r\nAction: failed\r\nStatus: lea.mere@orange.example\r\n"), bounced, ""},
		{"a failure in UTF-8", "", strings.ReplaceAll(report("x: y\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"), "message/delivery-status", "message/global-delivery-status"), bounced, "5.1.1"},
		{"a delay", "", report("x: y\r\n\r\nAction: delayed\r\nStatus: 4.4.1\r\n"), delayed, ""},
		{"a success", "", report("x: y\r\n\r\nAction: delivered\r\nStatus: 2.0.0\r\n"), delayed, ""},
		{"a report without a status", "", strings.ReplaceAll(report(""), "message/delivery-status", "message/disposition-notification"), automatic, ""},
		{"a vacation reply (RFC 3834)", "", head + "Auto-Submitted: auto-replied\r\n\r\nAbsente.\r\n", automatic, ""},
		{"one from a real reverse-path", "un@orange.example", head + "Auto-Submitted: auto-generated; x\r\n\r\nAbsente.\r\n", automatic, ""},
		{"one of Exchange", "un@orange.example", head + "X-Auto-Response-Suppress: All\r\n\r\nAbsente.\r\n", automatic, ""},
		{"one of another age", "un@orange.example", head + "Precedence: bulk\r\n\r\nAbsente.\r\n", automatic, ""},
		{"an old server's failure", "", "From: <>\r\nSubject: failure notice\r\n\r\nHi. This is qmail.\r\n", bounced, ""},
		{"a French one", "postmaster@orange.example", "From: <>\r\nSubject: =?utf-8?q?=C3=89chec_de_la_remise?=\r\n\r\n.\r\n", bounced, ""},
		{"a server that says nothing", "", "From: <>\r\nSubject: ...\r\n\r\n.\r\n", automatic, ""},
		{"a person", "un@orange.example", head + "Auto-Submitted: no\r\n\r\nMerci.\r\n", fromSomebody, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, status := looked(t, c.path, c.octets); got != c.want || status != c.status {
				t.Errorf("read as %d %q, want %d %q", got, status, c.want, c.status)
			}
		})
	}
}

// Whatever comes back, nothing of its words is kept: a status is digits and dots.
func FuzzWhatComesBack(f *testing.F) {
	f.Add("", report("x: y\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"))
	f.Add("un@orange.example", "Auto-Submitted: auto-replied\r\n\r\n")
	f.Add("", report(strings.Repeat("Action: failed\r\n\r\n", 100)))
	f.Fuzz(func(t *testing.T, path, octets string) {
		c, status := looked(t, path, octets)
		if c != bounced && status != "" || len(status) > len("5.999.999") || strings.Trim(status, "0123456789.") != "" {
			t.Errorf("read as %d %q", c, status)
		}
	})
}

// A status is read to its budget, and no further.
func TestALongStatusIsCut(t *testing.T) {
	t.Parallel()
	long := report("x: y\r\n\r\n" + strings.Repeat("Diagnostic-Code: smtp; sorry\r\n", statusMax/20) + "Action: failed\r\nStatus: 5.1.1\r\n")
	if c, status := looked(t, "", long); c != delayed || status != "" {
		t.Errorf("read as %d %q", c, status)
	}
	if !bytes.Contains([]byte(long), []byte("Action: failed")) {
		t.Error("the test proves nothing")
	}
}
