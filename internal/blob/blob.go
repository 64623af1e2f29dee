// Package blob keeps large contents as objects under keys that are never used twice.
package blob

import (
	"context"
	"io"
	"time"
)

// Store keeps objects. Implementations may be called from many goroutines.
type Store interface {
	// Create begins a new object. Nothing is visible, and nothing promised, before its Commit.
	Create(ctx context.Context) (Writer, error)
	// Open reads an object from its beginning; an unknown key is fs.ErrNotExist.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete removes an object. Deleting an unknown key is no error: it may be called again.
	Delete(ctx context.Context, key string) error
	// Walk calls fn for every object in no order, with its size in octets and the time it was written, until fn fails.
	// Objects written or deleted meanwhile may be seen or not.
	Walk(ctx context.Context, fn func(key string, size int64, written time.Time) error) error
	// SweepUnfinished removes what writers that died before their Commit left behind before a time.
	SweepUnfinished(ctx context.Context, before time.Time) error
}

// Writer is an object being written, for one goroutine.
type Writer interface {
	io.Writer
	// Commit makes the object durable and returns its key.
	Commit() (key string, err error)
	// Abort gives the object up; after Commit it does nothing.
	Abort()
}
