package e2e

import (
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"
)

// The contract of DESIGN §6 that programs rely on.

func TestADemoWritesItsFilesForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	d := ownDemo(t, options{agents: 12}) // ready was printed: everything must be there
	err := filepath.WalkDir(d.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == d.ca() { // the certificate of the CA is for everybody
			return err
		}
		info, err := e.Info()
		if err != nil {
			return nil // the database's own files come and go
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"accounts.csv": "login,address,password,category,uai,role", "fresh.csv": "login,numen,birth_date",
		"hr.csv": "id_rh;numen;civilite;nom_naissance;nom_usage;prenoms;naissance;corps;categorie;fonction;uai;debut;fin;reference"} {
		lines := strings.Split(strings.TrimSpace(readFile(t, filepath.Join(d.dir, name))), "\n")
		if lines[0] != want {
			t.Errorf("%s begins with %q, want %q", name, lines[0], want)
		}
		if last := lines[len(lines)-1]; name == "hr.csv" && last != "#FIN;"+strconv.Itoa(len(lines)-2) {
			t.Errorf("hr.csv ends with %q after %d data lines", last, len(lines)-2)
		}
		if len(lines) < 2 {
			t.Errorf("%s is empty", name)
		}
	}
	if len(d.accounts) < 12 {
		t.Errorf("%d accounts for --agents 12", len(d.accounts))
	}
	for _, a := range d.accounts {
		if !slices.Contains([]string{"agent", "head", "secretary", "letters", "helpdesk", "admin"}, a.role) {
			t.Errorf("%s has the role %q", a.login, a.role)
		}
	}
}

func TestADemosDoorsListenWhenItIsReady(t *testing.T) {
	t.Parallel()
	d := ownDemo(t, options{agents: 12})
	for _, door := range []string{"smtp", "lmtp", "submission", "submissions", "imap", "imaps", "http", "https", "metrics"} {
		conn, err := net.Dial("tcp", d.address(door))
		if err != nil {
			t.Errorf("%s: %v", door, err)
			continue
		}
		conn.Close()
	}
	for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
		resp, err := http.Get("http://" + d.address("metrics") + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s answers %s", path, resp.Status)
		}
	}
}

func TestADemoReopensWithItsPeopleAndMail(t *testing.T) {
	t.Parallel()
	onFreshDatabases(t, func(t *testing.T, database string) {
		d := ownDemo(t, options{agents: 12, database: database})
		a, m := d.take(t), marks(t)()
		deliver(t, d, letter(m), a.address)
		before := awaitMessage(t, signIn(t, d, a), inbox, m)
		files := map[string]string{}
		for _, name := range []string{"accounts.csv", "fresh.csv", "hr.csv", "ca.pem"} {
			files[name] = readFile(t, filepath.Join(d.dir, name))
		}
		validity := uidValidity(t, d, a)
		if err := d.stop(); err != nil {
			t.Fatalf("SIGTERM: %v\n%s", err, tail(d.stderr.String()))
		}
		d = ownDemo(t, options{agents: 12, dir: d.dir})
		for name, want := range files {
			if got := readFile(t, filepath.Join(d.dir, name)); got != want {
				t.Errorf("%s has changed: %s", name, cmp.Diff(want, got))
			}
		}
		if got := awaitMessage(t, signIn(t, d, a), inbox, m); got != before {
			t.Errorf("the message is %v, was %v", got, before)
		}
		if got := uidValidity(t, d, a); got != validity {
			t.Errorf("UIDVALIDITY is %d, was %d", got, validity)
		}
		verified(t, d.dir)
	})
}

func uidValidity(t *testing.T, d *demo, a account) uint32 {
	t.Helper()
	s, err := signIn(t, d, a).Status(inbox, &imap.StatusOptions{UIDValidity: true}).Wait()
	if err != nil {
		t.Fatal(err)
	}
	return s.UIDValidity
}

func TestADemoIsForThisMachineAlone(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"0.0.0.0", "::", "192.0.2.1", "demo.example"} {
		dir := filepath.Join(t.TempDir(), "demo")
		refused(t, 1, "loopback", "demo", "--dir", dir, "--agents", "5", "--port-base", "0", "--host", host)
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("--host %s was refused, and left %s", host, dir)
		}
	}
}

func TestADemosFolderIsItsOwn(t *testing.T) {
	t.Parallel()
	d := ownDemo(t, options{agents: 12})
	refused(t, 1, "another navette works in", "demo", "--dir", d.dir, "--agents", "12", "--port-base", "0")
	config := filepath.Join(t.TempDir(), "navette.toml")
	text := "data_dir = \"" + d.dir + "\"\ndatabase = \"sqlite:" + filepath.Join(d.dir, "navette.db") + "\"\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, 1, "demo", "serve", "--config", config)
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	refused(t, 1, "demo", "serve", "--config", config)
	refused(t, 1, "12 agents", "demo", "--dir", d.dir, "--agents", "13", "--port-base", "0")
}

func TestWrongUsageIsToldInOneLine(t *testing.T) {
	t.Parallel()
	refused(t, 2, "--config FILE", "account", "list")
	refused(t, 2, "no-such", "serve", "--config", filepath.Join(t.TempDir(), "no-such.toml"))
	refused(t, 2, "--agents", "demo", "--dir", t.TempDir(), "--agents", "0")
}
