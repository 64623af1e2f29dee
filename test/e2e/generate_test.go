package e2e

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A folder, a zip and a tgz of one seed hold the same files; another seed has others.
func TestAnExportIsInventedInEachForm(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	generate := func(out string, more ...string) string {
		path := filepath.Join(dir, out)
		r := navette(t, 0, append([]string{"generate", "aaf", path, "--pupils", "60", "--schools", "2", "--seed", "3"}, more...)...)
		if !strings.Contains(r.stdout, ": 2 établissements, 60 élèves, 100 responsables, ") {
			t.Errorf("it prints %q", r.stdout)
		}
		return path
	}
	folder := filesOf(t, generate("folder"))
	if len(folder) != 6 || !strings.Contains(folder["ENT2DVA_Complet_20260901_Eleve_0000.xml"], "</ficAlimMENESR>") {
		t.Fatalf("the folder has %d files", len(folder))
	}
	if diff := cmp.Diff(folder, zipped(t, generate("export.zip"))); diff != "" {
		t.Errorf("zip: %s", diff)
	}
	if diff := cmp.Diff(folder, untarred(t, generate("export.tgz"))); diff != "" {
		t.Errorf("tgz: %s", diff)
	}
	if cmp.Equal(folder, filesOf(t, generate("other", "--seed", "4"))) {
		t.Error("another seed gives the same")
	}
	if latin := filesOf(t, generate("latin", "--latin", "--degree", "1")); !strings.Contains(latin["ENT1DVA_Complet_20260901_Eleve_0000.xml"], "ISO-8859-15") {
		t.Error("it does not declare ISO-8859-15")
	}
	if r := navette(t, 2, "generate", "aaf", filepath.Join(dir, "folder")); !strings.Contains(r.stderr, "is not empty") {
		t.Errorf("into a folder that is not empty: %q", r.stderr)
	}
	navette(t, 2, "generate", "aaf", filepath.Join(dir, "x"), "--date", "demain")
	navette(t, 2, "generate", "aaf", filepath.Join(dir, "x"), "--pupils", "0")
}

// With an HR file, staff are its people: those who teach in schools of the degree.
func TestAnExportMayHaveTheStaffOfAnHRFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hr := filepath.Join(dir, "hr.csv")
	lines := []string{
		"id_rh;numen;civilite;nom_naissance;nom_usage;prenoms;naissance;corps;categorie;fonction;uai;debut;fin;reference",
		"1;;Mme;CLAVIER;;Anne;06/05/1982;Professeur certifié;ENS2D;ENS;0759001B;01/09/2020;;ARR-1",
		"2;;M.;PETIT;;Paul;06/05/1982;Personnel de direction;DIEO;DIR;0759001B;01/09/2020;;ARR-2",
		"3;;Mme;DURAND;;Jeanne;06/05/1982;Professeur des écoles;ENS1D;ENS;0759002C;01/09/2020;;ARR-3",
		"4;;M.;BERNARD;;Luc;06/05/1982;Attaché d'administration;ATSS;ADF;0759000A;01/09/2020;;ARR-4",
		"#FIN;4",
	}
	if err := os.WriteFile(hr, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for degree, want := range map[string]string{"1": "DURAND", "2": "CLAVIER,PETIT"} {
		out := filepath.Join(dir, "degree"+degree)
		r := navette(t, 0, "generate", "aaf", out, "--hr", hr, "--degree", degree, "--pupils", "30")
		if !strings.Contains(r.stdout, ": 1 établissements, 30 élèves") {
			t.Errorf("degree %s: it prints %q", degree, r.stdout)
		}
		staff := readFile(t, filepath.Join(out, "ENT"+degree+"DVA_Complet_20260901_PersEducNat_0000.xml"))
		for _, name := range []string{"CLAVIER", "PETIT", "DURAND", "BERNARD"} {
			if strings.Contains(staff, ">"+name+"<") != strings.Contains(want, name) {
				t.Errorf("degree %s: %s", degree, name)
			}
		}
	}
}

// filesOf reads a folder.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		files[e.Name()] = readFile(t, filepath.Join(dir, e.Name()))
	}
	return files
}

// zipped reads a zip archive.
func zipped(t *testing.T, name string) map[string]string {
	t.Helper()
	archive, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	files := map[string]string{}
	for _, f := range archive.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		octets, err := io.ReadAll(in)
		if err = errors.Join(err, in.Close()); err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(octets)
	}
	return files
}

// untarred reads a tar archive that is compressed by gzip.
func untarred(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	packed, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for archive := tar.NewReader(packed); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		octets, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		files[h.Name] = string(octets)
	}
}
