package imap

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// decode returns a decoder of input that counts the continuation requests.
func decode(input string) (*Decoder, *int) {
	asked := new(int)
	return NewDecoder(bufio.NewReaderSize(strings.NewReader(input), 64), DefaultLimits(), func() error {
		*asked++
		return nil
	}), asked
}

func u64(n uint64) *uint64 { return &n }

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// ignoreStream leaves out of a comparison what an Append keeps of its decoder.
var ignoreStream = cmpopts.IgnoreUnexported(Append{})

func TestDecoderReadsCommands(t *testing.T) {
	t.Parallel()
	seq := func(pairs ...uint32) NumSet {
		var s NumSet
		for i := 0; i < len(pairs); i += 2 {
			s = append(s, Range{pairs[i], pairs[i+1]})
		}
		return s
	}
	flag := func(f string) SearchKey { return SearchKey{Op: SearchFlag, Text: f} }
	for input, want := range map[string]Command{
		`CAPABILITY`: Capability{}, `nOoP`: Noop{}, `LOGOUT`: Logout{}, `STARTTLS`: StartTLS{}, `CHECK`: Check{},
		`CLOSE`: Close{}, `UNSELECT`: Unselect{}, `IDLE`: Idle{}, `NAMESPACE`: Namespace{}, `EXPUNGE`: Expunge{},
		`UID EXPUNGE 3:5`:             Expunge{UID: true, Set: seq(3, 5)},
		`LOGIN jdupont "p\"\\ w"`:     Login{"jdupont", `p"\ w`},
		"LOGIN {3}\r\na b {2+}\r\n) ": Login{"a b", ") "},
		`LOGIN x "é"`:                 Login{"x", "é"},
		`AUTHENTICATE PLAIN`:          Authenticate{Mechanism: "PLAIN"},
		`AUTHENTICATE plain =`:        Authenticate{Mechanism: "PLAIN", Initial: []byte{}},
		`AUTHENTICATE PLAIN AGEAYg==`: Authenticate{Mechanism: "PLAIN", Initial: []byte("\x00a\x00b")},
		`ENABLE CONDSTORE x-y`:        Enable{[]string{"CONDSTORE", "X-Y"}},
		`ID NIL`:                      ID{},
		`ID ("Name" "mutt" "os" NIL)`: ID{map[string]string{"name": "mutt", "os": ""}},
		`SELECT inbox`:                Select{Mailbox: "INBOX"},
		`EXAMINE "&AMk-l&AOg-ves"`:    Select{Mailbox: "Élèves", ReadOnly: true},
		`SELECT "Élèves" (CONDSTORE)`: Select{Mailbox: "Élèves", CondStore: true},
		`SELECT x (QRESYNC (7 90 1:4 (1,2 5,6)))`: Select{Mailbox: "x", QResync: &QResync{
			UIDValidity: 7, ModSeq: 90, Known: seq(1, 4), MatchSeq: seq(1, 1, 2, 2), MatchUID: seq(5, 5, 6, 6)}},
		`CREATE Archives/2026/`:           Create{Mailbox: "Archives/2026", Trailing: true},
		`CREATE A (USE (\Archive \sent))`: Create{Mailbox: "A", SpecialUse: []string{`\Archive`, `\sent`}},
		`DELETE A]B`:                      Delete{"A]B"},
		`RENAME a "b c"`:                  Rename{"a", "b c"},
		`SUBSCRIBE a`:                     Subscribe{"a"},
		`UNSUBSCRIBE a`:                   Unsubscribe{"a"},
		`LSUB "" %`:                       Lsub{"", "%"},
		`LIST "" *`:                       List{Patterns: []string{"*"}},
		`LIST (SUBSCRIBED RECURSIVEMATCH) "" (INBOX "A/%") RETURN (CHILDREN STATUS (MESSAGES SIZE))`: List{
			Extended: true, SelectSubscribed: true, SelectRecursive: true, Patterns: []string{"INBOX", "A/%"},
			ReturnChildren: true, ReturnStatus: []StatusItem{StatusMessages, StatusSize}},
		`LIST () "" "" RETURN ()`: List{Extended: true, Patterns: []string{""}},
		`LIST (SPECIAL-USE REMOTE) "" * RETURN (SPECIAL-USE SUBSCRIBED)`: List{Extended: true, SelectSpecialUse: true,
			SelectRemote: true, Patterns: []string{"*"}, ReturnSpecialUse: true, ReturnSubscribed: true},
		`STATUS x (UIDNEXT MAILBOXID UIDNEXT)`: Status{"x", []StatusItem{StatusUIDNext, StatusMailboxID}},
		`COPY 1,3:* Trash`:                     Copy{Set: seq(1, 1, 3, 0), Mailbox: "Trash"},
		`UID MOVE *:4 x`:                       Move{UID: true, Set: seq(0, 4), Mailbox: "x"},
		`STORE 1 FLAGS (\seen $Forwarded)`:     Store{Set: seq(1, 1), Action: StoreReplace, Flags: []string{`\Seen`, "$Forwarded"}},
		`UID STORE 1 (UNCHANGEDSINCE 12) +FLAGS.SILENT \Deleted x`: Store{UID: true, Set: seq(1, 1), Action: StoreAdd,
			Silent: true, Flags: []string{`\Deleted`, "x"}, UnchangedSince: u64(12)},
		`STORE 1 -FLAGS ()`: Store{Set: seq(1, 1), Action: StoreRemove, Flags: []string{}},
		`FETCH 1 FAST`:      Fetch{Set: seq(1, 1), Items: []FetchItem{{Kind: FetchFlags}, {Kind: FetchInternalDate}, {Kind: FetchSize}}},
		`UID FETCH 1:* (UID MODSEQ) (CHANGEDSINCE 5 VANISHED)`: Fetch{UID: true, Set: seq(1, 0),
			Items: []FetchItem{{Kind: FetchUID}, {Kind: FetchModSeq}}, ChangedSince: u64(5), Vanished: true},
		`FETCH 2 body.peek[1.2.header.fields (From "Reply-To")]<10.20>`: Fetch{Set: seq(2, 2), Items: []FetchItem{{
			Kind: FetchSection, Peek: true, Partial: &Partial{10, 20},
			Section: Section{Path: []int{1, 2}, Part: PartHeaderFields, Fields: []string{"From", "Reply-To"}}}}},
		`FETCH 2 (BODY[] BODY[TEXT] BODY[3.MIME] RFC822.HEADER BODY)`: Fetch{Set: seq(2, 2), Items: []FetchItem{
			{Kind: FetchSection}, {Kind: FetchSection, Section: Section{Part: PartText}},
			{Kind: FetchSection, Section: Section{Path: []int{3}, Part: PartMIME}},
			{Kind: FetchSection, Label: "RFC822.HEADER", Peek: true, Section: Section{Part: PartHeader}},
			{Kind: FetchBody}}},
		`SEARCH ALL`: Search{Key: SearchKey{Op: SearchAll}},
		`UID SEARCH RETURN () UNSEEN`: Search{UID: true, Extended: true, Return: SearchReturn{All: true},
			Key: not(flag(`\Seen`))},
		`SEARCH RETURN (MIN COUNT) CHARSET utf-8 2:4 TEXT "été"`: Search{Extended: true, Charset: "UTF-8",
			Return: SearchReturn{Min: true, Count: true}, Key: SearchKey{Op: SearchAnd, Kids: []SearchKey{
				{Op: SearchSeq, Set: seq(2, 4)}, {Op: SearchText, Text: "été"}}}},
		`SEARCH OR (FROM a NOT KEYWORD $Junk) SENTSINCE 1-feb-2026`: Search{Key: SearchKey{Op: SearchOr, Kids: []SearchKey{
			{Op: SearchAnd, Kids: []SearchKey{{Op: SearchHeader, Field: "from", Text: "a"}, not(flag("$Junk"))}},
			{Op: SearchSentSince, Date: day(2026, 2, 1)}}}},
		`SEARCH MODSEQ "/flags/\\draft" all 620`: Search{Key: SearchKey{Op: SearchModSeq, Number: 620}},
		`SEARCH UID 5 HEADER X-Spam "" LARGER 10 YOUNGER 60`: Search{Key: SearchKey{Op: SearchAnd, Kids: []SearchKey{
			{Op: SearchUID, Set: seq(5, 5)}, {Op: SearchHeader, Field: "x-spam"}, {Op: SearchLarger, Number: 10},
			{Op: SearchYounger, Number: 60}}}},
		`APPEND "a b" {5}`:                    &Append{Mailbox: "a b"},
		`GETACL "&AMk-l&AOg-ves"`:             GetACL{"Élèves"},
		`MYRIGHTS inbox`:                      MyRights{"INBOX"},
		`LISTRIGHTS x marie`:                  ListRights{"x", "marie"},
		`DELETEACL x "marie"`:                 DeleteACL{"x", "marie"},
		`SETACL x marie lrs`:                  SetACL{"x", "marie", StoreReplace, "lrs"},
		`SETACL x marie +te`:                  SetACL{"x", "marie", StoreAdd, "te"},
		`SETACL x marie "-a"`:                 SetACL{"x", "marie", StoreRemove, "a"},
		`SETACL x marie ""`:                   SetACL{"x", "marie", StoreReplace, ""},
		`GETQUOTA ""`:                         GetQuota{""},
		`GETQUOTA "Bo&AO4-tes partag&AOk-es"`: GetQuota{"Boîtes partagées"},
		`GETQUOTAROOT INBOX`:                  GetQuotaRoot{"INBOX"},
	} {
		d, _ := decode("A1 " + input + "\r\n")
		got, err := d.Next()
		if err != nil {
			t.Errorf("%s: %v", input, err)
			continue
		}
		if diff := cmp.Diff(Request{"A1", want}, got, ignoreStream); diff != "" {
			t.Errorf("%s (-want +got):\n%s", input, diff)
		}
	}
}

// A malformed command costs a tagged BAD with a text that helps, and the next
// command is understood.
func TestDecoderRefusesAndReadsOn(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1,", 40<<10)
	for input, want := range map[string]string{
		"A1 FROB":                             "A1: unknown command FROB",
		"A1 SETACL x marie LR":                "A1: rights are lower-case letters and digits",
		"A1 SETACL x marie":                   "A1: expected a space before the rights",
		"A1 GETACL x y":                       "A1: expected the end of the command at column 12, found ' y'",
		"A1":                                  "A1: expected a space after the tag, found the end of the command",
		"":                                    "*: a command begins with a tag",
		"+ NOOP":                              "*: a command begins with a tag",
		"A1  NOOP":                            "A1: expected a command name at column 4, found ' NOOP'",
		"A1 NOOP now":                         "A1: expected the end of the command at column 8, found ' now'",
		"A1 LOGIN a":                          "A1: expected a space before the password",
		`A1 LOGIN a "b`:                       "A1: the quoted string has no closing quote",
		`A1 LOGIN a "b\c"`:                    "A1: in a quoted string a backslash comes only before",
		"A1 NOOP\x00":                         "A1: a command may hold neither NUL nor",
		"A1 LOGIN {3+}\r\nabc":                "A1: expected a space before the password",
		"A1 FROB {3+}\r\nB2 {4+}\r\n\r\nC3 x": "A1: unknown command FROB",
		"A1 FROB {3}":                         "A1: unknown command FROB",
		"A1 LOGIN {3+}\r\na\x00b x":           "A1: a literal may not hold NUL",
		"A1 LOGIN {99999} x":                  "A1: expected a literal",
		"A1 LOGIN {99999}":                    "A1: the literal makes the command longer than",
		"A1 LOGIN ~{3+}\r\nabc x":             "A1: expected a space before the password at column 11, found '{3+}'",
		"A1 FETCH " + long + "1 FLAGS":        "A1: the command is longer than 65536 octets",
		"A1 FETCH 0 FLAGS":                    "A1: message numbers begin at 1",
		"A1 FETCH 4294967296 FLAGS":           "A1: the number '4294967296' is too large",
		"A1 FETCH $ FLAGS":                    "A1: SEARCHRES is not offered",
		"A1 FETCH 1 ()":                       "A1: FETCH needs at least one item",
		"A1 FETCH 1 BINARY[]":                 "A1: unknown FETCH item BINARY",
		"A1 FETCH 1 BODY[1.FROB]":             "A1: unknown section FROB",
		"A1 FETCH 1 BODY[MIME]":               "A1: MIME needs a part number",
		"A1 FETCH 1 BODY[]<0.0>":              "A1: a partial fetch asks for at least one octet",
		"A1 FETCH 1 (FLAGS UID":               "A1: expected a space between the items of the list, found the end",
		"A1 FETCH 1 FLAGS (VANISHED)":         "A1: VANISHED goes with UID FETCH and CHANGEDSINCE",
		"A1 STORE 1 BODY x":                   "A1: STORE changes FLAGS, not BODY",
		"A1 SEARCH FROB x":                    "A1: unknown search key FROB",
		"A1 SEARCH RETURN (SAVE) ALL":         "A1: unknown return option SAVE",
		"A1 SEARCH SINCE 31-Feb-2026":         "A1: '31-Feb-2026' is not a date",
		"A1 SEARCH " + strings.Repeat("NOT ", 60) + "ALL":                                       "A1: search keys are nested at most 50 deep",
		"A1 SEARCH" + strings.Repeat(" SEEN", 501):                                              "A1: a search has at most 500 keys",
		"A1 FETCH 1 BODY[HEADER.FIELDS ()]":                                                     "A1: HEADER.FIELDS takes 1 to 200 header names",
		"A1 FETCH 1 BODY[HEADER.FIELDS (" + strings.TrimSpace(strings.Repeat("X ", 201)) + ")]": "A1: HEADER.FIELDS takes 1 to 200 header names",
		"A1 SELECT &AOk":                   "A1: the mailbox name is not valid modified UTF-7",
		"A1 SELECT \"\xff\"":               "A1: the mailbox name is not valid UTF-8",
		"A1 SELECT x (FROB)":               "A1: unknown parameter FROB",
		"A1 LIST (RECURSIVEMATCH) \"\" *":  "A1: RECURSIVEMATCH needs another selection option",
		"A1 STATUS x ()":                   "A1: STATUS needs at least one item",
		"A1 AUTHENTICATE PLAIN !":          "A1: the initial response is not base64",
		"A1 UID NOOP":                      "A1: unknown command UID NOOP",
		"A1 APPEND x":                      "A1: expected a space and a message",
		strings.Repeat("T", 300) + " NOOP": "*: a command begins with a tag",
	} {
		d, asked := decode(input + "\r\nB2 NOOP\r\n")
		_, err := d.Next()
		var bad *BadCommand
		if !errors.As(err, &bad) {
			t.Errorf("%.60q: want a BadCommand, got %v", input, err)
			continue
		}
		if got := bad.Tag + ": " + bad.Text; !strings.HasPrefix(got, want) {
			t.Errorf("%.60q: got %q, want %q", input, got, want)
		}
		if next, err := d.Next(); err != nil || next != (Request{"B2", Noop{}}) {
			t.Errorf("%.60q: then %v, %v", input, next, err)
		}
		if *asked != 0 {
			t.Errorf("%.60q: the client was told to go on", input)
		}
	}
}

func TestDecoderGivesUpWhereTheNextCommandCannotBeFound(t *testing.T) {
	t.Parallel()
	lim := Limits{Command: 1000, Drain: 5000}
	for name, input := range map[string]string{
		"a literal too large to be skipped": "A1 LOGIN {5001+}\r\n",
		"a literal of impossible size":      "A1 LOGIN {99999999999999999999999+}\r\n",
		"a line without end":                "A1 " + strings.Repeat("x", 20000),
		"literals without end":              "A1 FROB" + strings.Repeat(" {2000+}\r\n"+strings.Repeat("x", 2000), 4),
	} {
		d := NewDecoder(bufio.NewReader(strings.NewReader(input)), lim, func() error { return nil })
		_, err := d.Next()
		var lost *LostSync
		if !errors.As(err, &lost) {
			t.Errorf("%s: got %v, want a LostSync", name, err)
		}
	}
}

func TestDecoderAsksOnlyForSynchronisingLiterals(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]int{
		"A LOGIN {1}\r\na {1}\r\nb\r\n":   2,
		"A LOGIN {1+}\r\na {1}\r\nb\r\n":  1,
		"A LOGIN {1+}\r\na {1+}\r\nb\r\n": 0,
	} {
		d, asked := decode(input)
		if _, err := d.Next(); err != nil || *asked != want {
			t.Errorf("%q: asked %d times, want %d (%v)", input, *asked, want, err)
		}
	}
}

func TestDecoderTellsAnEndFromACut(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]error{
		"":                    io.EOF,
		"A1 NOO":              io.ErrUnexpectedEOF,
		"A1 LOGIN {5+}\r\nab": io.ErrUnexpectedEOF,
		"A1 LOGIN {2+}\r\nab": io.ErrUnexpectedEOF,
		"A1 FROB {50+}\r\nab": io.ErrUnexpectedEOF,
	} {
		d, _ := decode(input)
		if _, err := d.Next(); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", input, err, want)
		}
	}
}

func TestDecoderLendsItsReaderOnlyBetweenCommands(t *testing.T) {
	t.Parallel()
	d, _ := decode("A1 NOOP\r\nB2 NOOP\r\n")
	if _, err := d.Next(); err != nil {
		t.Fatal(err)
	}
	if d.Detach() != nil {
		t.Fatal("detached a reader that holds a command")
	}
	if _, err := d.Next(); err != nil {
		t.Fatal(err)
	}
	r := d.Detach()
	if r == nil || d.Buffered() != 0 {
		t.Fatal("kept an empty reader")
	}
	r.Reset(strings.NewReader("C3 NOOP\r\n"))
	d.Attach(r)
	if req, err := d.Next(); err != nil || req.Tag != "C3" {
		t.Fatal(req, err)
	}
}

func TestLineReadsWhatIsNoCommand(t *testing.T) {
	t.Parallel()
	d, _ := decode("DONE\nAGEAYg==\r\nlonger than allowed\r\n")
	for _, want := range []string{"DONE", "AGEAYg=="} {
		if got, err := d.Line(10); got != want || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	var lost *LostSync
	if _, err := d.Line(10); !errors.As(err, &lost) {
		t.Fatal(err)
	}
}
