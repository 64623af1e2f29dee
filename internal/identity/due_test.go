package identity_test

import (
	"testing"
	"time"

	"navette/internal/identity"
)

// What a mail program opened by the password alone, in time, ends when the time of « Plus tard » does.
func TestMailConnectionsOfThePasswordEndWithPlusTard(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		app := n.app("téléphone")
		free := n.connect("cmartin", password) // when no date was set
		due := n.db.Now().Add(time.Hour)
		n.exec(`INSERT INTO protection (account_id, second, due_at, handle, codes_at) VALUES ($1, 0, $2, 'h', 0)`, claire, due.UnixMicro())
		first, second, stopped := n.connect("cmartin", password), n.connect("cmartin", password), n.connect("cmartin", password)
		device := n.connect("cmartin", app.Secret)
		page := n.mustVerify(identity.Credential{Mechanism: identity.Form, Channel: identity.HTTP, Peer: home(), Login: "cmartin", Secret: password})
		stopped.watch.Stop()

		n.pass(time.Hour - time.Second)
		for _, w := range []*watched{first, second, device, free} {
			w.mustBeOpen(t, n, "a second before the end")
		}
		n.pass(time.Second)
		for _, w := range []*watched{first, second} {
			w.mustHaveEnded(t, n, "at the end")
		}
		for _, w := range []*watched{device, free} {
			w.mustBeOpen(t, n, "an application password, or what was given without a date")
		}
		if len(stopped.ended) != 0 || n.StillValid(stopped.p) || !n.StillValid(page) {
			t.Errorf("a stopped watch was told %d times; the page is valid: %v", len(stopped.ended), n.StillValid(page))
		}
		n.pass(time.Hour)
		first.mustHaveEnded(t, n, "told once")
	})
}
