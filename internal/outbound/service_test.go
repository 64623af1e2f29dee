package outbound_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-message"
	"github.com/google/go-cmp/cmp"

	"navette/internal/outbound"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

func TestRecipientsOfAMessageGoTogetherWithItsOctets(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		h := &hop{}
		w.accept(w.me(), "b@dehors.example", "a@dehors.example")
		w.work(w.service(h))
		if len(h.parcels) != 1 {
			t.Fatalf("%d parcels", len(h.parcels))
		}
		p := h.parcels[0]
		if diff := cmp.Diff([]string{"b@dehors.example", "a@dehors.example"}, p.Recipients); diff != "" || p.ReversePath != w.me() || !p.EightBit {
			t.Errorf("parcel %+v: %s", p, diff)
		}
		_, trace, _ := strings.Cut(prefix, "\r\n") // Return-Path stays here
		if h.octets[0] != trace+body || p.Size != int64(len(trace+body)) {
			t.Errorf("size %d, octets %q", p.Size, h.octets[0])
		}
		for _, r := range w.rows() {
			if r.State != 1 || r.Status != "250 2.0.0" {
				t.Errorf("row %+v", r)
			}
		}
		w.clock.Pass(1000 * time.Hour)
		w.work(w.service(h))
		if len(h.parcels) != 1 {
			t.Error("what was sent is sent again")
		}
	})
}

// What Navette saw of a sender is for agents: no copy that leaves tells it, whichever list or group it is of. What the
// sender wrote stays, whatever it is called.
func TestTheMarkOfOriginStaysHere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		h := &hop{}
		_, trace, _ := strings.Cut(prefix, "\r\n")
		const fields = "List-Id: Profs <profs.list.ac-paris.example>\r\nReturn-Path: <kept@dehors.example>\r\n"
		w.acceptUnder(prefix+"X-Navette-Origine: exterieur;\r\n nom-agent\r\n"+fields, w.me(), "a@dehors.example")
		w.work(w.service(h))
		want := trace + fields + body
		if h.octets[0] != want || h.parcels[0].Size != int64(len(want)) {
			t.Errorf("size %d, octets %q", h.parcels[0].Size, h.octets[0])
		}
	})
}

func TestATemporaryFailureIsTriedLaterAndLater(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		h := &hop{}
		h.answer("a@dehors.example", busy)
		w.accept(w.me(), "a@dehors.example", "b@dehors.example")
		s := w.service(h)
		var last time.Duration
		for attempt := 1; attempt <= 6; attempt++ {
			w.work(s)
			r := w.rows()[0]
			base := min(5*time.Minute<<(attempt-1), 2*time.Hour)
			if r.State != 0 || r.Attempts != attempt || r.NextIn < base*4/5 || r.NextIn > base*6/5 {
				t.Fatalf("after attempt %d: %+v", attempt, r)
			}
			if r.Status != "451 4.3.0" {
				t.Errorf("status %q", r.Status)
			}
			w.work(s)
			if again := w.rows()[0]; again.Attempts != attempt {
				t.Fatal("tried before it was due")
			}
			last = r.NextIn
			w.clock.Pass(r.NextIn)
		}
		if last < 80*time.Minute {
			t.Errorf("the delay has grown to %s only", last)
		}
		h.answer("a@dehors.example", outbound.Outcome{Verdict: outbound.Sent, Code: 250, Enhanced: "2.1.5"})
		w.work(s)
		if r := w.rows()[0]; r.State != 1 {
			t.Errorf("row %+v", r)
		}
		want := []string{"b@dehors.example"}
		for range 7 {
			want = append(want, "a@dehors.example")
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, h.sentTo()); diff != "" {
			t.Error(diff)
		}
		if n := len(w.inbox()); n != 0 { // four hours have not passed
			t.Errorf("%d notices", n)
		}
	})
}

func TestAFailureIsReportedOnceToItsSender(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		h := &hop{}
		h.answer("a@dehors.example", nobody)
		w.accept(w.me(), "a@dehors.example", "b@dehors.example")
		s := w.service(h)
		w.work(s)
		w.clock.Pass(200 * time.Hour)
		w.work(s)
		got := w.inbox()
		if len(got) != 1 {
			t.Fatalf("%d reports", len(got))
		}
		if !strings.HasPrefix(got[0], "Return-Path: <>\r\n") {
			t.Errorf("reverse-path of %q", got[0][:60])
		}
		checkReport(t, got[0], w.me())
		if strings.Contains(got[0], "secret@") {
			t.Error("the report names somebody whom the sender did not write to")
		}
		if r := w.rows(); r[0].State != 2 || r[0].Status != "550 5.1.1" || r[1].State != 1 {
			t.Errorf("rows %+v", r)
		}
	})
}

// checkReport reads a report with a parser that is not ours.
func checkReport(t *testing.T, octets, to string) {
	t.Helper()
	e, err := message.Read(strings.NewReader(octets))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := e.Header.ContentType()
	if err != nil || kind != "multipart/report" || params["report-type"] != "delivery-status" {
		t.Fatalf("content type %s %v %v", kind, params, err)
	}
	if got := e.Header.Get("To"); got != "<"+to+">" {
		t.Errorf("To: %s", got)
	}
	if subject, err := e.Header.Text("Subject"); err != nil || subject != "Message non remis : Réunion" {
		t.Errorf("subject %q, %v", subject, err)
	}
	if e.Header.Get("Auto-Submitted") == "" || e.Header.Get("In-Reply-To") != "<m1@ac-paris.example>" {
		t.Errorf("header %v", e.Header)
	}
	parts := e.MultipartReader()
	var kinds, texts []string
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := p.Header.ContentType()
		text, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		kinds, texts = append(kinds, kind), append(texts, string(text))
	}
	if diff := cmp.Diff([]string{"text/plain", "message/delivery-status", "text/rfc822-headers"}, kinds); diff != "" {
		t.Fatal(diff)
	}
	contains(t, texts[0], "Bonjour,\r\n", "« Réunion »", "a@dehors.example", "cette adresse n'existe pas", "could not be delivered")
	contains(t, texts[1], "Reporting-MTA: dns; mx.ac-paris.example\r\n",
		"\r\n\r\nFinal-Recipient: rfc822; a@dehors.example\r\nAction: failed\r\nStatus: 5.1.1\r\n", "Diagnostic-Code: smtp; 550 forwarded to ")
	contains(t, texts[2], "Subject: =?utf-8?q?R=C3=A9union?=\r\n", "Message-ID: <m1@ac-paris.example>")
	if strings.Contains(texts[0]+texts[1]+texts[2], "b@dehors.example") || strings.Contains(texts[2], "Bonjour") {
		t.Error("the report names who was reached, or holds the body")
	}
}

func TestWhatNeverGoesThroughComesBackWhenItsTimeIsUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		h := &hop{}
		h.answer("a@dehors.example", busy)
		w.accept(w.me(), "a@dehors.example")
		s := w.service(h)
		for range 5*24 - 1 {
			w.work(s)
			w.clock.Pass(time.Hour)
		}
		if got := w.inbox(); len(got) != 1 || !strings.Contains(got[0], "Action: delayed\r\n") {
			t.Fatalf("before expiry the inbox has %q", got)
		}
		for range 10 {
			w.work(s)
			w.clock.Pass(time.Hour)
		}
		got := w.inbox()
		if len(got) != 2 {
			t.Fatalf("%d messages", len(got))
		}
		contains(t, got[1], "Action: failed\r\nStatus: 4.4.7\r\n", "Diagnostic-Code: smtp; 451 later, says [adresse]")
		if r := w.rows()[0]; r.State != 2 {
			t.Errorf("row %+v", r)
		}
	})
}

func TestWhatCannotBeReportedGoesIntoTheJournal(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		h := &hop{}
		h.answer("a@dehors.example", nobody)
		w.accept("", "a@dehors.example")
		w.accept("parti@ac-paris.example", "a@dehors.example")
		w.accept("quelquun@ailleurs.example", "a@dehors.example")
		w.work(w.service(h))
		if n := w.count(`SELECT count(*) FROM journal WHERE action = 'outbound.failed' AND reason = '550 5.1.1'`); n != 3 {
			t.Errorf("%d entries in the journal", n)
		}
		if n := w.count(`SELECT count(*) FROM journal WHERE detail LIKE '%@%' OR reason LIKE '%@%' OR subject LIKE '%@%'`); n != 0 {
			t.Error("the journal names an address")
		}
		if n := w.count(`SELECT count(*) FROM email`); n != 0 {
			t.Error("somebody got a report")
		}
		for _, r := range w.rows() {
			if r.State != 2 {
				t.Errorf("row %+v", r)
			}
		}
	})
}

func TestAWorkerThatDiesLeavesItsRowsToOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.accept(w.me(), "a@dehors.example")
		slow, quick := &hop{}, &hop{}
		slow.answer("a@dehors.example", nobody)
		quick.answer("a@dehors.example", nobody)
		other := w.service(quick)
		slow.during = func() {
			w.work(other)
			if len(quick.sentTo()) != 0 {
				t.Error("two workers had one row at a time")
			}
			w.clock.Pass(time.Hour) // as long as if it were dead
			w.work(other)
		}
		w.work(w.service(slow))
		if len(quick.sentTo()) != 1 || len(slow.sentTo()) != 1 {
			t.Errorf("sent %v and %v", quick.sentTo(), slow.sentTo())
		}
		if n := len(w.inbox()); n != 1 {
			t.Errorf("%d reports of one failure", n)
		}
		if r := w.rows()[0]; r.Attempts != 1 || r.State != 2 {
			t.Errorf("row %+v", r)
		}
	})
}

func TestARestartResumes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLiteURL(t))
	w.accept(w.me(), "a@dehors.example")
	// What a worker leaves that is killed while it sends.
	exec(w, fmt.Sprintf(`UPDATE outbound SET lease_until = %d`, w.clock.Now().Add(time.Hour).UnixMicro()))
	h := &hop{}
	s := w.service(h)
	w.work(s)
	if len(h.sentTo()) != 0 {
		t.Fatal("a leased row was taken")
	}
	s.Start(t.Context())
	defer s.Stop()
	waitFor(t, "the row of the last run", func() bool { return len(h.sentTo()) == 1 })
}

func TestNodesShareTheQueueAndSendEachRowOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var want []string
		for m := range 30 {
			var to []string
			for i := range 20 {
				to = append(to, fmt.Sprintf("m%02d-%02d@dehors.example", m, i))
			}
			want = append(want, to...)
			w.accept(w.me(), to...)
		}
		h := &hop{}
		var wg sync.WaitGroup
		for range 4 {
			s := w.service(h)
			wg.Go(func() {
				for range 3 {
					if _, err := s.WorkOnce(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		w.work(w.service(h))
		if diff := cmp.Diff(want, h.sentTo()); diff != "" {
			t.Error(diff)
		}
		if n := w.count(`SELECT count(*) FROM outbound WHERE state = 1 AND attempts = 1`); n != len(want) {
			t.Errorf("%d rows settled", n)
		}
	})
}

func TestLargeMailingsGoInParcels(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLiteURL(t))
	var to []string
	for i := range 250 {
		to = append(to, fmt.Sprintf("r%03d@dehors.example", i))
	}
	w.accept(w.me(), to...)
	h := &hop{}
	w.work(w.service(h))
	if len(h.parcels) != 3 {
		t.Errorf("%d parcels", len(h.parcels))
	}
	if diff := cmp.Diff(to, h.sentTo()); diff != "" {
		t.Error(diff)
	}
}

func TestAReportToAFullMailboxWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLiteURL(t))
	exec(w, `UPDATE account_state SET quota_bytes = 1, used_bytes = 1000`)
	h := &hop{}
	h.answer("a@dehors.example", nobody)
	w.accept(w.me(), "a@dehors.example")
	s := w.service(h)
	w.work(s)
	if r := w.rows()[0]; r.State != 0 || r.NextIn <= 0 {
		t.Fatalf("row %+v", r)
	}
	exec(w, `UPDATE account_state SET quota_bytes = 0`)
	w.House = house.New(t, w.DB) // another node, which has not seen the mailbox full
	w.clock.Pass(3 * time.Hour)
	w.work(w.service(h))
	if r := w.rows()[0]; r.State != 2 || w.count(`SELECT count(*) FROM email`) != 1 {
		t.Errorf("row %+v", r)
	}
}

func TestRowsThatAnotherNodeIsLeasingArePassedOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if w.DB.Dialect() == store.SQLite {
			t.Skip("one writer at a time")
		}
		w.accept(w.me(), "a@dehors.example", "b@dehors.example")
		h := &hop{}
		s := w.service(h)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		err := w.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
			var id int64
			if err := tx.QueryRow(ctx, `SELECT outbound_id FROM outbound WHERE recipient = 'a@dehors.example' FOR UPDATE`).Scan(&id); err != nil {
				return err
			}
			_, err := s.WorkOnce(ctx) // who waited here would wait for ever
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"b@dehors.example"}, h.sentTo()); diff != "" {
			t.Error(diff)
		}
	})
}
