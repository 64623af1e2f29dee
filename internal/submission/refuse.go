package submission

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"navette/internal/content"
	"navette/internal/failure"
	"navette/internal/forgery"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// ToCorrectName is the mailbox where what was refused waits for its sender.
const ToCorrectName = "Brouillons — à corriger"

// refuse keeps a submission that the guard refuses, and gives the error with what the sender has to know: why, where the
// message waits, and where to read more. The octets are read to their end in any case. What cannot be kept is refused
// all the same.
func (s *Service) refuse(ctx context.Context, sub *submitting, refused error) error {
	lines := []string{failure.TextOf(refused, "refusé / refused")}
	if s.cfg.Mailboxes != nil && !sub.corrected {
		switch kept, err := s.keepToCorrect(ctx, sub, lines[0]); {
		case err != nil && kept: // the octets themselves could not be read, or may not be kept
			return err
		case err != nil:
			s.cfg.Log.Warn("a refused message is not kept", "account", sub.Principal.Account, "error", err)
		default:
			lines = append(lines, "votre message attend dans « "+ToCorrectName+" », d'où il part corrigé en un clic / "+
				"your message waits in the mailbox \""+ToCorrectName+"\", to be sent corrected in one click")
		}
	}
	if s.cfg.Help != "" {
		lines = append(lines, s.cfg.Help)
	}
	return failure.New(failure.Policy, "%s", strings.Join(lines, "\n"))
}

// keepToCorrect puts a submission, as it came, into the sender's mailbox. fatal says that its error is the answer to the
// sender: reading failed, or sending has been forbidden meanwhile.
func (s *Service) keepToCorrect(ctx context.Context, sub *submitting, reason string) (fatal bool, err error) {
	draft := s.contents.NewDraft(ctx)
	defer draft.Abort()
	filter := forgery.NewFilter(draft, s.cfg.Hostname)
	if _, err := filter.Write(sub.raw); err != nil {
		return false, err
	}
	if _, err := io.Copy(struct{ io.Writer }{filter}, sub.body); err != nil {
		return true, fmt.Errorf("read the message: %w", err)
	}
	if err := filter.Close(); err != nil {
		return false, err
	}
	if sub.StillAllowed != nil {
		if err := sub.StillAllowed(); err != nil {
			return true, err
		}
	}
	body, err := draft.Finish(ctx)
	if err != nil {
		return false, err
	}
	return false, s.file(ctx, sub.Principal.Account, body, notes{reason: reason, reversePath: sub.given, recipients: distinct(sub.Recipients)})
}

// file puts a content into the mailbox, in the place of what waits there under the same Message-ID.
func (s *Service) file(ctx context.Context, account int64, body *content.Prepared, n notes) error {
	message, err := s.db.NewIDs(ctx, "message", 1)
	if err != nil {
		return err
	}
	prefix := n.fields()
	size := body.Size + int64(len(prefix))
	err = s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if _, err := tx.LockAccounts(ctx, account); err != nil {
			return err
		}
		box, err := mailbox.Ensure(ctx, tx, account, ToCorrectName)
		if err != nil {
			return err
		}
		if err := s.replace(ctx, tx, account, body.Facts); err != nil {
			return err
		}
		if err := body.Insert(ctx, tx); err != nil {
			return err
		}
		if err := content.InsertMessage(ctx, tx, message, body.ID, prefix, size); err != nil {
			return err
		}
		_, err = mailbox.Keep(ctx, tx, account, mailbox.Kept{Mailbox: box, Message: message, Size: size, Flags: mailbox.Draft,
			Threads: mailbox.ThreadHashes(body.Facts)})
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a refused message: %w", err)
	}
	return nil
}

// replace takes out what waits under a Message-ID.
func (s *Service) replace(ctx context.Context, tx *store.Tx, account int64, f *mail.Facts) error {
	if f.MessageID == "" {
		return nil
	}
	list, err := s.waiting(ctx, tx, account)
	if err != nil {
		return err
	}
	for _, w := range list {
		facts, err := w.message.Facts()
		if err != nil || facts.MessageID != f.MessageID {
			continue
		}
		if _, err := mailbox.Take(ctx, tx, account, w.Mailbox, w.UID); err != nil {
			return err
		}
	}
	return nil
}

func distinct(addresses []string) (out []string) {
	seen := make(map[string]bool, len(addresses))
	for _, a := range addresses {
		if !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	return out
}

// notes are what the prefix of a refused message tells: why it was refused, and the envelope that it came in. They are
// true there alone: in a content, which IMAP's APPEND takes as it is, they prove nothing.
type notes struct {
	reason      string
	reversePath string
	recipients  []string
}

// The fields of notes.
const (
	reasonField     = "X-Navette-A-Corriger"
	senderField     = "X-Navette-Expediteur"
	recipientsField = "X-Navette-Destinataires"
)

// fields writes the notes as header fields.
func (n notes) fields() []byte {
	recipients := make([]string, len(n.recipients))
	for i, r := range n.recipients {
		recipients[i] = "<" + r + ">"
	}
	return fmt.Appendf(nil, "%s: %s\r\n%s: <%s>\r\n%s: %s\r\n", reasonField, encodedWords(n.reason), senderField, n.reversePath,
		recipientsField, strings.Join(recipients, ",\r\n "))
}

// readNotes is fields backwards; a prefix without them gives no recipients.
func readNotes(prefix []byte) (n notes) {
	for f := range mail.HeaderFields(prefix) {
		switch f.Name {
		case reasonField:
			n.reason = f.Text()
		case senderField:
			n.reversePath = strings.Trim(strings.TrimSpace(string(f.Value)), "<>")
		case recipientsField:
			lines := bufio.NewScanner(strings.NewReader(string(f.Value)))
			lines.Buffer(nil, len(f.Value)+1)
			for lines.Scan() {
				if r := strings.TrimSuffix(strings.TrimSpace(lines.Text()), ","); r != "" {
					n.recipients = append(n.recipients, strings.TrimSuffix(strings.TrimPrefix(r, "<"), ">"))
				}
			}
		}
	}
	return n
}
