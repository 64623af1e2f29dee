package failure_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"navette/internal/failure"
)

// Doors ask for kind and text whatever the services have wrapped around the failure; the outermost one counts.
func TestKindAndTextAreFoundThroughWhateverIsAround(t *testing.T) {
	t.Parallel()
	full := failure.New(failure.Quota, "the mailbox of %d is full", 7)
	for _, c := range []struct {
		name string
		err  error
		kind failure.Kind
		text string
	}{
		{"nil", nil, 0, "otherwise"},
		{"nobody classified it", io.EOF, 0, "otherwise"},
		{"itself", full, failure.Quota, "the mailbox of 7 is full"},
		{"what was being done", fmt.Errorf("place: %w", fmt.Errorf("chunk 3: %w", full)), failure.Quota, "the mailbox of 7 is full"},
		{"words only", errors.New("place: " + full.Error()), 0, "otherwise"},
		{"joined first", errors.Join(full, io.EOF), failure.Quota, "the mailbox of 7 is full"},
		{"joined last", errors.Join(io.EOF, fmt.Errorf("close: %w", full)), failure.Quota, "the mailbox of 7 is full"},
		{"two joined: the first", errors.Join(failure.New(failure.Denied, "no"), full), failure.Denied, "no"},
		{"two in one text: the first", fmt.Errorf("%w, then %w", failure.New(failure.Conflict, "again"), full), failure.Conflict, "again"},
		{"classified anew", failure.Wrap(failure.CommitUnknown, full, "it is not known"), failure.CommitUnknown, "it is not known"},
		{"classified anew, below what was being done", fmt.Errorf("accept: %w", failure.Wrap(failure.Temporary, full, "later")), failure.Temporary, "later"},
		{"a classified cause in nobody's", failure.Wrap(0, full, "of no kind"), 0, "of no kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := failure.KindOf(c.err); got != c.kind {
				t.Errorf("kind %v, expected %v", got, c.kind)
			}
			if got := failure.TextOf(c.err, "otherwise"); got != c.text {
				t.Errorf("text %q, expected %q", got, c.text)
			}
			for k := failure.Temporary; k <= failure.CommitUnknown; k++ {
				if got := failure.Is(c.err, k); got != (k == c.kind) {
					t.Errorf("Is %v: %v", k, got)
				}
			}
		})
	}
}

// The cause is for the log: the error's own words hold it, and errors.Is finds it, but what is shown does not.
func TestTheCauseIsForTheLogOnly(t *testing.T) {
	t.Parallel()
	cause := errors.New("dial 10.0.0.7: refused")
	err := fmt.Errorf("send: %w", failure.Wrap(failure.Temporary, cause, "the relay cannot be reached"))
	if got, want := err.Error(), "send: the relay cannot be reached: dial 10.0.0.7: refused"; got != want {
		t.Errorf("the log reads %q, expected %q", got, want)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is not found")
	}
	if got := failure.TextOf(err, ""); strings.Contains(got, "10.0.0.7") {
		t.Errorf("shown: %q", got)
	}
	if got := failure.New(failure.Permanent, "no").Error(); got != "no" {
		t.Errorf("without a cause: %q", got)
	}
}

// A kind without a name of its own would be "unclassified" in the log.
func TestEveryKindHasItsOwnName(t *testing.T) {
	t.Parallel()
	seen := map[string]failure.Kind{}
	for k := failure.Temporary; k <= failure.CommitUnknown; k++ {
		if other, twice := seen[k.String()]; twice || k.String() == "unclassified" {
			t.Errorf("kind %d is called %q, as is %d", k, k, other)
		}
		seen[k.String()] = k
	}
	for _, k := range []failure.Kind{0, failure.CommitUnknown + 1, -1} {
		if k.String() != "unclassified" {
			t.Errorf("%d is called %q", int(k), k)
		}
	}
}
