package enrolment

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// spool keeps records between the survey of an export and its application, in a file without a name: it holds addresses,
// and must not survive a crash.
type spool struct {
	file *os.File
	out  *bufio.Writer
	size int64
}

// entry is where a record stands in the spool.
type entry struct {
	at     int64
	length int32
}

func newSpool(folder string) (*spool, error) {
	f, err := os.CreateTemp(folder, ".aaf-")
	if err != nil {
		return nil, fmt.Errorf("make a spool: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("make a spool: %w", err), f.Close())
	}
	return &spool{file: f, out: bufio.NewWriterSize(f, 256<<10)}, nil
}

// put adds a record.
func (s *spool) put(record any) (entry, error) {
	data, err := json.Marshal(record)
	if err != nil {
		return entry{}, fmt.Errorf("spool a record: %w", err)
	}
	if _, err := s.out.Write(data); err != nil {
		return entry{}, fmt.Errorf("spool a record: %w", err)
	}
	e := entry{at: s.size, length: int32(len(data))} //nolint:gosec // of one record, which aaf bounds
	s.size += int64(len(data))
	return e, nil
}

// read gives records back, once all of them are in.
func read[T any](s *spool, entries []entry) ([]T, error) {
	if err := s.out.Flush(); err != nil {
		return nil, fmt.Errorf("read the spool: %w", err)
	}
	list := make([]T, len(entries))
	var buffer []byte
	for i, e := range entries {
		if cap(buffer) < int(e.length) {
			buffer = make([]byte, e.length)
		}
		buffer = buffer[:e.length]
		if _, err := s.file.ReadAt(buffer, e.at); err != nil {
			return nil, fmt.Errorf("read the spool: %w", err)
		}
		if err := json.Unmarshal(buffer, &list[i]); err != nil {
			return nil, fmt.Errorf("read the spool: %w", err)
		}
	}
	return list, nil
}

func (s *spool) close() { s.file.Close() } //nolint:errcheck // it has no name: nothing of it stays
