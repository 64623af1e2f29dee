package node

import (
	"log/slog"
	"testing"

	"navette/internal/failure"
	"navette/internal/testkit/pg"
)

// The tests' clusters run without fsync. A server refuses such a database, which could lose acknowledged mail in a
// power cut; a demo, whose mail is fictional, takes it, and so does who only looks.
func TestOnlyADemoRunsOnADatabaseThatAPowerCutWouldRob(t *testing.T) {
	t.Parallel()
	c, err := DemoConfig(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c.Database = pg.Start(t).NewDatabase(t)
	log := slog.New(slog.DiscardHandler)
	if h, err := Open(t.Context(), c, log); !failure.Is(err, failure.Permanent) {
		t.Errorf("a folder that is no demo's opened %v with %v", h, err)
	}
	h, err := open(t.Context(), c, log, false)
	if err != nil {
		t.Fatalf("a demo: %v", err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	h, err = OpenToRead(t.Context(), c, log)
	if err != nil {
		t.Fatalf("a reader: %v", err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}
