package admin_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"navette/internal/admin"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/list"
	"navette/internal/roster"
)

// recorder stands where the services are, and keeps what came through the socket.
type recorder struct {
	admin.Operations
	opt  admin.ImportOptions
	file string
	who  string
	by   identity.By
	act  admin.PersonAct
	list admin.ListAct
}

func (r *recorder) ImportHR(_ context.Context, file io.ReadSeeker, opt admin.ImportOptions, progress func(done, total int)) (roster.Report, error) {
	text, err := io.ReadAll(file)
	r.file, r.opt = string(text), opt
	progress(1, 2)
	return roster.Report{Lines: 2, Falls: []roster.Fall{{Name: "AESH", Before: 40, Now: 2}}},
		errors.Join(err, failure.New(failure.Permanent, "fichier arrêté"))
}

func (r *recorder) History(_ context.Context, who string) ([]history.Event, error) {
	r.who = who
	return []history.Event{{At: time.Unix(1e9, 0).UTC(), Row: history.Row{Account: 7, Kind: history.Closed, Actor: "vie"}}}, nil
}

// socket serves ops and gives a client of it.
func socket(t *testing.T, ops admin.Operations) *admin.Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	ln, err := admin.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	srv := admin.NewServer(ops, t.TempDir(), slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	t.Cleanup(func() {
		if err := errors.Join(srv.Shutdown(context.Background()), <-served); err != nil {
			t.Error(err)
		}
	})
	c := admin.Dial(t.Context(), path)
	if c == nil {
		t.Fatal("nobody answers at the socket")
	}
	return c
}

func TestAnImportGoesThroughTheSocketWithAllItsOptions(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	c := socket(t, r)
	opt := admin.ImportOptions{DryRun: true, Details: true, Force: []string{"AESH", "0759001B"}, By: identity.By{Actor: "cli:durand", Reason: "ticket n° 12 & co"}}
	file := filepath.Join(t.TempDir(), "hr.csv")
	report, err := c.ImportHR(t.Context(), newFile(t, file, "un\ndeux\n"), opt, func(int, int) {})
	if !failure.Is(err, failure.Permanent) || err.Error() != "fichier arrêté" {
		t.Errorf("error %v", err)
	}
	if len(report.Falls) != 1 || report.Falls[0].Before != 40 {
		t.Errorf("the report of a refused file: %+v", report)
	}
	if r.file != "un\ndeux\n" || !reflect.DeepEqual(r.opt, opt) {
		t.Errorf("the server got %q and %+v", r.file, r.opt)
	}
}

func TestAHistoryGoesThroughTheSocket(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	events, err := socket(t, r).History(t.Context(), "claire+x@ac-paris.example")
	want := []history.Event{{At: time.Unix(1e9, 0).UTC(), Row: history.Row{Account: 7, Kind: history.Closed, Actor: "vie"}}}
	if err != nil || r.who != "claire+x@ac-paris.example" || !reflect.DeepEqual(events, want) {
		t.Errorf("%q: %+v, %v", r.who, events, err)
	}
}

func newFile(t *testing.T, name, text string) *os.File {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func (r *recorder) Person(_ context.Context, by identity.By, act admin.PersonAct) ([]string, error) {
	r.by, r.act = by, act
	return []string{"fait"}, nil
}

func TestAnActOnARecordGoesThroughTheSocket(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	act := admin.PersonAct{Act: admin.PersonSplit, A: "1001", Person: directory.Person{HRID: "1009", BirthName: "LEROY", Birth: directory.Date{Year: 1990, Month: 1, Day: 2}},
		Functions: []int64{2, 3}, Reference: "NOTE-4"}
	by := identity.By{Actor: "cli:durand", Reason: "deux personnes"}
	lines, err := socket(t, r).Person(t.Context(), by, act)
	if err != nil || !reflect.DeepEqual(lines, []string{"fait"}) || r.by != by || !reflect.DeepEqual(r.act, act) {
		t.Errorf("the server got %+v by %+v and answered %q, %v", r.act, r.by, lines, err)
	}
}

func (r *recorder) List(_ context.Context, by identity.By, act admin.ListAct) ([]string, error) {
	r.by, r.list = by, act
	return []string{"un", "deux"}, failure.New(failure.Policy, "colonne 1")
}

func TestAnActOnAListGoesThroughTheSocket(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	hidden, posting := false, list.Moderated
	act := admin.ListAct{Act: admin.ListSet, List: "profs", Expression: "tous", Owners: []string{"a"}, Members: []string{"b", "c@d.example"}, Number: 7,
		New:    list.List{Local: "x", Kind: list.Rule, Settings: list.Settings{Display: "é", Posting: list.ByAgents, MaxSize: 9}, Members: []list.Member{{Account: 3}, {Outside: "e@f.example"}}},
		Change: admin.ListChange{Hidden: &hidden, Posting: &posting}}
	by := identity.By{Actor: "cli:durand", Reason: "demande"}
	_, err := socket(t, r).List(t.Context(), by, act)
	if !failure.Is(err, failure.Policy) || err.Error() != "colonne 1" || r.by != by || !reflect.DeepEqual(r.list, act) {
		t.Errorf("the server got %+v by %+v and answered %v", r.list, r.by, err)
	}
}
