package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A joiner that the demo does not have. Her name has what spoils an address when it is made carelessly.
const (
	joiner        = "7000001;01E7654321ABC;Mme;D'ARTAGNAN-LEFÈVRE;;Zoé, Marie;03/02/1990;AESH;AESH;AES;%s;01/11/2026;31/08/2029;NOM-2026-70001"
	joinerAddress = "zoe.d-artagnan-lefevre@ac-paris.example"
	otherJoiner   = "7000002;01E7654322ABD;M.;QUIDAM-TESTEUR;;Ugo;04/03/1991;AESH;AESH;AES;%s;01/11/2026;31/08/2029;NOM-2026-70002"
)

// hrFile is a demo's HR file that a test changes.
type hrFile struct {
	t      *testing.T
	path   string
	header string
	lines  []string
}

func hrOf(t *testing.T, d *demo) *hrFile {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(readFile(t, filepath.Join(d.dir, "hr.csv"))), "\n")
	return &hrFile{t: t, path: filepath.Join(t.TempDir(), "agents.csv"), header: lines[0], lines: lines[1 : len(lines)-1]}
}

// write writes the file with lines added, and the count of its last line changed by wrong.
func (f *hrFile) write(wrong int, added ...string) {
	f.t.Helper()
	all := append(append([]string{f.header}, f.lines...), added...)
	all = append(all, fmt.Sprintf("#FIN;%d\n", len(f.lines)+len(added)+wrong))
	if err := os.WriteFile(f.path, []byte(strings.Join(all, "\n")), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func TestAnHRFileGivesAUsableAccount(t *testing.T) {
	t.Parallel()
	onFreshDatabases(t, func(t *testing.T, database string) {
		d := ownDemo(t, options{agents: 12, database: database})
		school, file := d.accounts[0].uai, hrOf(t, d)
		who := fmt.Sprintf(joiner, school)
		before := accountList(t, d.dir)

		file.write(0, who)
		if out := navette(t, 0, "import", "hr", "--dry-run", "--dir", d.dir, file.path).stdout; !strings.Contains(out, "arrivées 1,") {
			t.Errorf("--dry-run tells\n%s", out)
		}
		if diff := cmp.Diff(before, accountList(t, d.dir), lineOptions); diff != "" {
			t.Errorf("--dry-run changed the accounts:\n%s", diff)
		}

		if out := navette(t, 0, "import", "hr", "--dir", d.dir, file.path).stdout; !strings.Contains(out, "arrivées 1, modifications 0,") {
			t.Errorf("the import tells\n%s", out)
		}
		var fresh accountLine
		for login, line := range accountList(t, d.dir) {
			if _, there := before[login]; !there {
				fresh = line
			}
		}
		if fresh.state != "appointed" || len(fresh.addresses) == 0 || fresh.addresses[0] != joinerAddress {
			t.Fatalf("account list has %+v, want %s, appointed", fresh, joinerAddress)
		}
		// Mail comes before she has ever signed in.
		m := marks(t)()
		deliver(t, d, letter(m), joinerAddress)
		her := account{login: fresh.login, address: joinerAddress, password: "une phrase de passe bien longue"}
		if _, err := signInTo(d.address("imap"), her, nil); err == nil || !strings.Contains(err.Error(), "AUTHENTICATIONFAILED") {
			t.Errorf("signing in before a password is set gives %v", err)
		}
		navetteWith(t, 0, her.password+"\n", "account", "password", "--dir", d.dir, fresh.login)
		received(t, awaitMessage(t, signIn(t, d, her), inbox, m), letter(m))
		if state := accountList(t, d.dir)[fresh.login].state; state != "active" {
			t.Errorf("her account is %s after a password was set", state)
		}

		if out := navette(t, 0, "import", "hr", "--dir", d.dir, file.path).stdout; !strings.Contains(out, "arrivées 0, modifications 0,") ||
			!strings.Contains(out, "fonctions terminées 0,") {
			t.Errorf("the same file again tells\n%s", out)
		}
		verified(t, d.dir)
	})
}

func TestATruncatedHRFileChangesNothing(t *testing.T) {
	t.Parallel()
	d := ownDemo(t, options{agents: 12})
	file := hrOf(t, d)
	before := accountList(t, d.dir)
	whole := readFile(t, filepath.Join(d.dir, "hr.csv"))
	who := fmt.Sprintf(joiner, d.accounts[0].uai)
	for name, write := range map[string]func(){
		"a count too high":   func() { file.write(1, who) },
		"a count too low":    func() { file.write(-1, who) },
		"no last line":       func() { overwrite(t, file.path, whole[:strings.LastIndex(whole, "#FIN")]) },
		"half of it":         func() { overwrite(t, file.path, whole[:len(whole)/2]) },
		"nothing":            func() { overwrite(t, file.path, "") },
		"another header":     func() { overwrite(t, file.path, strings.Replace(whole, "numen", "nir", 1)) },
		"lines after it all": func() { overwrite(t, file.path, whole+who+"\n") },
	} {
		write()
		r := navette(t, 1, "import", "hr", "--dir", d.dir, file.path)
		if strings.Count(r.stderr, "\n") != 1 {
			t.Errorf("%s: standard error is %q", name, r.stderr)
		}
		if diff := cmp.Diff(before, accountList(t, d.dir), lineOptions); diff != "" {
			t.Errorf("%s changed the accounts:\n%s", name, diff)
		}
	}
}

func TestWrongHRLinesAreToldAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	d := ownDemo(t, options{agents: 12})
	file := hrOf(t, d)
	wrong := "7000009;01E7654329ABE;M.;MAUVAISE-DATE;;Jean;31/02/1990;AESH;AESH;AES;" + d.accounts[0].uai + ";01/11/2026;;NOM-2026-70009"
	nameless := "7000008;01E7654328ABF;M.;;;;01/02/1990;AESH;AESH;AES;" + d.accounts[0].uai + ";01/11/2026;;NOM-2026-70008"
	file.write(0, wrong, fmt.Sprintf(otherJoiner, d.accounts[0].uai), nameless, "7000007;trop court")
	out := navette(t, 0, "import", "hr", "--dir", d.dir, file.path).stdout
	first := len(file.lines) + 2 // the header is line 1
	for _, want := range []string{"arrivées 1,", "lignes rejetées 3", fmt.Sprintf("ligne %d, 7000009", first), fmt.Sprintf("ligne %d, 7000008", first+2),
		fmt.Sprintf("ligne %d,", first+3)} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	deliver(t, d, letter(marks(t)()), "ugo.quidam-testeur@ac-paris.example")
}

func overwrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// lineOptions let cmp look into an accountLine.
var lineOptions = cmp.AllowUnexported(accountLine{})
