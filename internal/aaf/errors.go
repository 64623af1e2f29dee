package aaf

import (
	"errors"
	"fmt"
)

// What is wrong with a whole file: a FileError wraps one of them.
var (
	ErrNotXML    = errors.New("not XML")
	ErrTruncated = errors.New("truncated")
	ErrRoot      = errors.New("not an AAF export")
	ErrHostile   = errors.New("refused construct") // entities of its own
	ErrEncoding  = errors.New("unknown encoding")
	ErrTooLarge  = errors.New("too large")
)

// ErrContainer is wrapped by the refusal of a whole folder or archive.
var ErrContainer = errors.New("container refused")

// FileError says that a file is not what it should be from a position on. Records before it were good; after it there
// are none of this file. A complete export with such a file tells nothing about who is absent.
type FileError struct {
	File   string
	Offset int64  // octets from the start of the file
	Line   int    // from 1
	Reason string // French, then English
	Kind   error  // ErrNotXML, ErrTruncated, ErrRoot, ErrHostile, ErrEncoding or ErrTooLarge
}

func (e *FileError) Error() string {
	return fmt.Sprintf("%s, ligne %d (octet %d) : %s", e.File, e.Line, e.Offset, e.Reason)
}

func (e *FileError) Unwrap() error { return e.Kind }

// RecordError says that one request could not be understood. The others of its file go on.
type RecordError struct {
	File     string
	Line     int // where the request begins, from 1
	Category Category
	Key      string // the join key, as far as it could be read; or ""
	Reason   string // French, then English; quotes no value
}

func (e *RecordError) Error() string {
	key := e.Key
	if key == "" {
		key = "?"
	}
	return fmt.Sprintf("%s, ligne %d, %s %s : %s", e.File, e.Line, e.Category, key, e.Reason)
}

// both is a text in French, then in English.
func both(french, english string) string { return french + " / " + english }

// refusal is the refusal of a whole container.
func refusal(container, french, english string) error {
	return fmt.Errorf("%w : %s : %s", ErrContainer, container, both(french, english))
}
