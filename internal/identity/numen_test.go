package identity_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

const numen = directory.NUMEN("24E9912345ABC")

func (n *node) seal(numens ...identity.Numen) {
	n.t.Helper()
	n.write(func(ctx context.Context, tx *store.Tx) error { return n.SealNumens(ctx, tx, numens) })
}

func (n *node) hashAll() (found int) {
	n.t.Helper()
	found, err := n.HashSealed(n.t.Context(), 1000)
	if err != nil {
		n.t.Fatal(err)
	}
	return found
}

func (n *node) numenIs(account int64, guess directory.NUMEN) bool {
	n.t.Helper()
	ok, err := n.CheckNumen(n.t.Context(), account, guess)
	if err != nil {
		n.t.Fatal(err)
	}
	return ok
}

func TestTheNumenOpensSealedAndHashedUntilActivation(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.appoint(claire, "cmartin", "claire", "martin")
		n.appoint(7, "pdurand", "paul", "durand")
		n.seal(identity.Numen{Account: claire, NUMEN: numen})
		check := func(when string) {
			t.Helper()
			for _, typed := range []directory.NUMEN{numen, "24e9912345abc", " 24 E99 12345 ABC "} {
				if !n.numenIs(claire, typed) {
					t.Errorf("%s: %q does not open", when, typed.Reveal())
				}
			}
			for _, typed := range []directory.NUMEN{"", "24E9912345ABD", "24E9912345AB", "24E9912345ABCD"} {
				if n.numenIs(claire, typed) {
					t.Errorf("%s: %q opens", when, typed.Reveal())
				}
			}
			if n.numenIs(7, numen) || n.numenIs(999, numen) {
				t.Errorf("%s: it opens somebody else's account", when)
			}
		}
		check("sealed")
		if found := n.hashAll(); found != 1 {
			t.Errorf("hashed %d", found)
		}
		if n.count(`SELECT count(*) FROM numen WHERE sealed IS NULL AND hash IS NOT NULL`) != 1 {
			t.Error("the sealed form was not erased")
		}
		check("hashed")
		if found := n.hashAll(); found != 0 {
			t.Errorf("hashed %d again", found)
		}
		if err := n.Activate(t.Context(), by(), claire, password); err != nil {
			t.Fatal(err)
		}
		if n.count(`SELECT count(*) FROM numen`) != 0 || n.numenIs(claire, numen) {
			t.Error("the NUMEN outlives the activation")
		}
	})
}

func TestCheckingANumenCostsOneHashForEverybody(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t)
	for id, login := range map[int64]string{1: "sealed", 2: "hashed", 3: "without", 4: "active"} {
		n.appoint(id, login, login, "x")
	}
	n.seal(identity.Numen{Account: 2, NUMEN: numen})
	n.hashAll()
	n.seal(identity.Numen{Account: 1, NUMEN: numen}, identity.Numen{Account: 4, NUMEN: numen})
	if err := n.Activate(t.Context(), by(), 4, password); err != nil {
		t.Fatal(err)
	}
	for _, account := range []int64{1, 2, 3, 4, 999} {
		for _, typed := range []directory.NUMEN{numen, "24E9912345ABD"} {
			if cost := n.hashesOf(func() { n.numenIs(account, typed) }); cost != 1 {
				t.Errorf("account %d, %q: %d hashes", account, typed.Reveal(), cost)
			}
		}
	}
}

func TestASuspendedAccountsNumenDoesNotOpen(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t)
	n.appoint(claire, "cmartin", "claire", "martin")
	n.seal(identity.Numen{Account: claire, NUMEN: numen})
	if err := n.Suspend(t.Context(), by(), claire); err != nil {
		t.Fatal(err)
	}
	if n.numenIs(claire, numen) {
		t.Error("it opens")
	}
}

// The NUMEN in the clear is nowhere in the database: not in its file, not in its log, not in what was erased.
func TestTheNumenIsNowhereInTheClear(t *testing.T) {
	t.Parallel()
	url := stores.SQLiteURL(t)
	n := newNode(t, url)
	var all []identity.Numen
	for i := range int64(250) { // whole statements of a hundred, and single ones
		n.appoint(i+1, fmt.Sprintf("agent%d", i), "agent", fmt.Sprint(i))
		all = append(all, identity.Numen{Account: i + 1, NUMEN: directory.NUMEN(fmt.Sprintf("24E99%05dXYZ", i))})
	}
	scan := func(when string) {
		t.Helper()
		path := strings.TrimPrefix(url, "sqlite:")
		octets := 0
		for _, suffix := range []string{"", "-wal", "-shm"} {
			data, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			octets += len(data)
			for _, secret := range all {
				clear := []byte(secret.NUMEN.Reveal())
				for form, b := range map[string][]byte{"text": clear, "lower case": bytes.ToLower(clear), "hexadecimal": []byte(hex.EncodeToString(clear))} {
					if bytes.Contains(data, b) {
						t.Fatalf("%s: %q is in %s as %s", when, secret.NUMEN.Reveal(), suffix, form)
					}
				}
			}
		}
		if octets < 100_000 {
			t.Fatalf("%s: only %d octets were looked at", when, octets)
		}
	}
	n.seal(all...)
	if got := n.count(`SELECT count(*) FROM numen WHERE sealed IS NOT NULL`); got != 250 {
		t.Fatalf("%d are sealed", got)
	}
	scan("sealed")
	if found := n.hashAll(); found != 250 {
		t.Fatalf("hashed %d", found)
	}
	scan("hashed")
	for _, secret := range all {
		if !n.numenIs(secret.Account, secret.NUMEN) {
			t.Fatalf("account %d: its NUMEN does not open", secret.Account)
		}
	}
	if strings.Contains(n.log.String(), "24E99") {
		t.Error("a NUMEN was logged")
	}
}

// Sealed under its account and the pepper: it opens in no other row, and under no other pepper.
func TestASealedNumenIsBoundToItsAccountAndPepper(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.appoint(claire, "cmartin", "claire", "martin")
		n.appoint(7, "pdurand", "paul", "durand")
		n.seal(identity.Numen{Account: claire, NUMEN: numen})
		n.exec(`UPDATE numen SET account_id = 7`)
		if ok, err := n.CheckNumen(t.Context(), 7, numen); ok || err == nil {
			t.Errorf("moved to another account: %v, %v", ok, err)
		}
		n.exec(`UPDATE numen SET account_id = $1`, claire)
		if !n.numenIs(claire, numen) {
			t.Error("moved back, it does not open")
		}
		n.hashAll()
		other := &node{t: t, db: n.db, clock: n.clock, log: n.log}
		other.start()
		if other.numenIs(claire, numen) {
			t.Error("it opens without its pepper")
		}
		if ok := n.numenIs(claire, numen); !ok {
			t.Error("hashed, it does not open")
		}
	})
}

func TestANewNumenTakesThePlaceOfTheOld(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.appoint(claire, "cmartin", "claire", "martin")
		n.seal(identity.Numen{Account: claire, NUMEN: "24E9900000AAA"})
		n.hashAll()
		n.seal(identity.Numen{Account: claire, NUMEN: numen})
		if n.count(`SELECT count(*) FROM numen WHERE hash IS NOT NULL`) != 0 {
			t.Error("the hash of the old one is kept")
		}
		for range 2 { // sealed, then hashed
			if !n.numenIs(claire, numen) || n.numenIs(claire, "24E9900000AAA") {
				t.Error("the old one opens, or the new one does not")
			}
			n.hashAll()
		}
	})
}

func TestWithoutAPepperNothingIsDoneWithANumen(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t, func(o *identity.Options) { o.Pepper = nil })
	n.appoint(claire, "cmartin", "claire", "martin")
	err := n.db.Write(t.Context(), store.Bulk, func(tx *store.Tx) error {
		return n.SealNumens(t.Context(), tx, []identity.Numen{{Account: claire, NUMEN: numen}})
	})
	if !failure.Is(err, failure.Permanent) {
		t.Errorf("sealed: %v", err)
	}
	if _, err := n.CheckNumen(t.Context(), claire, numen); !failure.Is(err, failure.Permanent) {
		t.Errorf("checked: %v", err)
	}
}

func TestThePepperFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pepper")
	if _, err := identity.LoadPepper(path); !os.IsNotExist(unwrapAll(err)) {
		t.Errorf("no file: %v", err)
	}
	if err := identity.CreatePepper(path, rand.Reader); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := identity.CreatePepper(path, rand.Reader); err == nil {
		t.Error("a pepper was overwritten")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the pepper changed (%v)", err)
	}
	p, err := identity.LoadPepper(path)
	if err != nil {
		t.Fatal(err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(before)))
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %+v %#v %s %x", p, p, p, p, p)
	if strings.Contains(shown, hex.EncodeToString(key)) || len(shown) > 200 {
		t.Errorf("the pepper is shown: %s", shown)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := identity.LoadPepper(path); err == nil {
		t.Error("a pepper that others may read was taken")
	}
	for _, text := range []string{"", "00", strings.Repeat("0", 63), strings.Repeat("zz", 32), strings.Repeat("00", 33)} {
		broken := filepath.Join(t.TempDir(), "pepper")
		if err := os.WriteFile(broken, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := identity.LoadPepper(broken); err == nil {
			t.Errorf("%q was taken for a pepper", text)
		}
	}
}

func unwrapAll(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok || os.IsNotExist(err) {
			return err
		}
		err = u.Unwrap()
	}
}

func BenchmarkSeal25000Numens(b *testing.B) {
	path := filepath.Join(b.TempDir(), "pepper")
	if err := identity.CreatePepper(path, rand.Reader); err != nil {
		b.Fatal(err)
	}
	p, err := identity.LoadPepper(path)
	if err != nil {
		b.Fatal(err)
	}
	db := stores.SQLite(b)
	s, err := identity.New(b.Context(), identity.Options{DB: db, Log: discard(), Pepper: p})
	if err != nil {
		b.Fatal(err)
	}
	all := make([]identity.Numen, 25_000)
	for i := range all {
		all[i] = identity.Numen{Account: int64(i + 1), NUMEN: directory.NUMEN(fmt.Sprintf("24E99%05dXYZ", i))}
	}
	for b.Loop() {
		err := db.Write(b.Context(), store.Bulk, func(tx *store.Tx) error { return s.SealNumens(b.Context(), tx, all) })
		if err != nil {
			b.Fatal(err)
		}
	}
}
