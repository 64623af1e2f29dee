// Package content keeps the octets of messages and what was learned from one reading of them.
//
// A content is the body that all copies of a message share, as accepted, compressed; a message is one copy: a small
// prefix of header lines joined before a content. Facts (mail.Facts) are of the content.
//
// # Tables
//
// content and facts are written once by Prepared.Insert, message by InsertMessage, all in the transaction that makes
// the first reference to them. Nothing updates them. The Collector deletes them (gc.go), marked for a day before.
//
// # Order
//
// A large content is an object: written, synced and named before its row commits, deleted after its row. So a row
// always has its object, and an object without a row is a leftover that the Collector removes.
package content

import (
	"context"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"navette/internal/blob"
	"navette/internal/mail"
	"navette/internal/store"
)

// InlineMax is the largest encoded content kept in its row, in octets.
const InlineMax = 64 << 10

// spillAt is how many octets of a content being received stay in memory before it goes to an object.
const spillAt = 128 << 10

const (
	identity = 0
	zstded   = 1
)

// Contents reads and writes contents. Its methods may be called from many goroutines.
type Contents struct {
	db     *store.DB
	blobs  blob.Store
	limits mail.Limits
	enc    *zstd.Encoder
	dec    *zstd.Decoder
	kits   kits
}

// New returns the contents kept in db and blobs.
func New(db *store.DB, blobs blob.Store, limits mail.Limits) (*Contents, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(4), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(4), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return nil, err
	}
	return &Contents{db: db, blobs: blobs, limits: limits, enc: enc, dec: dec}, nil
}

// Message is one copy of a message as rows tell it; the octets are opened with Contents.Open.
type Message struct {
	ID        int64
	ContentID int64
	Size      int64  // octets of prefix and content joined: RFC822.SIZE
	Prefix    []byte // header lines that stand before the content
	RawFacts  []byte // mail.Facts of the content, encoded: offsets are of the content, add len(Prefix)
	RawText   []byte // compressed; see Contents.Text
	TextAll   int    // facts.text_complete
}

// Facts decodes the facts of the content.
func (m *Message) Facts() (*mail.Facts, error) { return mail.UnmarshalFacts(m.RawFacts) }

// Load reads messages by id in two queries at most, whatever their number; the order is not that of ids.
// withFacts and withText say which columns besides size are read.
func (c *Contents) Load(ctx context.Context, tx *store.Tx, ids []int64, withFacts, withText bool) (map[int64]Message, error) {
	out := make(map[int64]Message, len(ids))
	set, arg := tx.Dialect().IntSet(1, ids)
	q := `SELECT message_id, content_id, size, prefix FROM message WHERE message_id IN (` + set + `)`
	switch {
	case withText:
		q = `SELECT m.message_id, m.content_id, m.size, m.prefix, f.facts, f.text_complete, f.text
			FROM message m JOIN facts f ON f.content_id = m.content_id WHERE m.message_id IN (` + set + `)`
	case withFacts:
		q = `SELECT m.message_id, m.content_id, m.size, m.prefix, f.facts
			FROM message m JOIN facts f ON f.content_id = m.content_id WHERE m.message_id IN (` + set + `)`
	}
	rows, err := tx.Query(ctx, q, arg)
	if err != nil {
		return nil, fmt.Errorf("load messages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var m Message
		into := []any{&m.ID, &m.ContentID, &m.Size, &m.Prefix}
		if withFacts || withText {
			into = append(into, &m.RawFacts)
		}
		if withText {
			into = append(into, &m.TextAll, &m.RawText)
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("load messages: %w", err)
		}
		out[m.ID] = m
	}
	return out, rows.Err()
}

// InsertMessage writes one copy of a content. size is that of prefix and content joined.
func InsertMessage(ctx context.Context, tx *store.Tx, id, contentID int64, prefix []byte, size int64) error {
	if prefix == nil {
		prefix = []byte{}
	}
	_, err := tx.Exec(ctx, `INSERT INTO message (message_id, content_id, size, created_at, prefix) VALUES ($1, $2, $3, $4, $5)`,
		id, contentID, size, tx.NowMicros(), prefix)
	if err != nil {
		return fmt.Errorf("insert message: %w", err)
	}
	return nil
}
