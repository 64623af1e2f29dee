package aaf_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"navette/internal/aaf"
)

// folder is one of empty exports with those names, and of what else is given.
func folder(names ...string) fstest.MapFS {
	f := fstest.MapFS{}
	for _, name := range names {
		f[name] = &fstest.MapFile{Data: []byte(file())}
	}
	return f
}

// complete are the names of a whole export.
func complete() []string {
	var names []string
	for _, c := range []string{"EtabEducNat", "Eleve", "PersRelEleve", "PersEducNat"} {
		names = append(names, "ENT_X_Complet_20260901_"+c+"_0000.xml")
	}
	return names
}

// DOMAIN §1.3: all chunks, sorted, and EtabEducNat → Matiere → Mef → Eleve → PersRelEleve → PersEducNat.
func TestFilesAreLoadedInTheOrderThatRecordsNeed(t *testing.T) {
	t.Parallel()
	const in = "ENT_X_Complet_20260901_"
	names := []string{in + "PersEducNat_0000.xml", in + "Eleve_0010.xml", in + "Eleve_0002.xml", in + "PersRelEleve_0000.xml", in + "Mef_0000.xml",
		in + "EtabEducNat_0000.xml", in + "MatiereEducNat_0000.xml"}
	var order []string
	for _, f := range open(t, "x", folder(names...))[0].Files {
		order = append(order, strings.TrimSuffix(strings.TrimPrefix(f.Path, in), ".xml"))
	}
	same(t, "order", order, []string{"EtabEducNat_0000", "MatiereEducNat_0000", "Mef_0000", "Eleve_0002", "Eleve_0010", "PersRelEleve_0000", "PersEducNat_0000"})
}

func TestWhatIsMissingFromAnExportIsTold(t *testing.T) {
	t.Parallel()
	without := func(names []string, part string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.Contains(n, part) })
	}
	for _, c := range []struct {
		what  string
		names []string
		gaps  []aaf.Gap
	}{
		{"nothing", complete(), nil},
		{"a chunk in the middle", append(complete(), "ENT_X_Complet_20260901_Eleve_0002.xml"), []aaf.Gap{{Category: aaf.Eleve, Sequence: 1}}},
		{"the first chunks", append(without(complete(), "_Eleve"), "ENT_X_Complet_20260901_Eleve_0002.xml"),
			[]aaf.Gap{{Category: aaf.Eleve, Sequence: 0}, {Category: aaf.Eleve, Sequence: 1}}},
		{"nothing, where numbers begin at 1", append(without(complete(), "_Eleve"), "ENT_X_Complet_20260901_Eleve_0001.xml"), nil},
		{"all guardians", without(complete(), "PersRel"), []aaf.Gap{{Category: aaf.PersRelEleve, Sequence: -1}}},
		{"nothing from a delta of one file", []string{"ENT_X_Delta_20260901_PersRelEleve_0000.xml"}, nil},
		{"a chunk of a delta", []string{"ENT_X_Delta_20260901_Eleve_0000.xml", "ENT_X_Delta_20260901_Eleve_0002.xml"}, []aaf.Gap{{Category: aaf.Eleve, Sequence: 1}}},
	} {
		same(t, c.what, open(t, "x", folder(c.names...))[0].Gaps, c.gaps)
	}
	if got := (aaf.Gap{Category: aaf.Eleve, Sequence: 1}).String(); got != "Eleve : le fichier 0001 manque / Eleve: file 0001 is missing" {
		t.Errorf("it is told as %q", got)
	}
}

// A folder may hold exports of several days, issuers and kinds: they are applied in the order of their days.
func TestExportsOfAFolderAreAppliedInTheirOrder(t *testing.T) {
	t.Parallel()
	names := append(complete(), "ENT_X_Delta_20260902_Eleve_0000.xml", "ENT_X_Delta_20260901_Eleve_0000.xml", "vieux/ENT_X_Complet_20260825_Eleve_0000.xml",
		"ENT_Y_Complet_20260901_Eleve_0000.xml")
	var got []string
	for _, x := range open(t, "x", folder(names...)) {
		kind := "delta"
		if x.Complete {
			kind = "complete"
		}
		got = append(got, x.Date.String()+" "+kind+" "+x.Name)
	}
	same(t, "order", got, []string{"2026-08-25 complete vieux/ENT_X", "2026-09-01 complete ENT_X", "2026-09-01 complete ENT_Y", "2026-09-01 delta ENT_X", "2026-09-02 delta ENT_X"})
}

func TestTheDegreeIsFoundByNameThenByAttributes(t *testing.T) {
	t.Parallel()
	first := strings.ReplaceAll(file(add("1", "ENTPersonPrenom = Anne")), `name="sn"`, `name="ENTPersonNom"`)
	second := file(add("1", "givenName = Anne"))
	for _, c := range []struct {
		what, container, file, octets string
		degree                        aaf.Degree
	}{
		{"the archive's name", "ENT1DVA.20260901.tgz", "ENT_X_Complet_Eleve_0000.xml", second, aaf.First},
		{"the archive's name, of the second", "ENT2DVA.20260901.tgz", "ENT_X_Complet_Eleve_0000.xml", first, aaf.Second},
		{"a folder within", "tout.zip", "ENT1DVA/ENT_X_Complet_Eleve_0000.xml", second, aaf.First},
		{"a folder within, before the archive's name", "ENT2DVA.zip", "ENT1DVA/ENT_X_Complet_Eleve_0000.xml", second, aaf.First},
		{"the file's name", "tout.zip", "ENT1D_Complet_Eleve_0000.xml", second, aaf.First},
		{"attributes of 1D", "export", "ENT_X_Complet_Eleve_0000.xml", first, aaf.First},
		{"attributes of 2D", "export", "ENT_X_Complet_Eleve_0000.xml", second, aaf.Second},
		{"nothing", "export", "ENT_X_Complet_Eleve_0000.xml", file(), aaf.Second},
	} {
		x := open(t, c.container, fstest.MapFS{c.file: {Data: []byte(c.octets)}})[0]
		if x.Degree != c.degree {
			t.Errorf("%s: degree %d", c.what, x.Degree)
		}
	}
}

// Whatever is wrong with a file, the files after it are read: a dry run tells of all.
func TestAFileThatFailsLeavesTheNextOnes(t *testing.T) {
	t.Parallel()
	f := folder(complete()...)
	const in = "ENT_X_Complet_20260901_"
	f[in+"Eleve_0000.xml"].Data = []byte(file(add("1"), "<addRequest>", add("2")))
	f[in+"Eleve_0001.xml"] = &fstest.MapFile{Data: []byte(file(add("3"))[:250])}
	f[in+"PersRelEleve_0000.xml"].Data = []byte(file(add("4")))
	var told []string
	for r, err := range open(t, "x", f)[0].Records(context.Background()) {
		var bad *aaf.RecordError
		var failed *aaf.FileError
		switch {
		case errors.As(err, &bad):
			told = append(told, "record of "+bad.File)
		case errors.As(err, &failed):
			told = append(told, "file "+failed.File)
		case err != nil:
			t.Fatal(err)
		default:
			told = append(told, r.Key)
		}
	}
	same(t, "told", told, []string{"1", "record of " + in + "Eleve_0000.xml", "2", "file " + in + "Eleve_0001.xml", "4"})
}

func TestReadingStopsWithItsContextAndItsReader(t *testing.T) {
	t.Parallel()
	f := folder(complete()...)
	f["ENT_X_Complet_20260901_Eleve_0000.xml"].Data = []byte(file(add("1"), add("2")))
	x := open(t, "x", f)[0]
	n := 0
	for _, err := range x.Records(context.Background()) {
		if n++; err != nil {
			t.Error(err)
		}
		break
	}
	if n != 1 {
		t.Errorf("%d records", n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, err := range x.Records(ctx) {
		if n++; !errors.Is(err, context.Canceled) {
			t.Errorf("it says %v", err)
		}
	}
	if n != 2 {
		t.Errorf("after the end of the context %d more", n-1)
	}
}

// Two exports with the same octets have the same sum; one octet or one name makes another.
func TestTheSumIsOfNamesAndOctets(t *testing.T) {
	t.Parallel()
	sum := func(f fstest.MapFS) [32]byte {
		s, err := open(t, "x", f)[0].Sum(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one, again, octet, name := folder(complete()...), folder(complete()...), folder(complete()...), folder(complete()...)
	octet["ENT_X_Complet_20260901_Eleve_0000.xml"].Data = []byte(file() + "\n")
	delete(name, "ENT_X_Complet_20260901_Eleve_0000.xml")
	name["ENT_X_Complet_20260901_Eleve_0001.xml"] = one["ENT_X_Complet_20260901_Eleve_0000.xml"]
	if sum(one) != sum(again) {
		t.Error("the same export has two sums")
	}
	if sum(one) == sum(octet) || sum(one) == sum(name) {
		t.Error("another export has the same sum")
	}
}
