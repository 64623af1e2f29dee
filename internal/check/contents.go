package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"navette/internal/content"
	"navette/internal/failure"
	"navette/internal/mail"
	"navette/internal/store"
)

const (
	messagePage = 1000
	contentPage = 100
	objectPage  = 1000
)

func (r *run) messages(ctx context.Context) error {
	return r.pages(ctx, "message", "message_id", messagePage, &r.report.Messages, func(tx *store.Tx, after, last int64) error {
		return r.apply(ctx, tx, messageRules, after, last)
	})
}

var messageRules = []rule{
	{MessageContent, `SELECT m.message_id, m.content_id FROM message m WHERE m.message_id > $1 AND m.message_id <= $2
		AND NOT EXISTS (SELECT 1 FROM content c WHERE c.content_id = m.content_id)`,
		func(f *Finding, row []int64) { f.Message, f.Content = row[0], row[1] }, "the content is not there"},
	{MessageSize, `SELECT m.message_id, m.content_id, m.size, length(m.prefix) + c.size FROM message m JOIN content c ON c.content_id = m.content_id
		WHERE m.message_id > $1 AND m.message_id <= $2 AND m.size <> length(m.prefix) + c.size`,
		func(f *Finding, row []int64) { f.Message, f.Content = row[0], row[1] }, "its size is %[3]d, prefix and content have %[4]d"},
}

// stored is what is checked of one content outside its snapshot.
type stored struct {
	id             int64
	object         string
	facts, text    []byte
	complete       int
	hasFacts, lost bool
}

func (r *run) contents(ctx context.Context) error {
	var page []stored
	for after := int64(0); ; after = page[len(page)-1].id {
		err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
			page, err = readContents(ctx, tx, after)
			return err
		})
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return nil
		}
		for i := range page {
			if err := r.oneContent(ctx, &page[i]); err != nil {
				return fmt.Errorf("content %d: %w", page[i].id, err)
			}
		}
		r.advance(len(page))
	}
}

func readContents(ctx context.Context, tx *store.Tx, after int64) (page []stored, err error) {
	rows, err := tx.Query(ctx, `SELECT c.content_id, COALESCE(c.object, ''), (c.object IS NULL) = (c.data IS NULL),
			f.facts IS NOT NULL, f.facts, f.text, COALESCE(f.text_complete, 0)
		FROM content c LEFT JOIN facts f ON f.content_id = c.content_id WHERE c.content_id > $1 ORDER BY c.content_id LIMIT $2`, after, contentPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s stored
		if err := rows.Scan(&s.id, &s.object, &s.lost, &s.hasFacts, &s.facts, &s.text, &s.complete); err != nil {
			return nil, err
		}
		page = append(page, s)
	}
	return page, rows.Err()
}

func (r *run) oneContent(ctx context.Context, s *stored) error {
	r.report.Contents++
	at := Finding{Content: s.id}
	if s.lost {
		at.Kind = ContentPlace
		r.found(at, "its octets must be either in its row or in an object")
		return nil
	}
	kept := r.storedFacts(s)
	if s.object != "" {
		f, err := r.Blobs.Open(ctx, s.object)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if there, err := r.stillThere(ctx, s.id); err != nil || !there {
				return err
			}
			at.Kind = ObjectMissing
			r.found(at, "object %s is not there", s.object)
			return nil
		case err != nil:
			return err
		}
		f.Close()
	}
	if r.Deep {
		return r.deepContent(ctx, s, kept)
	}
	return nil
}

// storedFacts decodes the facts; nil where they are missing or cannot be read, which is a finding.
func (r *run) storedFacts(s *stored) *mail.Facts {
	at := Finding{Kind: ContentFacts, Content: s.id}
	if !s.hasFacts {
		r.found(at, "its facts are not there")
		return nil
	}
	facts, err := mail.UnmarshalFacts(s.facts)
	if err != nil {
		r.found(at, "its facts cannot be read: %v", err)
		return nil
	}
	return facts
}

// deepContent reads all octets, which compares their checksum, and parses them anew.
func (r *run) deepContent(ctx context.Context, s *stored, kept *mail.Facts) error {
	body, err := r.Contents.OpenContent(ctx, s.id, 0)
	if failure.Is(err, failure.NotFound) {
		return nil // collected meanwhile
	}
	scan := mail.NewScanner(r.Limits)
	var start head
	if err == nil {
		_, err = io.Copy(io.MultiWriter(scan, &start), body)
		body.Close()
	}
	if err != nil {
		if ctx.Err() != nil || failure.Is(err, failure.Temporary) {
			return err
		}
		if there, lookErr := r.stillThere(ctx, s.id); lookErr != nil || !there {
			return lookErr
		}
		r.found(Finding{Kind: ContentDamaged, Content: s.id}, "%v", err)
		return nil
	}
	if kept == nil {
		return nil
	}
	fresh := scan.Finish()
	encoded, err := fresh.MarshalBinary()
	if err != nil {
		return err
	}
	text, complete := content.SearchText(start, fresh)
	same, err := r.Contents.SameText(s.text, text)
	if err != nil || !same || !bytes.Equal(encoded, s.facts) || s.complete != complete {
		r.found(Finding{Kind: ContentFacts, Content: s.id}, "its facts are not what a new reading of it gives")
	}
	return nil
}

func (r *run) stillThere(ctx context.Context, id int64) (there bool, err error) {
	err = r.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) > 0 FROM content WHERE content_id = $1`, id).Scan(&there)
	})
	return there, err
}

// references looks at the small tables that point to messages, and counts leftovers.
func (r *run) references(ctx context.Context) error {
	return r.snapshot(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, `SELECT count(*) FROM content c WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.content_id = c.content_id)`).
			Scan(&r.report.OrphanContents)
		if err != nil {
			return err
		}
		return r.apply(ctx, tx, referenceRules)
	})
}

var referenceRules = []rule{
	{HeldMessage, `SELECT h.account_id, h.held_id, h.message_id FROM held h
		WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.message_id = h.message_id)`,
		func(f *Finding, row []int64) { f.Account, f.Held, f.Message = row[0], row[1], row[2] }, "the message is not there"},
	{OutboundMessage, `SELECT o.outbound_id, o.message_id FROM outbound o
		WHERE o.state = 0 AND NOT EXISTS (SELECT 1 FROM message m WHERE m.message_id = o.message_id)`,
		func(f *Finding, row []int64) { f.Outbound, f.Message = row[0], row[1] }, "it waits, and its message is not there"},
	{Marks, `SELECT g.id, g.kind FROM gc_mark g WHERE g.kind = 1 AND (NOT EXISTS (SELECT 1 FROM message m WHERE m.message_id = g.id)
			OR EXISTS (SELECT 1 FROM email e WHERE e.message_id = g.id) OR EXISTS (SELECT 1 FROM held h WHERE h.message_id = g.id))`,
		func(f *Finding, row []int64) { f.Message = row[0] }, "it is marked as garbage, and is needed or not there"},
	{Marks, `SELECT g.id, g.kind FROM gc_mark g WHERE g.kind = 2 AND (NOT EXISTS (SELECT 1 FROM content c WHERE c.content_id = g.id)
			OR EXISTS (SELECT 1 FROM message m WHERE m.content_id = g.id))`,
		func(f *Finding, row []int64) { f.Content = row[0] }, "it is marked as garbage, and is needed or not there"},
	{Marks, `SELECT g.id, g.kind FROM gc_mark g WHERE g.kind NOT IN (1, 2, 3) OR (g.kind = 3) <> (g.object <> '')`,
		func(f *Finding, row []int64) { f.N = row[0] }, "a mark of kind %[2]d is none that the collection makes"},
}

// objects counts those that no content has.
func (r *run) objects(ctx context.Context) error {
	page := make([]string, 0, objectPage)
	flush := func() error {
		orphans, err := content.WithoutContent(ctx, r.DB, page)
		page = page[:0]
		r.report.OrphanObjects += int64(len(orphans))
		return err
	}
	err := r.Blobs.Walk(ctx, func(key string, _ int64, _ time.Time) error {
		if page = append(page, key); len(page) < objectPage {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// head keeps the first octets written to it: more than any header whose text is kept.
type head []byte

func (h *head) Write(p []byte) (int, error) {
	if room := 128<<10 - len(*h); room > 0 {
		*h = append(*h, p[:min(room, len(p))]...)
	}
	return len(p), nil
}
