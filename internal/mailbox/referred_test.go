package mailbox_test

import (
	"strings"
	"testing"

	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// referred gives the Message-ID and the recipients of what a header answers, in an account.
func referred(t *testing.T, h *house.House, account int64, header string) (id string, named []string) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		e, found, err := mailbox.Referred(t.Context(), tx, h.Contents, account, mail.ParseBytes([]byte(header), mail.Limits{}))
		id, named = strings.Trim(e.MessageID, "<>"), nil
		for _, a := range append(e.To, e.Cc...) {
			named = append(named, a.Addr())
		}
		if found != (id != "") {
			t.Errorf("found %v: %+v", found, e)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id, named
}

func TestWhatAMessageAnswersIsFoundInItsOwnAccount(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		ids := h.Accounts(t, 2)
		h.Deliver(t, []byte("From: p@x.fr\r\nTo: a@b.fr\r\nSubject: Absence\r\nMessage-ID: <1@p>\r\n\r\nx\r\n"), ids[0])
		h.Deliver(t, []byte("From: p@x.fr\r\nCc: c@b.fr\r\nSubject: Re: Absence\r\nMessage-ID: <2@p>\r\nReferences: <1@p>\r\n\r\nx\r\n"), ids[0])
		h.Deliver(t, []byte("From: p@x.fr\r\nSubject: Cantine\r\nMessage-ID: <3@p>\r\n\r\nx\r\n"), ids[1])
		_, err := h.Mailboxes.Append(t.Context(), ids[0], "INBOX", []mailbox.NewEmail{{Prefix: []byte("To: d@b.fr\r\n"),
			Content: h.Prepare(t, []byte("From: p@x.fr\r\nSubject: Sortie\r\nMessage-ID: <4@p>\r\n\r\nx\r\n"))}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ name, header, want, named string }{
			{"what In-Reply-To names", "Subject: Re: Absence\r\nIn-Reply-To: <1@p>\r\n\r\n", "1@p", "a@b.fr"},
			{"the nearest that is there", "Subject: RE: Absence\r\nReferences: <1@p> <2@p> <9@p>\r\nIn-Reply-To: <9@p>\r\n\r\n", "2@p", "c@b.fr"},
			{"under another subject it is no answer", "Subject: Cantine\r\nIn-Reply-To: <1@p>\r\n\r\n", "", ""},
			{"what another account has", "Subject: Re: Cantine\r\nIn-Reply-To: <3@p>\r\n\r\n", "", ""},
			{"what nobody has", "Subject: Re: Absence\r\nIn-Reply-To: <9@p>\r\n\r\n", "", ""},
			{"nothing", "Subject: Absence\r\n\r\n", "", ""},
			{"whom the prefix names", "Subject: Re: Sortie\r\nIn-Reply-To: <4@p>\r\n\r\n", "4@p", "d@b.fr"},
		} {
			if id, named := referred(t, h, ids[0], c.header); id != c.want || strings.Join(named, " ") != c.named {
				t.Errorf("%s: %q to %q", c.name, id, named)
			}
		}
	})
}
