package content

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"

	"navette/internal/blob"
	"navette/internal/fault"
	"navette/internal/mail"
	"navette/internal/store"
)

// Draft is a content being received: it is parsed, summed and compressed as it comes, in bounded memory.
// It is for one goroutine, which ends it with Finish or Abort.
type Draft struct {
	*kit // given back at the end
	c    *Contents
	ctx  context.Context
	size int64
	obj  blob.Writer // once it has spilled; small is the content's start then
	enc  *zstd.Encoder
	err  error
}

// NewDraft begins a content.
func (c *Contents) NewDraft(ctx context.Context) *Draft {
	return &Draft{kit: c.kits.take(c.limits), c: c, ctx: ctx}
}

// Write takes the next octets, exactly as they are to come back.
func (d *Draft) Write(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	d.size += int64(len(p))
	d.sum.Write(p)
	d.scan.Write(p) //nolint:errcheck // a scanner takes anything
	if d.obj == nil && len(d.small)+len(p) <= spillAt {
		d.small = append(d.small, p...)
		return len(p), nil
	}
	if d.obj == nil {
		if d.err = d.spill(); d.err != nil {
			return 0, d.err
		}
	}
	if room := headerMax - len(d.small); room > 0 {
		d.small = append(d.small, p[:min(room, len(p))]...)
	}
	if _, d.err = d.enc.Write(p); d.err != nil {
		return 0, fmt.Errorf("write content: %w", d.err)
	}
	return len(p), nil
}

// Size is how many octets were written.
func (d *Draft) Size() int64 { return d.size }

// spill moves what came so far to an object, compressed.
func (d *Draft) spill() error {
	obj, err := d.c.blobs.Create(d.ctx)
	if err != nil {
		return fmt.Errorf("begin an object: %w", err)
	}
	d.obj = obj
	if d.enc, err = d.c.kits.encoder(obj); err != nil {
		return err
	}
	_, err = d.enc.Write(d.small)
	d.small = d.small[:min(headerMax, len(d.small))]
	return err
}

// start is the content's first octets: all of a small one, headerMax at least of one that has spilled.
func (d *Draft) start() []byte { return d.small }

// Abort gives the content up. After Finish it does nothing.
func (d *Draft) Abort() {
	if d.kit == nil {
		return
	}
	if d.obj != nil {
		d.obj.Abort()
	}
	d.release()
	d.err = errEnded
}

var errEnded = errors.New("the content has ended")

// release gives back what the draft was made with.
func (d *Draft) release() {
	if d.enc != nil {
		d.c.kits.giveEncoder(d.enc)
		d.enc = nil
	}
	d.c.kits.give(d.kit)
	d.kit = nil
}

// Prepared is a content that is ready to be inserted: its object, if it has one, is durable already, and becomes a
// leftover when no transaction inserts it.
type Prepared struct {
	ID    int64
	Size  int64
	Facts *mail.Facts

	encoding int
	sum      []byte
	object   string
	data     []byte
	facts    []byte
	text     []byte
	complete int
	again    bool // it was inserted before
}

// Finish ends the content, writes its object where it is large, and takes its id.
func (d *Draft) Finish(ctx context.Context) (*Prepared, error) {
	if d.err != nil {
		d.Abort()
		return nil, d.err
	}
	p := &Prepared{Size: d.size, Facts: d.scan.Finish(), sum: d.sum.Sum(nil)}
	text, complete := SearchText(d.start(), p.Facts)
	p.text, p.complete = d.c.enc.EncodeAll(text, nil), complete
	if err := d.seal(p); err != nil {
		d.Abort()
		return nil, err
	}
	d.release()
	d.err = errEnded
	var err error
	if p.facts, err = p.Facts.MarshalBinary(); err != nil {
		return nil, fmt.Errorf("encode facts: %w", err)
	}
	if p.ID, err = d.c.db.NewIDs(ctx, "content", 1); err != nil {
		return nil, err
	}
	return p, nil
}

// seal decides where the octets go.
func (d *Draft) seal(p *Prepared) error {
	if d.obj == nil {
		p.encoding = zstded
		p.data = d.c.enc.EncodeAll(d.small, make([]byte, 0, len(d.small)/2+64))
		if len(p.data) >= len(d.small) {
			p.encoding, p.data = identity, slices.Clone(d.small)
		}
		if len(p.data) <= InlineMax {
			return nil
		}
		obj, err := d.c.blobs.Create(d.ctx)
		if err != nil {
			return fmt.Errorf("begin an object: %w", err)
		}
		d.obj = obj
		if _, err := obj.Write(p.data); err != nil {
			return fmt.Errorf("write content: %w", err)
		}
		p.data = nil
	} else {
		p.encoding = zstded
		if err := d.enc.Close(); err != nil {
			return fmt.Errorf("write content: %w", err)
		}
	}
	key, err := d.obj.Commit()
	if err != nil {
		return fmt.Errorf("commit object: %w", err)
	}
	p.object = key
	fault.Point("content.after-object")
	return nil
}

// Prepare reads a whole content from r.
func (c *Contents) Prepare(ctx context.Context, r io.Reader) (*Prepared, error) {
	d := c.NewDraft(ctx)
	if _, err := io.Copy(d, r); err != nil {
		d.Abort()
		return nil, err
	}
	return d.Finish(ctx)
}

// Again gives the content of a message that was loaded with its facts, to be sent once more under another prefix:
// Insert writes nothing. The transaction must hold a reference to the message that lives (see Collector).
func (m *Message) Again() (*Prepared, error) {
	f, err := m.Facts()
	if err != nil {
		return nil, err
	}
	return &Prepared{ID: m.ContentID, Size: m.Size - int64(len(m.Prefix)), Facts: f, again: true}, nil
}

// Insert writes the content and its facts. It may run again in a retried transaction.
func (p *Prepared) Insert(ctx context.Context, tx *store.Tx) error {
	if p.again {
		return nil
	}
	var object, data any
	if p.object != "" {
		object = p.object
	} else {
		data = p.data
	}
	if _, err := tx.Exec(ctx, `INSERT INTO content (content_id, size, encoding, sha256, created_at, object, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, p.ID, p.Size, p.encoding, p.sum, tx.NowMicros(), object, data); err != nil {
		return fmt.Errorf("insert content: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO facts (content_id, facts, text_complete, text) VALUES ($1, $2, $3, $4)`,
		p.ID, p.facts, p.complete, p.text); err != nil {
		return fmt.Errorf("insert facts: %w", err)
	}
	return nil
}
