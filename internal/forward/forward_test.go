package forward_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/forward"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

func TestWhoMayForwardWhereTo(t *testing.T) {
	worlds(t, func(w *world) {
		w.house.Accounts(t, 1)
		none := directory.Date{}
		end := func(day string) directory.Date { return date(t, day) }
		for _, c := range []struct {
			who     string
			account int64
			target  string
			until   directory.Date
			own     bool
			want    failure.Kind // 0: it is done
		}{
			{"an agent to a colleague", w.teacher.Account, w.colleague.Address, none, true, 0},
			{"an agent to a colleague, in capitals", w.teacher.Account, strings.ToUpper(w.colleague.Address), none, true, 0},
			{"an agent to a school's box", w.teacher.Account, "ce.0759001b@" + house.Domain, none, true, 0},
			{"an agent outside", w.teacher.Account, private, none, true, failure.Policy},
			{"an agent to a neighbour's domain", w.teacher.Account, "x@sub." + house.Domain, none, true, failure.Policy},
			{"an agent to nobody here", w.teacher.Account, "personne@" + house.Domain, none, true, failure.Permanent},
			{"an agent to a tag", w.teacher.Account, strings.Replace(w.colleague.Address, "@", "+tri@", 1), none, true, failure.Permanent},
			{"an agent to nonsense", w.teacher.Account, "n'importe quoi", none, true, failure.Permanent},
			{"an agent to themselves", w.teacher.Account, w.teacher.Address, none, true, failure.Conflict},

			{"an exception with its end", w.teacher.Account, private, end("2027-06-30"), false, 0},
			{"an exception for a year", w.teacher.Account, private, end("2027-11-24"), false, 0},
			{"an exception without an end", w.teacher.Account, private, none, false, failure.Policy},
			{"an exception that is over", w.teacher.Account, private, end("2026-11-24"), false, failure.Policy},
			{"an exception for two years", w.teacher.Account, private, end("2028-11-24"), false, failure.Policy},
			{"an administrator, inside", w.teacher.Account, w.colleague.Address, none, false, 0},
			{"a box inside, by an administrator", w.box, w.colleague.Address, none, false, 0},
			{"a box outside, by an administrator", w.box, private, end("2027-06-30"), false, failure.Policy},
			{"nobody", 999_999, private, end("2027-06-30"), false, failure.NotFound},
		} {
			var err error
			if c.own {
				err = w.SetOwn(t.Context(), owner(w.teacher), c.target)
			} else {
				err = w.Set(t.Context(), by(), c.account, c.target, c.until)
			}
			if failure.KindOf(err) != c.want || c.want == 0 && err != nil {
				w.t.Errorf("%s: %v", c.who, err)
			}
			if text := failure.TextOf(err, ""); c.want == failure.Policy && !strings.Contains(text, " / ") {
				w.t.Errorf("%s: the text is %q", c.who, text)
			}
			f, found, err := w.Of(t.Context(), c.account)
			w.check(err)
			if want := strings.ToLower(c.target); found != (c.want == 0) || found && (f.Target != want || f.Outside != (c.until != none)) {
				w.t.Errorf("%s: there is %+v, %v", c.who, f, found)
			}
			w.check(w.Clear(t.Context(), by(), c.account))
		}
	})
}

func TestAChainThatComesBackIsRefused(t *testing.T) {
	worlds(t, func(w *world) {
		w.check(w.SetOwn(t.Context(), owner(w.teacher), w.colleague.Address))
		w.check(w.SetOwn(t.Context(), owner(w.colleague), w.third.Address))
		if err := w.SetOwn(t.Context(), owner(w.third), w.teacher.Address); !failure.Is(err, failure.Conflict) {
			w.t.Errorf("three in a ring: %v", err)
		}
		if err := w.SetOwn(t.Context(), owner(w.colleague), w.teacher.Address); !failure.Is(err, failure.Conflict) {
			w.t.Errorf("two in a ring: %v", err)
		}
	})
}

func TestACopyGoesInsideAndTheMailboxKeepsItsOwn(t *testing.T) {
	worlds(t, func(w *world) {
		w.gets(w.teacher.Account, "From: "+parent+"\r\nSubject: avant\r\n")
		w.check(w.SetOwn(t.Context(), owner(w.teacher), w.colleague.Address))
		w.gets(w.teacher.Account, "From: "+parent+"\r\nTo: "+w.teacher.Address+"\r\nSubject: absence\r\nAuto-Submitted: no\r\n")
		got := w.inbox(w.colleague.Account)
		if len(got) != 1 {
			w.t.Fatalf("the colleague has %q", got)
		}
		want := "Return-Path: <parent@dehors.example>\r\nDelivered-To: " + w.teacher.Address + "\r\nReceived: by mx.example (transfert automatique);\r\n" +
			"\tTue, 24 Nov 2026 08:00:00 +0000\r\nFrom: " + parent + "\r\nTo: " + w.teacher.Address + "\r\nSubject: absence\r\nAuto-Submitted: no\r\n\r\nCorps du message.\r\n"
		if got[0] != want {
			w.t.Errorf("the copy is %q, want %q", got[0], want)
		}
		if kept := w.subjects(w.teacher.Account); !slices.Contains(kept, "absence") {
			w.t.Errorf("the mailbox has %q", kept)
		}
		f, _, err := w.Of(t.Context(), w.teacher.Account)
		w.check(err)
		if f.Forwarded != 1 || f.Last.IsZero() {
			w.t.Errorf("counted %+v", f)
		}
		w.check(w.ClearOwn(t.Context(), owner(w.teacher)))
		w.gets(w.teacher.Account, "From: "+parent+"\r\nSubject: après\r\n")
		if got := w.inbox(w.colleague.Account); len(got) != 1 {
			w.t.Errorf("after the end the colleague has %q", got)
		}
	})
}

func TestACopyLeavesUnderTheHoldersOwnReversePath(t *testing.T) {
	worlds(t, func(w *world) {
		w.outside()
		w.gets(w.teacher.Account, "From: "+shop+"\r\nTo: "+w.teacher.Address+"\r\nSubject: devis\r\n")
		own := strings.Replace(w.teacher.Address, "@", "+transfert@", 1)
		w.wantQueue("a message", own+" > "+private)
		prefix := w.leaving()
		if !strings.HasPrefix(prefix, "Return-Path: <"+own+">\r\nDelivered-To: "+w.teacher.Address+"\r\n") || strings.Contains(prefix, "dehors.example") {
			w.t.Errorf("it leaves under %q", prefix)
		}
	})
}

// What families write stays: their addresses are no business of the provider of somebody's private mailbox.
func TestMessagesThatNameAFamilyNeverLeave(t *testing.T) {
	worlds(t, func(w *world) {
		w.outside()
		for _, header := range []string{
			"From: Karim Benali <" + parent + ">\r\n",
			"From: K <" + strings.ToUpper(strings.Replace(parent, "@", "+ecole@", 1)) + ">\r\n",
			"From: " + shop + "\r\nReply-To: " + parent + "\r\n",
			"From: " + w.colleague.Address + "\r\nTo: " + w.teacher.Address + "\r\nCc: x@y.example,\r\n " + parent + "\r\n",
			"From: " + w.colleague.Address + "\r\nResent-From: " + parent + "\r\n",
			"From: " + shop + "\r\nSender: " + parent + "\r\n",
		} {
			w.gets(w.teacher.Account, header+"Subject: x\r\n")
		}
		w.wantQueue("families' messages")
		f, _, err := w.Of(t.Context(), w.teacher.Account)
		w.check(err)
		if f.Withheld != 6 || f.Forwarded != 0 {
			w.t.Errorf("counted %+v", f)
		}
		for _, message := range w.inbox(w.teacher.Account) {
			if strings.Contains(message, "From: Messagerie") && strings.Contains(message, "benali") {
				w.t.Errorf("a notice names the family: %q", message)
			}
		}
		if n := w.notices(w.teacher.Account); n != 2 { // of the exception, and of the first that stays
			w.t.Errorf("told %d times", n)
		}
		w.gets(w.teacher.Account, "From: "+shop+"\r\nSubject: devis\r\n\r\nDe la part de "+parent+"\r\n")
		if len(w.queue()) != 1 {
			w.t.Errorf("a text that names an address is its author's business: %q", w.queue())
		}
	})
}

func TestNothingGoesRoundOrComesBackTwice(t *testing.T) {
	worlds(t, func(w *world) {
		w.outside()
		own := strings.Replace(w.teacher.Address, "@", "+transfert@", 1)
		hops := strings.Repeat("Delivered-To: x@y.example\r\n", 11)
		for what, header := range map[string]string{
			"a message that was here":    "Delivered-To: " + strings.ToUpper(w.teacher.Address) + "\r\nFrom: " + shop + "\r\n",
			"a message that was there":   "Delivered-To: " + private + "\r\nFrom: " + shop + "\r\n",
			"a message with many relays": hops + "From: " + shop + "\r\n",
		} {
			w.gets(w.teacher.Account, header+"Subject: x\r\n")
			w.wantQueue(what)
		}
		w.bounces("From: mailer-daemon@perso.example\r\nTo: <" + strings.ToUpper(own) + ">\r\nContent-Type: multipart/report\r\n")
		w.wantQueue("a report about a copy")
		w.bounces("From: mailer-daemon@perso.example\r\nTo: " + w.teacher.Address + "\r\nContent-Type: multipart/report\r\n")
		w.wantQueue("a report about something else", " > "+private)
	})
}

func TestWhatTheHolderPutThereThemselvesStays(t *testing.T) {
	worlds(t, func(w *world) {
		w.outside()
		w.append("From: " + shop + "\r\nSubject: archive\r\n\r\nx\r\n")
		w.runs()
		w.wantQueue("a message of the client's")
	})
}

// What cannot be forwarded waits, and the mail of everybody else goes on.
func TestAnAccountThatFailsHoldsUpNoOther(t *testing.T) {
	worlds(t, func(w *world) {
		before, after := w.teacher, w.colleague
		if before.Account > after.Account {
			before, after = after, before
		}
		w.check(w.SetOwn(t.Context(), owner(before), w.third.Address))
		w.check(w.SetOwn(t.Context(), owner(after), w.third.Address))
		w.accepter.fails = before.Account
		w.house.Deliver(w.t, []byte("From: "+shop+"\r\nSubject: devis\r\n\r\nx\r\n"), before.Account, after.Account)
		if n, err := w.Run(t.Context()); n != 1 || !errors.Is(err, errBroken) {
			w.t.Errorf("%d copies, %v", n, err)
		}
		if got := w.subjects(w.third.Account); len(got) != 1 {
			w.t.Errorf("forwarded %q", got)
		}
		w.accepter.fails = 0
		w.runs()
		if got := w.subjects(w.third.Account); len(got) != 2 {
			w.t.Errorf("once it works again, forwarded %q", got)
		}
	})
}

func TestASuspendedAccountForwardsNothing(t *testing.T) {
	worlds(t, func(w *world) {
		w.outside()
		w.teacher.Becomes(directory.StateSuspended)
		w.gets(w.teacher.Account, "From: "+shop+"\r\nSubject: x\r\n")
		w.wantQueue("while suspended")
		w.teacher.Becomes(directory.StateActive)
		w.runs()
		if len(w.queue()) != 1 {
			w.t.Errorf("after it: %q", w.queue())
		}
	})
}

func TestEachMessageIsCopiedOnceHoweverManyWork(t *testing.T) {
	worlds(t, func(w *world) {
		w.outside()
		for i := range 3 {
			w.house.Deliver(w.t, fmt.Appendf(nil, "From: %s\r\nSubject: %d\r\n\r\nx\r\n", shop, i), w.teacher.Account)
		}
		done := make(chan error)
		for range 2 {
			go func() {
				_, err := w.Run(t.Context())
				done <- err
			}()
		}
		for range 2 {
			if err := <-done; err != nil {
				w.t.Error(err)
			}
		}
		if n := len(w.queue()); n != 3 {
			w.t.Errorf("%d copies of 3 messages", n)
		}
	})
}

// An exception ends on its day, and its holder knows.
func TestAnExceptionEndsAndItsHolderIsToldBefore(t *testing.T) {
	worlds(t, func(w *world) {
		w.outside() // until 30 June 2027
		told := len(w.inbox(w.teacher.Account))
		for _, c := range []struct {
			day   string
			told  int // of notices, on this day
			there bool
		}{
			{"2027-05-30", 0, true}, {"2027-05-31", 1, true}, {"2027-05-31", 0, true}, {"2027-06-15", 0, true},
			{"2027-06-23", 1, true}, {"2027-06-29", 0, true}, {"2027-06-30", 0, true}, {"2027-07-01", 1, false}, {"2027-07-02", 0, false},
		} {
			w.on(c.day)
			_, err := w.Advance(t.Context())
			w.check(err)
			now := len(w.inbox(w.teacher.Account))
			_, there, err := w.Of(t.Context(), w.teacher.Account)
			w.check(err)
			if now-told != c.told || there != c.there {
				w.t.Errorf("on %s: told %d times, there %v", c.day, now-told, there)
			}
			told = now
		}
		if got := stores.Column(w.t, w.house.DB, `SELECT action FROM journal WHERE action LIKE 'forward.%' ORDER BY seq`); !slices.Equal(got, []string{"forward.set", "forward.end"}) {
			w.t.Errorf("the journal has %q", got)
		}
	})
}

// A server that slept through the warnings tells once of what is left.
func TestAfterALongSleepOneWarningIsEnough(t *testing.T) {
	worlds(t, func(w *world) {
		w.outside()
		told := len(w.inbox(w.teacher.Account))
		w.on("2027-06-30")
		for range 2 {
			_, err := w.Advance(t.Context())
			w.check(err)
		}
		if n := len(w.inbox(w.teacher.Account)) - told; n != 1 {
			w.t.Errorf("told %d times", n)
		}
	})
}

func TestNoTraceOfAForwardNamesAnAddressOutside(t *testing.T) {
	worlds(t, func(w *world) {
		w.check(w.Set(t.Context(), by(), w.teacher.Account, parent, date(t, "2027-06-30")))
		_, err := w.Import(t.Context(), by(), strings.NewReader(w.colleague.Login+","+parent+"\n"), false)
		w.check(err)
		list, err := w.List(t.Context())
		w.check(err)
		for _, l := range list {
			if l.Shown() != "k…@perso.example" {
				w.t.Errorf("shown as %q", l.Shown())
			}
		}
		for _, text := range append(stores.Column(w.t, w.house.DB, `SELECT subject || reason || detail FROM journal`), append(w.inbox(w.teacher.Account), w.inbox(w.colleague.Account)...)...) {
			if strings.Contains(text, "benali") {
				w.t.Errorf("named in %q", text)
			}
		}
		inside := forward.Forward{Target: "luc.arnaud@" + house.Domain}
		if inside.Shown() != inside.Target {
			w.t.Errorf("inside is shown as %q", inside.Shown())
		}
	})
}

// Whatever forwards people set, a message ends: it is in each mailbox at most once more than it was sent there.
func TestMailEndsWhateverForwardsThereAre(t *testing.T) {
	t.Parallel()
	db := stores.SQLite(t)
	w := newWorld(t, db)
	people := w.house.Accounts(t, 5)
	rapid.Check(t, func(rt *rapid.T) {
		for i, account := range people {
			w.check(w.Clear(t.Context(), by(), account))
			to := rapid.IntRange(-1, len(people)-1).Draw(rt, fmt.Sprintf("of %d", i))
			if to < 0 {
				continue
			}
			// As the database might be, not as the service lets it be.
			err := db.Write(t.Context(), store.Bulk, func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), `INSERT INTO forward (account_id, target, outside, basis, set_at, until, told_days, seen_email, forwarded, withheld, last_at)
					SELECT account_id, $2, 0, 'own', 0, '', 0, next_email_id - 1, 0, 0, 0 FROM account_state WHERE account_id = $1`, account, house.Address(people[to]))
				return err
			})
			w.check(err)
		}
		before := map[int64]int{}
		for _, account := range people {
			before[account] = w.emails(account)
		}
		w.gets(people[0], "From: "+shop+"\r\nSubject: x\r\n")
		for i, account := range people {
			more := w.emails(account) - before[account]
			if i == 0 && more != 1 || more > 1 {
				rt.Fatalf("mailbox %d has %d more", i, more)
			}
		}
	})
}
