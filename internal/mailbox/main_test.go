package mailbox_test

import (
	"flag"
	"os"
	"testing"

	"navette/internal/testkit/pg"
)

func TestMain(m *testing.M) {
	// Each run of the model compares everything after every step: fewer runs than rapid's 100 unless asked for.
	if err := flag.Set("rapid.checks", "40"); err != nil {
		panic(err)
	}
	os.Exit(pg.Wrap(m).Run())
}
