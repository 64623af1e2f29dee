package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// What can happen to an attempt.
const (
	tried        = "tried"        // before the first octet that could have an effect
	acknowledged = "acknowledged" // the server said that it is done
	refusedNow   = "refused"      // the server said no
	lost         = "lost"         // the connection broke: nobody knows
)

// What is attempted.
const (
	reception  = "reception"  // SMTP, to a few
	broadcast  = "broadcast"  // LMTP, one message to everybody
	submission = "submission" // signed in, to somebody here and somebody outside
	storing    = "append"     // IMAP APPEND to Archives
	flagging   = "flag"       // IMAP STORE of \Flagged, on what was appended
	moving     = "move"       // IMAP MOVE of it to Envoyés
	erasing    = "erase"      // IMAP EXPUNGE of it there
)

// entry is a line of the ledger. Each attempt has an id of its own, which the message carries; an attempt is made once.
type entry struct {
	Event string   `json:"event"`
	Kind  string   `json:"kind"`
	ID    string   `json:"id"`
	To    []string `json:"to,omitempty"` // mailboxes here that the message is for: addresses
	All   bool     `json:"all,omitempty"`
	Size  int      `json:"size,omitempty"`
	Text  string   `json:"text,omitempty"` // what the server said
	Final bool     `json:"final,omitempty"`
}

// ledger is where the load process writes what it did. One write a line: what was written outlives the process.
type ledger struct {
	mu    sync.Mutex
	file  *os.File
	count atomic.Int64 // of what was acknowledged
}

func openLedger(path string) (*ledger, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &ledger{file: f}, nil
}

// write appends an entry. A ledger that cannot be written makes the test worthless: the process ends.
func (l *ledger) write(e entry) {
	if err := l.append(e); err != nil {
		fmt.Fprintln(os.Stderr, "ledger:", err)
		os.Exit(1)
	}
	if e.Event == acknowledged {
		l.count.Add(1)
	}
}

func (l *ledger) append(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = l.file.Write(append(line, '\n'))
	return err
}

// readLedger reads every whole line.
func readLedger(tb testing.TB, path string) []entry {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var all []entry
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			continue // the last line, while it is being written
		}
		all = append(all, e)
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
	return all
}

// tally counts the entries of an event, and of a kind unless it is "".
func tally(all []entry, event, kind string) int {
	n := 0
	for _, e := range all {
		if e.Event == event && (kind == "" || e.Kind == kind) {
			n++
		}
	}
	return n
}
