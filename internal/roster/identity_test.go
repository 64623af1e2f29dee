package roster_test

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/identity"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// withIdentity gives a fixture whose NUMEN are kept by a real identity service.
func withIdentity(t *testing.T, db *store.DB) (*fixture, *identity.Service) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pepper")
	if err := identity.CreatePepper(path, rand.Reader); err != nil {
		t.Fatal(err)
	}
	pepper, err := identity.LoadPepper(path)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	service, err := identity.New(t.Context(), identity.Options{DB: db, Log: log, Pepper: pepper, Argon2: identity.Argon2{MemoryKiB: 64, Passes: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, db)
	f.Service = roster.New(roster.Config{DB: db, Log: log, Domain: domain, Numens: service})
	return f, service
}

func (f *fixture) account(idRH string) int64 {
	f.t.Helper()
	var account int64
	err := f.db.Read(f.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(f.t.Context(), `SELECT a.account_id FROM account a JOIN person p ON p.person_id = a.person_id WHERE p.id_rh = $1`, idRH).Scan(&account)
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return account
}

func TestTheNUMENOpensTheAccountBeforeAndAfterItIsHashed(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f, service := withIdentity(t, db)
		f.imports(claire+teaches, jean+teaches, strings.Replace(jeanne, "01E0201234ABE", "", 1)+teaches)
		check := func(when string) {
			for numen, want := range map[string]bool{"01E9501234ABC": true, "01E0101234ABD": false} {
				if ok, err := service.CheckNumen(t.Context(), f.account("1001"), directory.NUMEN(numen)); ok != want || err != nil {
					t.Errorf("%s: CheckNumen = %v, %v, want %v", when, ok, err, want)
				}
			}
		}
		check("sealed")
		if n, err := service.HashSealed(t.Context(), 10); n != 2 || err != nil {
			t.Errorf("HashSealed = %d, %v", n, err)
		}
		check("hashed")
		f.imports(claire+teaches, jean+teaches, strings.Replace(jeanne, "01E0201234ABE", "", 1)+teaches)
		f.want("sealed again", f.query(`SELECT count(*) FROM numen WHERE sealed IS NOT NULL`), "0")
	})
}

func TestNoFileOfTheDatabaseHoldsANUMEN(t *testing.T) {
	t.Parallel()
	url := stores.SQLiteURL(t)
	db := stores.Open(t, url)
	f, _ := withIdentity(t, db)
	f.imports(claire+teaches, "oops;01E0101234ABD")
	files, err := filepath.Glob(strings.TrimPrefix(url, "sqlite:") + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	found := false
	for _, name := range files {
		octets, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(octets, []byte("claire.martin@"))
		for _, secret := range []string{"01E9501234ABC", "01E0101234ABD"} {
			if bytes.Contains(octets, []byte(secret)) {
				t.Errorf("%s holds a NUMEN", name)
			}
		}
	}
	if !found {
		t.Error("the files searched do not even hold the address")
	}
}

func TestSomebodyWhoHadLeftComesBackToTheSameAccount(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f, service := withIdentity(t, db)
		f.imports(claire+teaches, jean+teaches)
		account := f.account("1001")
		if err := service.ActivateAll(t.Context(), identity.By{Actor: "test", Reason: "test"}, []int64{account}, "hash"); err != nil {
			t.Fatal(err)
		}
		f.imports(jean + teaches)
		err := db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
			return identity.Depart(t.Context(), tx, identity.By{Actor: "test", Reason: "test"}, account)
		})
		if err != nil {
			t.Fatal(err)
		}
		if report := f.imports(jean + teaches); !report.NothingChanged() {
			t.Errorf("report %+v", report)
		}
		f.want("departed", f.query(`SELECT state FROM account WHERE account_id = $1`, account), "departed")

		report := f.imports(jean+teaches, claire+directs)
		if report.Changes != 1 || report.Joiners != 0 {
			t.Errorf("report %+v", report)
		}
		if f.account("1001") != account {
			t.Error("another account")
		}
		f.want("active", f.query(`SELECT state FROM account WHERE account_id = $1`, account), "active")
		f.want("addresses", f.addresses("1001"), "alias cmartin@ac-paris.example", "primary claire.martin@ac-paris.example")
	})
}

func TestALateOrCorrectedNUMENCountsUntilTheAccountIsActivated(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f, service := withIdentity(t, db)
		numen := func(n string) string { return strings.Replace(claire, "01E9501234ABC", n, 1) + teaches }
		opens := func(when, n string, want bool) {
			t.Helper()
			if ok, err := service.CheckNumen(t.Context(), f.account("1001"), directory.NUMEN(n)); ok != want || err != nil {
				t.Errorf("%s: CheckNumen(%s) = %v, %v, want %v", when, n, ok, err, want)
			}
		}
		f.imports(numen(""), jean+teaches)
		report := f.imports(numen("01E9501234ABC"), jean+teaches)
		if report.NewNumens != 1 || report.Changes != 1 {
			t.Errorf("late: %+v", report)
		}
		opens("late", "01E9501234ABC", true)
		if report := f.imports(numen("01E9501234ABC"), jean+teaches); !report.NothingChanged() {
			t.Errorf("the same, sealed: %+v", report)
		}
		if report := f.imports(numen("01E9501234ABD"), jean+teaches); report.NewNumens != 1 {
			t.Errorf("corrected, sealed: %+v", report)
		}
		opens("corrected", "01E9501234ABD", true)
		opens("corrected", "01E9501234ABC", false)
		if _, err := service.HashSealed(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		if report := f.imports(numen("01E9501234ABD"), jean+teaches); !report.NothingChanged() {
			t.Errorf("the same, hashed: %+v", report)
		}
		if report := f.imports(numen(""), jean+teaches); !report.NothingChanged() {
			t.Errorf("none: %+v", report)
		}
		opens("none in the file", "01E9501234ABD", true)
		if report := f.imports(numen("01E9501234ABF"), jean+teaches); report.NewNumens != 1 {
			t.Errorf("corrected, hashed: %+v", report)
		}
		opens("corrected, hashed", "01E9501234ABF", true)

		if err := service.Activate(t.Context(), identity.By{Actor: "test", Reason: "test"}, f.account("1001"), "un mot de passe assez long"); err != nil {
			t.Fatal(err)
		}
		if report := f.imports(numen("01E9501234ABG"), jean+teaches); report.NewNumens != 0 || !report.NothingChanged() {
			t.Errorf("activated: %+v", report)
		}
		f.want("NUMENs kept", f.query(`SELECT count(*) FROM numen`), "1") // Jean's
	})
}
