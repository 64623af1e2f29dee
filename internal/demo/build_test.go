package demo_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/box"
	"navette/internal/demo"
	"navette/internal/directory"
	"navette/internal/enrolment"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/list"
	"navette/internal/mailbox"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// built is what a demo is built with, and the database under it.
type built struct {
	demo.Services
	DB *store.DB
}

func services(tb testing.TB, db *store.DB) built {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "pepper")
	if err := identity.CreatePepper(path, rand.Reader); err != nil {
		tb.Fatal(err)
	}
	pepper, err := identity.LoadPepper(path)
	if err != nil {
		tb.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	who, err := identity.New(tb.Context(), identity.Options{DB: db, Log: log, Pepper: pepper, Argon2: identity.Argon2{MemoryKiB: 8, Passes: 1, Threads: 1}})
	if err != nil {
		tb.Fatal(err)
	}
	h := house.New(tb, db)
	boxes := box.New(box.Config{DB: db, Domain: demo.Domain, Now: time.Now, Log: log})
	lists := list.New(list.Config{DB: db, Contents: h.Contents, Mailboxes: h.Mailboxes, Delivery: h.Delivery, Domain: demo.Domain, Now: inTerm, Random: rand.Reader, Log: log})
	school := enrolment.New(enrolment.Config{DB: db, Log: log, Digest: pepper.FormerDigest, Zone: time.UTC, Scratch: tb.TempDir(),
		Rules: enrolment.Rules{FormerDays: 1095, RetentionDays: 365}})
	return built{DB: db, Services: demo.Services{Enrolment: school, Boxes: boxes, Lists: lists, Identity: who, Mailboxes: h.Mailboxes, Delivery: h.Delivery,
		Roster: roster.New(roster.Config{DB: db, Log: log, Domain: demo.Domain, Numens: who})}}
}

// inTerm is a day of the school year that the demo's HR file is of.
func inTerm() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }

func options(dir string, agents int) demo.Options {
	return demo.Options{Dir: dir, Agents: agents, Seed: 1, Random: rand.Reader}
}

// table reads a CSV file that only its owner may read, without its header.
func table(tb testing.TB, dir, name, header string) [][]string {
	tb.Helper()
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		tb.Errorf("%s has mode %o", name, mode)
	}
	octets, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(octets)).ReadAll()
	if err != nil || len(rows) == 0 || strings.Join(rows[0], ",") != header {
		tb.Fatalf("%s: %v, %q", name, err, rows[:min(len(rows), 1)])
	}
	return rows[1:]
}

func TestTheDemoIsWhatItsFilesSay(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		const agents = 260 // more than one transaction of a letter
		s, dir := services(t, db), t.TempDir()
		if err := demo.Build(t.Context(), s.Services, options(dir, agents)); err != nil {
			t.Fatal(err)
		}
		accounts := table(t, dir, demo.FileAccounts, "login,address,password,category,uai,role")
		fresh := table(t, dir, demo.FileFresh, "login,numen,birth_date")
		if len(accounts) != agents || len(fresh) == 0 {
			t.Errorf("%d accounts, %d fresh", len(accounts), len(fresh))
		}
		if info, err := os.Stat(filepath.Join(dir, demo.FileHR)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", demo.FileHR, info, err)
		}
		for i, row := range accounts {
			if i%29 == 0 {
				checkAccount(t, s, row)
			}
		}
		for _, row := range fresh {
			if _, err := directory.ParseDate(row[2]); err != nil {
				t.Errorf("birth date %q", row[2])
			}
		}
		checkFresh(t, s, fresh[0])
	})
}

// checkAccount signs in with what accounts.csv says, by login and by address, and finds mail.
func checkAccount(t *testing.T, s built, row []string) {
	t.Helper()
	if err := s.Identity.Poll(t.Context()); err != nil { // no node runs it here
		t.Fatal(err)
	}
	var account int64
	for _, login := range row[:2] {
		p, err := s.Identity.Verify(t.Context(), identity.Credential{Mechanism: identity.Plain, Channel: identity.IMAP,
			Peer: netip.MustParseAddr("127.0.0.1"), Login: login, Secret: row[2]})
		if err != nil || !p.Can(identity.ReadMail) {
			t.Fatalf("sign in as %s: %v", login, err)
		}
		account = p.Account
	}
	boxes, _, err := s.Mailboxes.List(t.Context(), account)
	if err != nil || len(boxes) != len(mailbox.Folders) || boxes[0].Messages == 0 {
		t.Errorf("%s has mailboxes %+v, %v", row[0], boxes, err)
	}
	if _, err := directory.ParseUAI(row[4]); err != nil {
		t.Error(err)
	}
}

// checkFresh opens an account with the NUMEN of fresh.csv, and finds that no password does.
func checkFresh(t *testing.T, s built, row []string) {
	t.Helper()
	var account int64
	err := s.DB.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT account_id FROM account WHERE login = $1 AND state = 'appointed'`, row[0]).Scan(&account)
	})
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := s.Identity.CheckNumen(t.Context(), account, directory.NUMEN(row[1])); !ok || err != nil {
		t.Errorf("the NUMEN of %s: %v, %v", row[0], ok, err)
	}
}

func TestTheMailIsThereToTheByte(t *testing.T) {
	t.Parallel()
	s, dir := services(t, stores.SQLite(t)), t.TempDir()
	if err := demo.Build(t.Context(), s.Services, options(dir, 30)); err != nil {
		t.Fatal(err)
	}
	accounts := table(t, dir, demo.FileAccounts, "login,address,password,category,uai,role")
	want := map[string]demo.Message{}
	for _, m := range demo.Generate(1, 30).Mail(func(agent int) string { return accounts[agent][1] }) {
		for _, c := range m.Copies {
			if c.Agent == 0 && c.Role == "inbox" {
				want[string(m.Raw)] = m
			}
		}
	}
	box, octets := inbox(t, s, accounts[0][0])
	if len(octets) != len(want) {
		t.Errorf("%d messages in the inbox, want %d", len(octets), len(want))
	}
	for i, raw := range octets {
		m, known := want[raw]
		if !known {
			t.Fatalf("message %d is not as it was written:\n%s", i, raw)
		}
		if got := box[i].ReceivedAt; !got.Equal(m.Date) {
			t.Errorf("received at %v, want %v", got, m.Date)
		}
		if i > 0 && box[i].ReceivedAt.Before(box[i-1].ReceivedAt) {
			t.Errorf("message %d is older than the one before it", i)
		}
	}
}

// inbox reads everything in the inbox of a login.
func inbox(t *testing.T, s built, login string) ([]mailbox.Item, []string) {
	t.Helper()
	var account int64
	err := s.DB.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT account_id FROM account WHERE login = $1`, login).Scan(&account)
	})
	if err != nil {
		t.Fatal(err)
	}
	var items []mailbox.Item
	err = s.Mailboxes.Fetch(t.Context(), account, mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 1 << 31}}, mailbox.NeedEmail|mailbox.NeedFacts,
		func(batch []mailbox.Item) error {
			items = append(items, batch...)
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	octets := make([]string, len(items))
	for i := range items {
		r, err := s.Mailboxes.Contents().Open(t.Context(), &items[i].Message, 0)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		octets[i] = string(raw)
	}
	return items, octets
}

func TestADemoIsReopenedAsItIs(t *testing.T) {
	t.Parallel()
	s, dir := services(t, stores.SQLite(t)), t.TempDir()
	if demo.IsDemo(dir) {
		t.Error("an empty folder is a demo")
	}
	if err := demo.Build(t.Context(), s.Services, options(dir, 12)); err != nil {
		t.Fatal(err)
	}
	if !demo.IsDemo(dir) {
		t.Error("a demo's folder is none")
	}
	before := contents(t, dir)
	if err := demo.Build(t.Context(), s.Services, options(dir, 12)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before, contents(t, dir)) {
		t.Error("opening it again changed its files")
	}
	for _, other := range []demo.Options{options(dir, 13), {Dir: dir, Agents: 12, Seed: 2, Random: rand.Reader}} {
		if err := demo.Build(t.Context(), s.Services, other); !failure.Is(err, failure.Conflict) {
			t.Errorf("another académie in its folder: %v", err)
		}
	}
}

func TestAnInterruptedDemoIsNotTakenForAWholeOne(t *testing.T) {
	t.Parallel()
	s, dir := services(t, stores.SQLite(t)), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	opt := options(dir, 12)
	opt.Progress = func(step string, _, _ int) {
		if step == "messages" {
			cancel()
		}
	}
	if err := demo.Build(ctx, s.Services, opt); err == nil {
		t.Fatal("Build did not notice")
	}
	if err := demo.Build(t.Context(), s.Services, options(dir, 12)); !failure.Is(err, failure.Conflict) {
		t.Errorf("Build after an interruption: %v", err)
	}
}

// contents gives the files of a folder with their octets.
func contents(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		octets, err := os.ReadFile(path)
		out = append(out, path+"\n"+string(octets))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// BenchmarkBuild25000 makes the demo of 25,000 agents.
func BenchmarkBuild25000(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		db, err := store.Open(b.Context(), stores.SQLiteURL(b), store.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		s, dir := services(b, db), b.TempDir()
		b.StartTimer()
		if err := demo.Build(b.Context(), s.Services, options(dir, 25_000)); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
