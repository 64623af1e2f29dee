package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestAHeadsSheetIsPrintedOnceAndOnlyForWhoWaits(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	var waiting, active string
	for _, line := range accountList(t, d.dir) {
		switch line.state {
		case "appointed":
			waiting = line.login
		case "active":
			active = line.login
		}
	}
	sheet := func() string {
		out := navette(t, 0, "account", "sheet", "--reason", "sans NUMEN", "--dir", d.dir, waiting).stdout
		code, rest, _ := strings.Cut(out, "\n")
		if !regexp.MustCompile(`^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$`).MatchString(code) || !strings.Contains(rest, waiting) {
			t.Errorf("printed %q", out)
		}
		return code
	}
	if first := sheet(); first == sheet() {
		t.Error("two sheets have one code")
	}
	navette(t, 1, "account", "sheet", "--reason", "essai", "--dir", d.dir, active)
	navette(t, 2, "account", "sheet", "--dir", d.dir, waiting) // without a reason
}

func TestTheHelpDeskResetsFactors(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	a := d.take(t)
	open := signIn(t, d, a)
	navette(t, 0, "account", "reset-factors", "--reason", "téléphone perdu", "--dir", d.dir, a.login)
	select {
	case <-open.Closed():
	case <-time.After(suspensionBound):
		t.Error("a connection from before the reset is still open")
	}
	signIn(t, d, a)
	navette(t, 1, "account", "reset-factors", "--reason", "essai", "--dir", d.dir, "nobody.at.all")
}
