package webd_test

import (
	"encoding/json"
	"testing"
	"time"

	"navette/internal/testkit/agents"
	"navette/internal/webd"
)

// Who has put the second factor off for too long reads their own pages, adds one, and only then goes on.
func TestWhenPlusTardIsOverASecondFactorComesFirst(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		b := newBrowser(a)
		if err := a.Factors.SetDue(a.Context(), 7, a.Now().Add(24*time.Hour)); err != nil {
			a.Fatal(err)
		}
		b.signIn()
		label := webd.AppPasswordRequest{Label: "Tablette"}
		b.want("an application password in time", b.call("POST", "account/app-passwords", label), 200, "")
		b.Pass(24 * time.Hour)
		b.signIn()
		b.want("reading", b.call("GET", "account/security", nil), 200, "")
		for _, act := range [][2]string{{"POST", "app-passwords"}, {"DELETE", "app-passwords/1"}, {"POST", "password"}, {"POST", "recovery-codes"},
			{"POST", "recovery-address"}, {"POST", "recovery-address/code"}, {"DELETE", "recovery-address"}, {"DELETE", "factors/1"},
			{"DELETE", "sessions/1"}, {"DELETE", "sessions"}, {"DELETE", "devices/1"}} {
			b.want(act[0]+" "+act[1]+" when it is over", b.call(act[0], "account/"+act[1], label), 403, "denied")
		}
		var made struct {
			Rows [][]string `json:"rows"`
		}
		grid := b.call("POST", "account/grid", nil)
		if err := json.Unmarshal([]byte(grid.body), &made); err != nil || len(made.Rows) == 0 {
			b.Fatalf("no grid: %d %s, %v", grid.StatusCode, grid.body, err)
		}
		b.want("an application password after it", b.call("POST", "account/app-passwords", label), 200, "")
	})
}
