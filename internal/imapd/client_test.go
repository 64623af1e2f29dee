package imapd_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"
)

// TestARealClient goes through a mail program's day with a client that we did not write.
func TestARealClient(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	arrived := make(chan uint32, 10)
	c, err := imapclient.DialInsecure(d.plain, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				arrived <- *data.NumMessages
			}
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(c.Login(d.login(0), password).Wait())

	boxes, err := c.List("", "*", &imap.ListOptions{ReturnStatus: &imap.StatusOptions{NumMessages: true, UIDNext: true}}).Collect()
	check(err)
	var names []string
	for _, b := range boxes {
		names = append(names, b.Mailbox)
		if b.Status == nil || *b.Status.NumMessages != 0 {
			t.Errorf("%s: status %+v", b.Mailbox, b.Status)
		}
	}
	if diff := cmp.Diff([]string{"INBOX", "Archives", "Brouillons", "Corbeille", "Envoyés", "Indésirables"}, names); diff != "" {
		t.Error(diff)
	}

	message := letter("Réunion", "Bonjour")
	up := c.Append("Envoyés", int64(len(message)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)})
	if _, err := io.WriteString(up, message); err != nil {
		t.Fatal(err)
	}
	check(up.Close())
	put, err := up.Wait()
	check(err)
	if put.UID != 1 {
		t.Errorf("APPENDUID %d", put.UID)
	}

	sel, err := c.Select("Envoyés", nil).Wait()
	check(err)
	if sel.NumMessages != 1 || sel.UIDNext != 2 || sel.UIDValidity != put.UIDValidity || sel.HighestModSeq == 0 {
		t.Errorf("SELECT gave %+v", sel)
	}
	got, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{Flags: true, Envelope: true, InternalDate: true, RFC822Size: true, UID: true,
		BodyStructure: &imap.FetchItemBodyStructure{Extended: true}, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	check(err)
	m := got[0]
	if m.UID != 1 || m.RFC822Size != int64(len(message)) || m.Envelope.MessageID != "Réunion@ac-paris.example" ||
		m.Envelope.From[0].Addr() != "marie.dupont@ac-paris.example" || m.BodyStructure.MediaType() != "text/plain" ||
		!m.InternalDate.Equal(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)) || string(m.FindBodySection(&imap.FetchItemBodySection{Peek: true})) != message {
		t.Errorf("FETCH gave %+v", m)
	}

	found, err := c.UIDSearch(&imap.SearchCriteria{Body: []string{"bonjour"}, Flag: []imap.Flag{imap.FlagSeen}}, &imap.SearchOptions{ReturnAll: true, ReturnCount: true}).Wait()
	check(err)
	if found.Count != 1 || found.AllUIDs()[0] != 1 {
		t.Errorf("SEARCH gave %+v", found)
	}
	stored, err := c.Store(imap.SeqSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagFlagged}}, nil).Collect()
	check(err)
	if diff := cmp.Diff([]imap.Flag{imap.FlagSeen, imap.FlagFlagged}, stored[0].Flags); diff != "" {
		t.Error(diff)
	}
	moved, err := c.Move(imap.SeqSetNum(1), "INBOX").Wait()
	check(err)
	if !strings.Contains(moved.DestUIDs.String(), "1") {
		t.Errorf("MOVE gave %+v", moved)
	}

	check(c.Unselect().Wait())
	_, err = c.Select("INBOX", nil).Wait()
	check(err)
	for len(arrived) > 0 {
		<-arrived
	}
	idle, err := c.Idle()
	check(err)
	d.Deliver(t, []byte(letter("new", "x")), d.accounts[0])
	if n := <-arrived; n != 2 {
		t.Errorf("EXISTS %d", n)
	}
	check(idle.Close())
	check(idle.Wait())
	check(c.Logout().Wait())
}
