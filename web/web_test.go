package web

import (
	"io/fs"
	"strings"
	"testing"
)

func TestTheProgramHoldsAPageInFrench(t *testing.T) {
	t.Parallel()
	page, err := fs.ReadFile(Dist(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), `lang="fr"`) {
		t.Errorf("index.html is not in French first:\n%s", page)
	}
}
