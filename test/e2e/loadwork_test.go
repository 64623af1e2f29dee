package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// idField is the header field in which every message of the load carries the id of its attempt.
const idField = "X-Essai"

// big is more than what stands in the database itself, however well it is compressed.
const big = 100_000

// essay is the message of an attempt: its octets follow from id and size alone.
func essay(id string, size int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "From: essai@dehors.example\r\nTo: tous@ac-paris.example\r\nSubject: essai\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <%s@dehors.example>\r\n%s: %s\r\n\r\n", id, idField, id)
	var seed [32]byte
	copy(seed[:], id)
	source := rand.New(rand.NewChaCha8(seed))
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for b.Len() < size {
		for range 72 {
			b.WriteByte(letters[source.IntN(len(letters))])
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

// sizeOf makes every fourth message a big one.
func sizeOf(n int) int {
	if n%4 == 3 {
		return big
	}
	return 1000
}

func (p *loadPlan) id(name string, n int) string { return fmt.Sprintf("%s.%s.%d", p.Run, name, n) }

// receptions sends messages to one, two or three mailboxes.
func (p *loadPlan) receptions(l *ledger, offset int) worker {
	return func(ctx context.Context, name string, n *int) error {
		conn, err := dialDoor(p.SMTP)
		if err != nil {
			return err
		}
		c := smtp.NewClient(conn)
		defer c.Close()
		for ctx.Err() == nil {
			*n++
			e := entry{Kind: reception, ID: p.id(name, *n), Size: sizeOf(*n)}
			for i := range 1 + *n%3 {
				e.To = append(e.To, p.Few[(7*offset+*n+i)%len(p.Few)])
			}
			if _, err := l.attempt(e, func() error { return transact(c, outsider, e.To, essay(e.ID, e.Size)) }); err != nil {
				return err
			}
		}
		return nil
	}
}

// transact is one SMTP transaction; a refused one is taken back.
func transact(c *smtp.Client, from string, to []string, text string) error {
	err := c.Mail(from, nil)
	for _, r := range to {
		if err == nil {
			err = c.Rcpt(r, nil)
		}
	}
	var w *smtp.DataCommand
	if err == nil {
		w, err = c.Data()
	}
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err == nil {
		err = w.Close()
	}
	if refusal(err) {
		if reset := c.Reset(); reset != nil {
			return errors.Join(errors.New("RSET failed"), reset)
		}
	}
	return err
}

// broadcasts sends messages to everybody over LMTP, one for every fifteen other attempts that were acknowledged.
func (p *loadPlan) broadcasts(l *ledger) worker {
	return func(ctx context.Context, name string, n *int) error {
		conn, err := dialDoor(p.LMTP)
		if err != nil {
			return err
		}
		c := smtp.NewClientLMTP(conn)
		defer c.Close()
		for ctx.Err() == nil {
			*n++
			e := entry{Kind: broadcast, ID: p.id(name, *n), All: true, Size: sizeOf(*n)}
			if _, err := l.attempt(e, func() error { return transact(c, outsider, p.All, essay(e.ID, e.Size)) }); err != nil {
				return err
			}
			for next := l.count.Load() + 15; l.count.Load() < next && ctx.Err() == nil; {
				time.Sleep(time.Millisecond) // pacing of the load, nothing depends on it
			}
		}
		return nil
	}
}

// submissions sends, signed in, to somebody here and somebody outside.
func (p *loadPlan) submissions(l *ledger) worker {
	return func(ctx context.Context, name string, n *int) error {
		conn, err := dialDoor(p.Submit)
		if err != nil {
			return err
		}
		c := smtp.NewClient(conn)
		defer c.Close()
		if err := c.Auth(sasl.NewPlainClient("", p.Sender.login, p.Sender.password)); err != nil {
			return err
		}
		for ctx.Err() == nil {
			*n++
			e := entry{Kind: submission, ID: p.id(name, *n), Size: sizeOf(*n), To: []string{p.Few[*n%len(p.Few)]}}
			text := strings.Replace(essay(e.ID, e.Size), "essai@dehors.example", p.Sender.address, 1)
			if _, err := l.attempt(e, func() error { return transact(c, p.Sender.address, append(e.To, "dehors@dehors.example"), text) }); err != nil {
				return err
			}
		}
		return nil
	}
}

// mailboxWork appends, flags, moves and erases in a mailbox that nobody else writes to.
func (p *loadPlan) mailboxWork(l *ledger, a account) worker {
	return func(ctx context.Context, name string, n *int) error {
		c, err := signInTo(p.IMAP, a, nil)
		if err != nil {
			return err
		}
		defer c.Close()
		for ctx.Err() == nil {
			*n++
			if err := p.lifeOfAMessage(l, c, a, p.id(name, *n), *n); err != nil {
				return err
			}
		}
		return nil
	}
}

// lifeOfAMessage ends where an attempt fails: what comes after needs to know how it ended.
func (p *loadPlan) lifeOfAMessage(l *ledger, c *imapclient.Client, a account, id string, n int) error {
	e := entry{ID: id, Size: sizeOf(n), To: []string{a.address}}
	var uid imap.UID
	steps := []struct {
		kind string
		when bool
		do   func() error
	}{
		{storing, true, func() error {
			data, err := appendTo(c, archive, essay(id, e.Size))
			if err == nil {
				uid = data.UID
			}
			return err
		}},
		{flagging, n%2 == 0, func() error { return storeFlag(c, archive, uid, imap.FlagFlagged) }},
		{moving, n%3 == 0, func() error {
			moved, err := c.Move(imap.UIDSetNum(uid), sent).Wait()
			if err == nil {
				if set, ok := moved.DestUIDs.(imap.UIDSet); ok && len(set) == 1 {
					uid = set[0].Start
				}
			}
			return err
		}},
		{erasing, n%6 == 0, func() error {
			if err := storeFlag(c, sent, uid, imap.FlagDeleted); err != nil {
				return err
			}
			return c.UIDExpunge(imap.UIDSetNum(uid)).Close()
		}},
	}
	for _, s := range steps {
		if !s.when {
			continue
		}
		if s.kind == moving {
			if _, err := c.Select(archive, nil).Wait(); err != nil {
				return err
			}
		}
		e.Kind = s.kind
		done, err := l.attempt(e, s.do)
		if err != nil || !done {
			return err
		}
	}
	return nil
}

func storeFlag(c *imapclient.Client, folder string, uid imap.UID, flag imap.Flag) error {
	if _, err := c.Select(folder, nil).Wait(); err != nil {
		return err
	}
	return c.Store(imap.UIDSetNum(uid), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}, nil).Close()
}
