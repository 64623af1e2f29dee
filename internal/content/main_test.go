package content_test

import (
	"flag"
	"os"
	"testing"

	"navette/internal/testkit/pg"
)

func TestMain(m *testing.M) {
	// Each run of the collector's test reads everything again after every step: fewer runs than rapid's 100.
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
	os.Exit(pg.Wrap(m).Run())
}
