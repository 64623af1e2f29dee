package stores_test

import (
	"os"
	"strings"
	"testing"

	"navette/internal/store"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

func TestEachRunsOnTheEngineThatItNames(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		if engine := db.Dialect().String(); !strings.HasSuffix(t.Name(), "/"+engine) {
			t.Errorf("%s ran on %s", t.Name(), engine)
		}
		if epoch, err := db.Epoch(t.Context()); err != nil || epoch != 1 {
			t.Errorf("epoch %d, %v", epoch, err)
		}
	})
}
