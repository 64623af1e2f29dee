package e2e

import (
	"archive/zip"
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// writeFiles makes a folder of files.
func writeFiles(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// writeZip makes a zip archive of files, in an order.
func writeZip(t *testing.T, path string, names []string, files map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// export invents an export of the collèges and lycées of a demo, of a day after the demo's own.
func export(t *testing.T, d *demo, out string, more ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), out)
	navette(t, 0, append([]string{"generate", "aaf", path, "--hr", filepath.Join(d.dir, "hr.csv"), "--pupils", "200", "--seed", "5", "--date", "2026-09-10"}, more...)...)
	return path
}

// A folder, a zip and a tgz are the same export, beside a server and without one; what is known changes nothing.
func TestAnAAFExportIsImportedInEachForm(t *testing.T) {
	t.Parallel()
	onFreshDatabases(t, func(t *testing.T, database string) {
		d := ownDemo(t, options{agents: 40, database: database})
		folder := export(t, d, "export")
		files := filesOf(t, folder)
		force := []string{"--force", "all", "--reason", "other invented pupils"}
		if out := navette(t, 0, append([]string{"import", "aaf", folder, "--dir", d.dir, "--dry-run"}, force...)...).stdout; !strings.Contains(out, "Essai de l'export AAF") ||
			!strings.Contains(out, "Élèves : 200 lus, ") {
			t.Errorf("--dry-run tells\n%s", out)
		}
		page := filepath.Join(t.TempDir(), "report.html")
		if out := navette(t, 0, append([]string{"import", "aaf", folder, "--dir", d.dir, "--report", page}, force...)...).stdout; !strings.Contains(out, "Export AAF importé : ENT2DVA, export complet, 2d degré, année 2026-2027 (en cours), SIECLE au 10/09/2026") ||
			!strings.Contains(out, "Élèves : 200 lus, ") {
			t.Errorf("the folder tells\n%s", out)
		}
		text := readFile(t, page)
		for _, known := range []string{"Export AAF importé", "élèves", "200"} {
			if !strings.Contains(text, known) {
				t.Errorf("the page does not tell %q", known)
			}
		}
		if strings.Contains(text, "@") {
			t.Error("the page holds an address")
		}
		reversed := slices.Sorted(maps.Keys(files))
		slices.Reverse(reversed)
		archive := writeZip(t, filepath.Join(t.TempDir(), "ENT2DVA.20260910.zip"), reversed, files)
		if out := navette(t, 0, "import", "aaf", archive, "--dir", d.dir).stdout; !strings.Contains(out, "déjà importé") {
			t.Errorf("the same files as a zip, in another order, tell\n%s", out)
		}
		if err := d.stop(); err != nil {
			t.Fatal(err)
		}
		if out := navette(t, 0, "import", "aaf", export(t, d, "export.tgz"), "--dir", d.dir).stdout; !strings.Contains(out, "déjà importé") {
			t.Errorf("the same files as a tgz, without a server, tell\n%s", out)
		}
		if out := navette(t, 0, "import", "aaf", export(t, d, "later.tgz", "--date", "2026-09-11"), "--dir", d.dir).stdout; !strings.Contains(out, "Élèves : 200 lus, 0 nouveaux, 0 modifiés, 200 inchangés") {
			t.Errorf("the same pupils on another day tell\n%s", out)
		}
		if out := navette(t, 0, "aaf", "status", "--dir", d.dir).stdout; !strings.Contains(out, "2026-2027\ten cours\tSIECLE au 11/09/2026") {
			t.Errorf("aaf status tells\n%s", out)
		}
		verified(t, d.dir)
	})
}

// What is wrong is refused with its reason, and changes nothing.
func TestAWrongAAFExportIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	d := ownDemo(t, options{agents: 40})
	files := filesOf(t, export(t, d, "export"))
	status := navette(t, 0, "aaf", "status", "--dir", d.dir).stdout
	const pupils, guardians = "ENT2DVA_Complet_20260910_Eleve_0000.xml", "ENT2DVA_Complet_20260910_PersRelEleve_0000.xml"
	with := func(name, text string) map[string]string {
		changed := maps.Clone(files)
		changed[name] = text
		return changed
	}
	dir := t.TempDir()
	without := maps.Clone(files)
	delete(without, guardians)
	archive := readFile(t, writeZip(t, filepath.Join(dir, "whole.zip"), slices.Sorted(maps.Keys(files)), files))
	for _, c := range []struct{ what, path, why string }{
		{"a file that is cut", writeFiles(t, filepath.Join(dir, "cut"), with(pupils, files[pupils][:len(files[pupils])/2])), pupils + ", ligne"},
		{"a part that is missing", writeFiles(t, filepath.Join(dir, "hole"), without), "aucun fichier PersRelEleve"},
		{"an encoding that nobody knows", writeFiles(t, filepath.Join(dir, "ebcdic"), with(pupils, strings.Replace(files[pupils], "UTF-8", "EBCDIC", 1))), pupils},
		{"entities of its own", writeFiles(t, filepath.Join(dir, "bomb"), with(pupils, `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>`+files[pupils])), pupils},
		{"something else", writeFiles(t, filepath.Join(dir, "else"), map[string]string{"readme.txt": "bonjour"}), "aucun fichier d'export AAF"},
		{"an archive that is cut", filepath.Join(writeFiles(t, filepath.Join(dir, "half"), map[string]string{"half.zip": archive[:len(archive)/2]}), "half.zip"), "archive"},
		{"a path outside", writeZip(t, filepath.Join(dir, "outside.zip"), []string{"../" + pupils}, map[string]string{"../" + pupils: ""}), "chemin refusé"},
	} {
		refused(t, 1, c.why, "import", "aaf", c.path, "--dir", d.dir)
	}
	if after := navette(t, 0, "aaf", "status", "--dir", d.dir).stdout; after != status {
		t.Errorf("what was refused changed\n%s into\n%s", status, after)
	}
	latin := writeFiles(t, filepath.Join(dir, "latin"), with(pupils, strings.Replace(files[pupils], "</value>", "\xe9</value>", 1)))
	if out := navette(t, 0, "import", "aaf", latin, "--dir", d.dir, "--dry-run").stdout; !strings.Contains(out, "le fichier se dit en UTF-8 et ne l'est pas") {
		t.Errorf("octets of another encoding than the file's tell\n%s", out)
	}
}

// The operator's commands about what AAF told.
func TestTheOperatorDecidesAboutSchoolData(t *testing.T) {
	t.Parallel()
	d := ownDemo(t, options{agents: 40})
	uai := strings.Split(strings.Split(readFile(t, filepath.Join(d.dir, "guardians.csv")), "\n")[1], ",")[1]
	const secret = "grand.pere@exemple.example"
	if r := navetteWith(t, 0, secret+"\n", "aaf", "protect", "--uai", uai, "--reason", "à la demande de la famille", "--dir", d.dir); r.stdout+r.stderr != "" {
		t.Errorf("aaf protect prints %q", r.stdout+r.stderr)
	}
	navetteWith(t, 0, secret+"\n", "aaf", "unprotect", "--uai", uai, "--reason", "erreur", "--dir", d.dir)
	r := navetteWith(t, 1, secret+"\n", "aaf", "unprotect", "--uai", uai, "--reason", "erreur", "--dir", d.dir)
	if !strings.Contains(r.stderr, "n'est pas protégée") || strings.Contains(r.stderr, secret) {
		t.Errorf("taken back twice: %q", r.stderr)
	}
	refused(t, 1, "aucun personnel de clé 0", "aaf", "match", "0", "--reason", "essai", "--dir", d.dir)
	refused(t, 1, "il n'y a rien à basculer", "aaf", "switch", "2026", "--by", "DSI", "--reason", "essai", "--dir", d.dir)
	next := export(t, d, "next", "--date", "2027-09-01")
	if out := navette(t, 0, "import", "aaf", next, "--dir", d.dir).stdout; !strings.Contains(out, "année 2027-2028 (en préparation)") {
		t.Errorf("the next year tells\n%s", out)
	}
	refused(t, 1, "aucun export du 1er degré", "aaf", "switch", "2027", "--by", "DSI", "--reason", "rentrée", "--dir", d.dir)
	navette(t, 0, "import", "aaf", export(t, d, "écoles", "--date", "2027-09-01", "--degree", "1"), "--dir", d.dir)
	if out := navette(t, 0, "aaf", "switch", "2027", "--by", "DSI", "--reason", "rentrée", "--dir", d.dir).stdout; !strings.Contains(out, "Année 2027-2028 en cours") {
		t.Errorf("the switch tells\n%s", out)
	}
	refused(t, 1, "verrouillée", "import", "aaf", export(t, d, "old", "--date", "2026-12-01"), "--dir", d.dir)
	navette(t, 0, "aaf", "doubtful", "--dir", d.dir)
	verified(t, d.dir)
}
