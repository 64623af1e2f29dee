package content

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"

	"github.com/klauspost/compress/zstd"

	"navette/internal/failure"
	"navette/internal/store"
)

// row is a content as stored.
type row struct {
	id       int64
	size     int64
	encoding int
	sum      []byte
	object   string
	data     []byte
}

// Open returns the octets of a message from an offset on: its prefix and its content joined. The reader holds no
// transaction. What is read to its end is checked against the content's checksum; a reader of damaged octets ends with an
// error instead of io.EOF.
func (c *Contents) Open(ctx context.Context, m *Message, offset int64) (io.ReadCloser, error) {
	if offset < int64(len(m.Prefix)) {
		body, err := c.OpenContent(ctx, m.ContentID, 0)
		if err != nil {
			return nil, err
		}
		return joined{io.MultiReader(bytes.NewReader(m.Prefix[offset:]), body), body}, nil
	}
	return c.OpenContent(ctx, m.ContentID, offset-int64(len(m.Prefix)))
}

type joined struct {
	io.Reader
	io.Closer
}

// OpenContent returns the octets of a content from an offset on.
func (c *Contents) OpenContent(ctx context.Context, id, offset int64) (io.ReadCloser, error) {
	var r row
	err := c.db.ReadOne(ctx, func(tx *store.Tx) error {
		var object sql.NullString
		err := tx.QueryRow(ctx, `SELECT size, encoding, sha256, object, data FROM content WHERE content_id = $1`, id).
			Scan(&r.size, &r.encoding, &r.sum, &object, &r.data)
		r.id, r.object = id, object.String
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, failure.New(failure.NotFound, "the message is no longer there")
	}
	if err != nil {
		return nil, fmt.Errorf("open content %d: %w", id, err)
	}
	return c.openRow(ctx, &r, offset)
}

// OpenPrepared returns the octets of a content that is ready and not inserted yet.
func (c *Contents) OpenPrepared(ctx context.Context, p *Prepared) (io.ReadCloser, error) {
	if p.again {
		return c.OpenContent(ctx, p.ID, 0)
	}
	return c.openRow(ctx, &row{id: p.ID, size: p.Size, encoding: p.encoding, sum: p.sum, object: p.object, data: p.data}, 0)
}

func (c *Contents) openRow(ctx context.Context, r *row, offset int64) (io.ReadCloser, error) {
	if r.object == "" {
		data := r.data
		if r.encoding == zstded {
			var err error
			if data, err = c.dec.DecodeAll(r.data, make([]byte, 0, r.size)); err != nil {
				return nil, fmt.Errorf("content %d: %w", r.id, err)
			}
		}
		if int64(len(data)) != r.size {
			return nil, fmt.Errorf("content %d: %d octets instead of %d", r.id, len(data), r.size)
		}
		if sum := sha256.Sum256(data); !bytes.Equal(sum[:], r.sum) {
			return nil, fmt.Errorf("content %d: its checksum does not match", r.id)
		}
		return io.NopCloser(bytes.NewReader(data[min(offset, r.size):])), nil
	}
	f, err := c.blobs.Open(ctx, r.object)
	if err != nil {
		return nil, fmt.Errorf("content %d, object %s: %w", r.id, r.object, err)
	}
	rd := &objectReader{file: f, want: r, src: f, sum: sha256.New(), kits: &c.kits}
	if r.encoding == zstded {
		if rd.dec, err = c.kits.decoder(f); err != nil {
			f.Close()
			return nil, fmt.Errorf("content %d: %w", r.id, err)
		}
		rd.src = rd.dec
	}
	if _, err := io.CopyN(io.Discard, rd, min(offset, r.size)); err != nil {
		rd.Close()
		return nil, err
	}
	return rd, nil
}

// objectReader streams an object and checks it at its end.
type objectReader struct {
	file io.Closer
	dec  *zstd.Decoder
	kits *kits // that dec goes back to
	src  io.Reader
	want *row
	sum  hash.Hash
	n    int64
}

func (o *objectReader) Read(p []byte) (int, error) {
	n, err := o.src.Read(p)
	o.sum.Write(p[:n])
	o.n += int64(n)
	switch {
	case errors.Is(err, io.EOF) && o.n == o.want.size && bytes.Equal(o.sum.Sum(nil), o.want.sum):
		return n, io.EOF
	case err != nil && !errors.Is(err, io.EOF):
		return n, fmt.Errorf("content %d, object %s: %w", o.want.id, o.want.object, err)
	case err != nil || o.n > o.want.size:
		return n, fmt.Errorf("content %d: its object %s is damaged", o.want.id, o.want.object)
	}
	return n, nil
}

// errorReader gives an error.
type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func (o *objectReader) Close() error {
	if o.dec != nil {
		o.kits.giveDecoder(o.dec)
		o.dec, o.src = nil, errorReader{fs.ErrClosed}
	}
	return o.file.Close()
}
