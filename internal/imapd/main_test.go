package imapd_test

import (
	"testing"

	"go.uber.org/goleak"

	"navette/internal/testkit/pg"
)

// When all tests are over, no goroutine of a connection is left.
func TestMain(m *testing.M) { goleak.VerifyTestMain(pg.Wrap(m)) }
