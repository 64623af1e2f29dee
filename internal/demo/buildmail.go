package demo

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/mailbox"
)

// mailboxKey is a mailbox of an agent, by role.
type mailboxKey struct {
	agent int
	role  string
}

// entry is a message with its copy in one mailbox.
type entry struct {
	message *Message
	copy    Copy
}

// mail puts the mail of the académie into the mailboxes: a year of it appended with its dates,
// letters to everybody delivered as letters are.
func (b *builder) mail(ctx context.Context) error {
	messages := b.academie.Mail(func(agent int) string { return b.of(b.academie.Agents[agent]).Address })
	boxes := map[mailboxKey][]entry{}
	for i := range messages {
		m := &messages[i]
		var letter []int
		for _, c := range m.Copies {
			if c.Agent >= richAccounts && len(m.Copies) > delivery.PlaceNow {
				letter = append(letter, c.Agent)
				continue
			}
			key := mailboxKey{c.Agent, c.Role}
			boxes[key] = append(boxes[key], entry{m, c})
		}
		if err := b.deliver(ctx, m, letter); err != nil {
			return fmt.Errorf("deliver a letter: %w", err)
		}
	}
	return b.fill(ctx, boxes)
}

// deliver accepts a letter for agents, no more at a time than are placed at once: when Build
// returns, all of it is there.
func (b *builder) deliver(ctx context.Context, m *Message, agents []int) error {
	for part := range slices.Chunk(agents, delivery.PlaceNow) {
		body, err := b.Mailboxes.Contents().Prepare(ctx, bytes.NewReader(m.Raw))
		if err != nil {
			return err
		}
		asked := guard.Message{Door: guard.System}
		env := delivery.Envelope{}
		for _, agent := range part {
			i := b.of(b.academie.Agents[agent])
			asked.Recipients = append(asked.Recipients, guard.Recipient{Address: i.Address, Standing: guard.Standing{Class: guard.Agent}})
			env.Local = append(env.Local, delivery.Target{Account: i.Account, Mailbox: mailbox.Inbox})
		}
		cleared, err := guard.Decide(asked).Clear(true)
		if err != nil {
			return err
		}
		if _, err := b.Delivery.Accept(ctx, cleared, env, body, nil); err != nil {
			return err
		}
	}
	return nil
}

// fill appends to each mailbox what belongs there, in the order of the dates.
func (b *builder) fill(ctx context.Context, boxes map[mailboxKey][]entry) error {
	names := map[string]string{}
	for _, folder := range mailbox.Folders {
		names[folder.Role] = folder.Name
	}
	keys := make([]mailboxKey, 0, len(boxes))
	for key := range boxes {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(x, y mailboxKey) int { return cmp.Or(cmp.Compare(x.agent, y.agent), cmp.Compare(x.role, y.role)) })
	for i, key := range keys {
		emails := make([]mailbox.NewEmail, len(boxes[key]))
		for k, e := range boxes[key] {
			body, err := b.Mailboxes.Contents().Prepare(ctx, bytes.NewReader(e.message.Raw))
			if err != nil {
				return fmt.Errorf("prepare a message: %w", err)
			}
			emails[k] = mailbox.NewEmail{Content: body, Flags: flagsOf(e.copy), ReceivedAt: e.message.Date}
		}
		account := b.of(b.academie.Agents[key.agent]).Account
		if _, err := b.Mailboxes.Append(ctx, account, names[key.role], emails); err != nil {
			return fmt.Errorf("fill the %s of agent %d: %w", key.role, key.agent, err)
		}
		b.opt.Progress("messages", i+1, len(keys))
	}
	return nil
}

func flagsOf(c Copy) mailbox.Flags {
	var flags mailbox.Flags
	for _, f := range []struct {
		set  bool
		flag mailbox.Flags
	}{{c.Seen, mailbox.Seen}, {c.Answered, mailbox.Answered}, {c.Flagged, mailbox.Flagged}, {c.Role == "drafts", mailbox.Draft}, {c.Role == "junk", mailbox.Junk}} {
		if f.set {
			flags |= f.flag
		}
	}
	return flags
}
