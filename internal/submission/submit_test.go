package submission_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/limits"
	"navette/internal/submission"
)

const complete = "Date: Tue, 01 Sep 2026 08:00:00 +0200\r\nMessage-ID: <1@pc>\r\n"

func TestWhatNeedsNoMendingIsKeptOctetForOctet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	octets := "subject:  =?utf-8?q?=C3=A9?=\r\n\tfolded \r\nFROM : \"Moi\" <" + strings.ToUpper(w.sender) + ">\r\n" + complete +
		"X-Vide:\r\npas un champ\r\nto: Coll\xc3\xa8gue <" + w.colleague + ">,\r\n =?utf-8?q?x?= <x@dehors.example>\r\n" +
		"Received: ancien\r\n\r\nBcc: dans le corps\r\n..\r\n"
	if err := w.submit(octets, w.colleague); err != nil {
		t.Fatal(err)
	}
	if got := w.received(); got != octets {
		t.Errorf("got %q", got)
	}
}

func TestBccIsRemovedHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	from, to := "From: "+w.sender+"\r\n", "To: "+w.colleague+"\r\n"
	bcc := "bCC : caché@dehors.example,\r\n\t\"Autre\" <autre@dehors.example>\r\n  ,\r\n suite@dehors.example\r\n"
	octets := "BCC:a@dehors.example\r\n" + from + bcc + to + "Resent-Bcc: b@dehors.example\r\n" + complete + "Bcc:\r\n\r\nBcc: visible\r\n"
	if err := w.submit(octets, w.colleague, "caché@dehors.example"); err != nil {
		t.Fatal(err)
	}
	if got, want := w.received(), from+to+complete+"\r\nBcc: visible\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAMessageThatNamesNobodyIsToItsSender(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, one := range map[string]struct{ before, after string }{
		"no To and no Cc":             {"", ""},
		"an empty To":                 {"To:\r\n", ""},
		"undisclosed recipients":      {"To: undisclosed-recipients:;\r\n", ""},
		"several To, only groups":     {"tO: a:;, b: ;\r\nTO:\r\n (comment)\r\n", ""},
		"words without an address":    {"To: Les parents\r\n", ""},
		"an empty Cc is left alone":   {"Cc: undisclosed-recipients:;\r\nTo: personne:;\r\n", "Cc: undisclosed-recipients:;\r\n"},
		"Bcc names somebody, for now": {"Bcc: x@dehors.example\r\n", ""},
	} {
		from := "From: =?utf-8?q?Moi?=\r\n <" + w.sender + ">\r\n"
		if err := w.submit(from+one.before+complete+"\r\nx\r\n", w.colleague); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := from + "To: =?utf-8?q?Moi?=\r\n <" + w.sender + ">\r\n" + one.after + complete + "\r\nx\r\n"
		if got := w.received(); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		if f := w.cleared.Load().Recipients()[0].Recipient.Field; f != guard.Hidden {
			t.Errorf("%s: the guard was told of field %d", name, f)
		}
	}
}

func TestAMessageThatNamesSomebodyKeepsItsTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, fields := range []string{
		"Cc: x@dehors.example\r\n",
		"To: personne:;\r\nCc: x@dehors.example\r\n",
		"To: groupe: x@dehors.example;\r\n",
		"To:\r\nTo: x@dehors.example\r\n",
	} {
		octets := "From: " + w.sender + "\r\n" + fields + complete + "\r\nx\r\n"
		if err := w.submit(octets, w.colleague); err != nil {
			t.Errorf("%q: %v", fields, err)
		} else if got := w.received(); got != octets {
			t.Errorf("%q: got %q", fields, got)
		}
	}
}

func TestDateAndMessageIDAreAddedWhereTheyAreMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, end := range []string{"\r\n\r\nx\r\n", "\r\n", ""} {
		head := "From: " + w.sender + "\r\nTo: " + w.colleague
		if err := w.submit(head+end, w.colleague); err != nil {
			t.Fatal(err)
		}
		got := w.received()
		rest, ok := strings.CutPrefix(got, head+"\r\nDate: Tue, 01 Sep 2026 08:30:00 +0200\r\nMessage-ID: <")
		if !ok || !strings.Contains(rest, "@ac-paris.example>\r\n") || !strings.HasSuffix(got, strings.TrimPrefix(end, "\r\n")) {
			t.Errorf("got %q", got)
		}
	}
}

func TestOnlyOnesOwnAddressesMayBeWrittenUnder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plus := strings.Replace(w.sender, "@", "+rentree@", 1)
	for _, one := range []struct {
		fields string
		kind   failure.Kind // 0: accepted
	}{
		{"From: " + w.sender, 0},
		{"From: Jean <" + alias + ">", 0},
		{"From: " + plus, 0},
		{"From: \"" + strings.Replace(w.sender, "@", "\"@", 1), 0},
		{"From: " + w.sender + ", " + alias + "\r\nSender: " + alias, 0},
		{"From: " + w.sender + "\r\nSender: " + alias, 0},
		{"From: " + w.sender + "\r\nResent-From: " + alias, 0},
		{"From: " + former, failure.Policy},
		{"From: " + closed, failure.Policy},
		{"From: " + w.colleague, failure.Policy},
		{"From: x@dehors.example", failure.Policy},
		{"From: " + w.sender + " <x@dehors.example>", failure.Policy},
		{"From: <" + w.sender + "> <x@dehors.example>", failure.Policy},
		{"From: " + w.sender + ", x@dehors.example\r\nSender: " + w.sender, failure.Policy},
		{"From: groupe: " + w.sender + ";", failure.Policy},
		{"From:", failure.Policy},
		{"From: personne", failure.Policy},
		{"From: " + w.sender + "\r\nSender: " + w.colleague, failure.Policy},
		{"From: " + w.sender + "\r\nSender:", failure.Policy},
		{"From: " + w.sender + "\r\nResent-From: x@dehors.example", failure.Policy},
		{"From: " + w.sender + "\r\nResent-Sender: x@dehors.example", failure.Policy},
		{"Subject: x", failure.Permanent},
		{"From: " + w.sender + "\r\nfrom: " + w.sender, failure.Permanent},
		{"From: " + w.sender + "\r\nSender: " + w.sender + "\r\nSender: " + w.sender, failure.Permanent},
		{"From: " + w.sender + ", " + alias, failure.Permanent},
	} {
		err := w.submit(one.fields+"\r\nTo: "+w.colleague+"\r\n\r\nx\r\n", w.colleague)
		if failure.KindOf(err) != one.kind || one.kind == 0 && err != nil {
			t.Errorf("%q: %v", one.fields, err)
		}
		if one.kind == failure.Policy && (!strings.Contains(err.Error(), w.sender) || strings.Contains(err.Error(), former)) {
			t.Errorf("%q: the text is %q", one.fields, err)
		}
	}
}

func TestTheReversePathIsOnesOwnOrNull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, good := range map[string]bool{
		"": true, w.sender: true, strings.ToUpper(alias): true, strings.Replace(alias, "@", "+x=y@", 1): true,
		former: false, w.colleague: false, "x@dehors.example": false, "n'importe quoi": false,
	} {
		err := w.service.CheckReversePath(t.Context(), w.principal, path)
		if (err == nil) != good || !good && !failure.Is(err, failure.Policy) {
			t.Errorf("%q: %v", path, err)
		}
		_, err = w.service.Submit(t.Context(), submission.Message{Principal: w.principal, ReversePath: path, Recipients: []string{w.colleague}},
			strings.NewReader("From: "+w.sender+"\r\n\r\n"))
		if (err == nil) != good {
			t.Errorf("submit under %q: %v", path, err)
		}
	}
	nobody := w.principal
	nobody.Scopes = 0
	if err := w.service.CheckReversePath(t.Context(), nobody, w.sender); !failure.Is(err, failure.Denied) {
		t.Errorf("without the scope: %v", err)
	}
}

func TestTheGuardIsToldWhoStandsWhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	octets := "From: " + w.sender + "\r\nTo: Un <un@Dehors.example>, deux@dehors.example\r\nCc: " + strings.ToUpper(w.colleague) +
		", deux@dehors.example\r\nBcc: quatre@dehors.example\r\n\r\nx\r\n"
	to := []string{"un@dehors.example", "deux@dehors.example", w.colleague, "quatre@dehors.example", "un@dehors.example"}
	if err := w.submit(octets, to...); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range w.cleared.Load().Recipients() {
		got = append(got, fmt.Sprintf("%s %d %d", d.Recipient.Address, d.Recipient.Field, d.Recipient.Class))
	}
	want := []string{
		fmt.Sprintf("un@dehors.example %d %d", guard.To, guard.External), fmt.Sprintf("deux@dehors.example %d %d", guard.To, guard.External),
		fmt.Sprintf("%s %d %d", w.colleague, guard.Cc, guard.Agent), fmt.Sprintf("quatre@dehors.example %d %d", guard.Hidden, guard.External),
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the guard saw\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if w.cleared.Load().Door() != guard.Submission || w.cleared.Load().Sender() != w.accounts[0] {
		t.Errorf("door %v, sender %d", w.cleared.Load().Door(), w.cleared.Load().Sender())
	}
}

func TestFieldsThatOnlyWeMayWriteAreRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clean := "From: " + w.sender + "\r\nTo: " + w.colleague + "\r\n" + complete
	if err := w.submit("X-Navette-Agent: oui\r\n"+clean+"Authentication-Results: mx.ac-paris.example; spf=pass\r\n\r\nx\r\n", w.colleague); err != nil {
		t.Fatal(err)
	}
	if got := w.received(); got != clean+"\r\nx\r\n" {
		t.Errorf("got %q", got)
	}
}

func TestNothingIsKeptOfWhatIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ok := "From: " + w.sender + "\r\n\r\nx\r\n"
	broken := errors.New("the connection broke")
	revoked := errors.New("revoked")
	m := submission.Message{Principal: w.principal, ReversePath: w.sender, Recipients: []string{w.colleague}, StillAllowed: func() error { return revoked }}
	for name, one := range map[string]struct {
		run  func() error
		want func(error) bool
	}{
		"unknown recipient": {func() error { return w.submit(ok, "personne@ac-paris.example") }, kind(failure.Permanent)},
		"header too long": {func() error {
			return w.submit("From: "+w.sender+"\r\nX: "+strings.Repeat("x", submission.HeaderMax)+"\r\n\r\n", w.colleague)
		}, kind(failure.Permanent)},
		"more addresses than anybody looks at": {func() error {
			return w.submit("To: "+strings.Repeat("a, ", 4000)+"x@dehors.example\r\n"+ok, w.colleague)
		}, kind(failure.Permanent)},
		"too many in all fields": {func() error {
			var fields strings.Builder
			for i := range 4001 {
				fmt.Fprintf(&fields, "X-%d: x%d@dehors.example\r\n", i, i)
			}
			return w.submit(fields.String()+ok, w.colleague)
		}, kind(failure.Permanent)},
		"mail loop": {func() error {
			return w.submit(strings.Repeat("Received: x\r\n", 101)+ok, w.colleague)
		}, kind(failure.Permanent)},
		"revoked meanwhile": {func() error {
			_, err := w.service.Submit(t.Context(), m, strings.NewReader(ok))
			return err
		}, func(err error) bool { return errors.Is(err, revoked) }},
		"reading fails": {func() error {
			_, err := w.service.Submit(t.Context(), m, &failing{strings.NewReader(ok), broken})
			return err
		}, func(err error) bool { return errors.Is(err, broken) }},
	} {
		if err := one.run(); !one.want(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, q := range []string{`SELECT count(*) FROM content`, `SELECT count(*) FROM delivery`, `SELECT count(*) FROM email`} {
		if n := count(w, q); n != 0 {
			t.Errorf("%s: %d", q, n)
		}
	}
}

func TestASenderOverTheWindowIsToldToWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	limited := w.config()
	limited.Windows = []limits.Window{{Span: time.Hour, Max: 1}}
	w.service = submission.New(w.DB, w.Contents, w.Delivery, limited)
	text := "From: " + w.sender + "\r\n\r\nx\r\n"
	if err := w.submit(text, w.colleague, w.sender); err != nil {
		t.Fatalf("one message to more than the window allows: %v", err)
	}
	if err := w.submit(text, w.colleague); !failure.Is(err, failure.Temporary) {
		t.Errorf("another one: %v", err)
	}
	if n := count(w, `SELECT count(*) FROM content`); n != 1 {
		t.Errorf("%d contents", n)
	}
}
