package imap

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"navette/internal/mail"
)

// written returns what f writes.
func written(t *testing.T, f func(w *Writer)) string {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(bufio.NewWriter(&b))
	f(w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriterWritesResponses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want string
		f    func(w *Writer)
	}{
		{"A1 OK done\r\n", func(w *Writer) { w.Status("A1", OK, "", "done") }},
		{"* NO [OVERQUOTA] full\r\n", func(w *Writer) { w.Status(Untagged, NO, CodeOverQuota, "full") }},
		{"+ \r\n", func(w *Writer) { w.Continue("") }},
		{"* CAPABILITY IMAP4rev1 IDLE\r\n", func(w *Writer) { w.Capability([]string{"IMAP4rev1", "IDLE"}) }},
		{"* ENABLED\r\n", func(w *Writer) { w.Enabled(nil) }},
		{"* 3 EXISTS\r\n* 0 RECENT\r\n* 2 EXPUNGE\r\n", func(w *Writer) { w.Exists(3); w.Recent(0); w.Expunged(2) }},
		{"* VANISHED 3:4,9\r\n* VANISHED (EARLIER) 7\r\n", func(w *Writer) { w.Vanished(false, NumSet{{3, 4}, {9, 9}}); w.Vanished(true, NumSet{{7, 7}}) }},
		{"", func(w *Writer) { w.Vanished(true, nil) }},
		{"* FLAGS (\\Seen x)\r\n", func(w *Writer) { w.Flags([]string{`\Seen`, "x"}) }},
		{"* OK [PERMANENTFLAGS (\\Seen \\*)] kept\r\n", func(w *Writer) { w.PermanentFlags([]string{`\Seen`, `\*`}, "kept") }},
		{"* ID (\"name\" \"Navette\")\r\n", func(w *Writer) { w.ID("name", "Navette") }},
		{"* LIST (\\HasNoChildren \\Sent) \"/\" \"&AMk-l&AOk-ments\"\r\n",
			func(w *Writer) {
				w.List(ListEntry{Attributes: []string{`\HasNoChildren`, `\Sent`}, Name: "Éléments"})
			}},
		{"* LIST () \"/\" \"a\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n", func(w *Writer) { w.List(ListEntry{Name: "a", ChildInfo: true}) }},
		{"* LSUB () \"/\" \"a\\\"b\"\r\n", func(w *Writer) { w.Lsub(ListEntry{Name: `a"b`}) }},
		{"* LIST (\\Noselect) \"/\" \"\"\r\n", func(w *Writer) { w.ListRoot() }},
		{"* STATUS \"x\" (MESSAGES 3 MAILBOXID (M1))\r\n", func(w *Writer) {
			w.MailboxStatus("x", []StatusValue{{Item: StatusMessages, Number: 3}, {Item: StatusMailboxID, Text: "(M1)"}})
		}},
		{"* NAMESPACE ((\"\" \"/\")) NIL ((\"Bo&AO4-tes/\" \"/\"))\r\n", func(w *Writer) { w.Namespace("Boîtes/") }},
		{"* ACL \"a\" \"marie\" \"lr\" \"paul \\\"x\" \"\"\r\n", func(w *Writer) { w.ACL("a", []ACLEntry{{"marie", "lr"}, {`paul "x`, ""}}) }},
		{"* LISTRIGHTS \"&AOk-\" \"marie\" \"\" \"lr\" \"sw\"\r\n", func(w *Writer) { w.ListRights("é", "marie", "", "lr", "sw") }},
		{"* MYRIGHTS \"a\" \"lr\"\r\n", func(w *Writer) { w.MyRights("a", "lr") }},
		{"* QUOTAROOT \"INBOX\" \"\"\r\n", func(w *Writer) { w.QuotaRoot("INBOX", "") }},
		{"* QUOTA \"\" (STORAGE 10 512)\r\n", func(w *Writer) { w.StorageQuota("", 10, 512) }},
		{"* QUOTA \"&AOk-\" ()\r\n", func(w *Writer) { w.StorageQuota("é", 10, 0) }},
		{"* SEARCH 1 2 5\r\n", func(w *Writer) { w.SearchResult(NumSet{{1, 2}, {5, 5}}, 0) }},
		{"* SEARCH 7 (MODSEQ 90)\r\n", func(w *Writer) { w.SearchResult(NumSet{{7, 7}}, 90) }},
		{"* SEARCH\r\n", func(w *Writer) { w.SearchResult(nil, 90) }},
		{"* ESEARCH (TAG \"A1\") UID MIN 2 MAX 9 ALL 2:4,9 COUNT 4 MODSEQ 7\r\n", func(w *Writer) {
			w.ExtendedSearch(ExtendedResult{"A1", true, NumSet{{2, 4}, {9, 9}}, SearchReturn{true, true, true, true}, 7})
		}},
		{"* ESEARCH (TAG \"A1\") COUNT 0\r\n", func(w *Writer) {
			w.ExtendedSearch(ExtendedResult{"A1", false, nil, SearchReturn{true, true, true, true}, 7})
		}},
	} {
		if got := written(t, c.f); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]Code{
		"UIDNEXT 7":                   CodeNumber("UIDNEXT", 7),
		"APPENDUID 1 4:5":             CodeAppendUID(1, NumSet{{4, 5}}),
		"COPYUID 1 2,9 4:5":           CodeCopyUID(1, NumSet{{2, 2}, {9, 9}}, NumSet{{4, 5}}),
		"MODIFIED 7,9":                CodeModified(NumSet{{7, 7}, {9, 9}}),
		"MAILBOXID (F1)":              CodeMailboxID("F1"),
		"BADCHARSET (US-ASCII UTF-8)": CodeBadCharset(),
	} {
		if string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A string is written so that it reads back, whatever is in it; NUL, which IMAP
// cannot say, is the one exception.
func TestStringsReadBack(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "plain", `a "quoted\" thing`, "two\r\nlines", "caf\xe9", "été", strings.Repeat("x", 2000), "NIL", "a\tb"} {
		d, _ := decode("A1 LOGIN " + written(t, func(w *Writer) { w.string(s) }) + " x\r\n")
		req, err := d.Next()
		if err != nil || req.Command.(Login).Username != s {
			t.Errorf("%q came back as %v, %v", s, req, err)
		}
	}
	if got := written(t, func(w *Writer) { w.string("a\x00b") }); got != "{3}\r\na?b" {
		t.Errorf("got %q", got)
	}
}

func TestFetchResponse(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 9, 1, 8, 5, 0, 0, time.FixedZone("", 7200))
	got := written(t, func(w *Writer) {
		f := w.Fetch(12)
		f.UID(34)
		f.Flags([]string{`\Seen`})
		f.InternalDate(at)
		f.Size(4000000000)
		f.ModSeq(9)
		f.EmailID("E5")
		f.ThreadID("")
		section := func(item FetchItem, body string) {
			if err := f.Section(item, int64(len(body)), strings.NewReader(body)); err != nil {
				t.Fatal(err)
			}
		}
		section(FetchItem{Section: Section{Path: []int{1, 2}, Part: PartHeaderFieldsNot, Fields: []string{"To", "a b"}},
			Partial: &Partial{10, 20}}, "To: x\r\n")
		section(FetchItem{Label: "RFC822.TEXT", Section: Section{Part: PartText}}, "")
		if err := f.Section(FetchItem{Section: Section{Path: []int{9}}}, 0, nil); err != nil {
			t.Fatal(err)
		}
		f.End()
	})
	want := "* 12 FETCH (UID 34 FLAGS (\\Seen) INTERNALDATE \"01-Sep-2026 08:05:00 +0200\" RFC822.SIZE 4000000000 MODSEQ (9) " +
		"EMAILID (E5) THREADID NIL BODY[1.2.HEADER.FIELDS.NOT (To \"a b\")]<10> {7}\r\nTo: x\r\n RFC822.TEXT \"\" BODY[9] NIL)\r\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestALiteralThatEndsEarlyIsAnError(t *testing.T) {
	t.Parallel()
	w := NewWriter(bufio.NewWriter(io.Discard))
	f := w.Fetch(1)
	if err := f.Section(FetchItem{}, 10, strings.NewReader("short")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func TestEnvelopeAndStructure(t *testing.T) {
	t.Parallel()
	marie := mail.Address{Name: "Marie", Mailbox: "marie", Host: "ac.example"}
	text := &mail.Part{Type: "text", Subtype: "plain", Params: []mail.Param{{Name: "charset", Value: "utf-8"}}, Encoding: "7bit", BodySize: 12, Lines: 2}
	env := &mail.Envelope{Date: "Tue, 1 Sep 2026 08:00:00 +0200", Subject: "Rentr\xe9e", From: []mail.Address{marie},
		ReplyTo: []mail.Address{{Mailbox: "secr", Host: ""}},
		To:      []mail.Address{{Kind: mail.GroupStart, Mailbox: "4e3"}, marie, {Kind: mail.GroupEnd}}, MessageID: "<1@x>"}
	const envelope = "(\"Tue, 1 Sep 2026 08:00:00 +0200\" {7}\r\nRentr\xe9e ((\"Marie\" NIL \"marie\" \"ac.example\"))" +
		" ((\"Marie\" NIL \"marie\" \"ac.example\")) ((NIL NIL \"secr\" \"\"))" +
		" ((NIL NIL \"4e3\" NIL)(\"Marie\" NIL \"marie\" \"ac.example\")(NIL NIL NIL NIL)) NIL NIL NIL \"<1@x>\")"
	const plain = "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"7BIT\" 12 2"
	embedded := &mail.Part{Type: "message", Subtype: "rfc822", Encoding: "7bit", BodySize: 300, Lines: 9, Envelope: env,
		Children: []*mail.Part{text}, Disposition: "attachment", DispositionParams: []mail.Param{{Name: "filename", Value: "a.eml"}}}
	pdf := &mail.Part{Type: "application", Subtype: "pdf", Encoding: "base64", BodySize: 99, ID: "<i>", Description: "d", MD5: "m",
		Language: []string{"fr", "en"}, Location: "l"}
	whole := &mail.Part{Type: "multipart", Subtype: "mixed", Params: []mail.Param{{Name: "boundary", Value: "b"}}, Language: []string{"fr"},
		Children: []*mail.Part{text, embedded, pdf}}

	for what, c := range map[string]struct {
		write func(f *FetchWriter)
		want  string
	}{
		"envelope": {func(f *FetchWriter) { f.Envelope(env) }, "ENVELOPE " + envelope},
		"body": {func(f *FetchWriter) { f.Body(whole) }, "BODY (" + plain + ")(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 300 " +
			envelope + " " + plain + ") 9)(\"APPLICATION\" \"PDF\" NIL \"<i>\" \"d\" \"BASE64\" 99) \"MIXED\")"},
		"bodystructure": {func(f *FetchWriter) { f.BodyStructure(whole) }, "BODYSTRUCTURE (" + plain + " NIL NIL NIL NIL)" +
			"(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 300 " + envelope + " " + plain + " NIL NIL NIL NIL) 9 NIL " +
			"(\"ATTACHMENT\" (\"FILENAME\" \"a.eml\")) NIL NIL)" +
			"(\"APPLICATION\" \"PDF\" NIL \"<i>\" \"d\" \"BASE64\" 99 \"m\" NIL (\"fr\" \"en\") \"l\")" +
			" \"MIXED\" (\"BOUNDARY\" \"b\") NIL \"fr\" NIL)"},
	} {
		got := written(t, func(w *Writer) { f := w.Fetch(1); c.write(&f); f.End() })
		if want := "* 1 FETCH (" + c.want + ")\r\n"; got != want {
			t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
		}
	}
}
