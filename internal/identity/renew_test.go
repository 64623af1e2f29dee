package identity_test

import (
	"strings"
	"testing"

	"navette/internal/identity"
)

// Hashes of another cost go as their owners sign in; nobody else's sign-in, and no wrong password, does it.
func TestAPasswordIsHashedAnewWhenItsCostHasChanged(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		hash := func() string {
			return n.text(`SELECT hash FROM credential WHERE account_id = $1 AND kind = 'password'`, claire)
		}
		before := hash()
		n.start(func(o *identity.Options) { o.Argon2.MemoryKiB = 16 })
		n.mustDeny(imap("cmartin", "pas le bon mot de passe"))
		if hash() != before {
			t.Error("a wrong password was hashed anew")
		}
		kept := n.connect("cmartin", password)
		after := hash()
		if !strings.Contains(before, "m=8,") || !strings.Contains(after, "m=16,") {
			t.Errorf("the hash was %.30s…, and is %.30s…", before, after)
		}
		kept.mustBeOpen(t, n, "after the new hash")

		n.start(func(o *identity.Options) { o.Argon2.MemoryKiB = 16 })
		if cost := n.hashesOf(func() { n.mustVerify(imap("cmartin", password)) }); cost != 1 || hash() != after {
			t.Errorf("the next sign-in costs %d hashes, and changes the hash: %v", cost, hash() != after)
		}
	})
}
