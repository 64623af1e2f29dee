package aaf_test

import (
	"strings"
	"testing"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// DOMAIN §1.3: the forms in which names of files were seen.
func TestNamesOfFilesAreRead(t *testing.T) {
	t.Parallel()
	sept := day(1, 9, 2026)
	for name, want := range map[string]aaf.Name{
		"ENT_0759001B_Complet_20260901_Eleve_0000.xml":             {Issuer: "ENT_0759001B", Complete: true, Date: sept, Category: aaf.Eleve},
		"ENT_0759001B_Complet_20260901_PersEducNat_0012.xml":       {Issuer: "ENT_0759001B", Complete: true, Date: sept, Category: aaf.PersEducNat, Sequence: 12},
		"ENT_ENTTSSERVICES_Delta_20260901_PersRelEleve_0000.xml":   {Issuer: "ENT_ENTTSSERVICES", Date: sept, Category: aaf.PersRelEleve},
		"FULL_ENTTSSERVICES_Complet_20130117_EtabEducNat_0001.xml": {Issuer: "FULL_ENTTSSERVICES", Complete: true, Date: day(17, 1, 2013), Category: aaf.EtabEducNat, Sequence: 1},
		"clean-FULL_X_Complet_20130117_PersRelEleve_0039.xml":      {Issuer: "clean-FULL_X", Complete: true, Date: day(17, 1, 2013), Category: aaf.PersRelEleve, Sequence: 39},
		"ENT_IT_Complet_EtabEducNat_0001.xml":                      {Issuer: "ENT_IT", Complete: true, Category: aaf.EtabEducNat, Sequence: 1},
		"ENT_Complet_20200101_Eleve_0000.xml":                      {Issuer: "ENT", Complete: true, Date: day(1, 1, 2020), Category: aaf.Eleve},
		"Complet_MatiereEducNat_0000.xml":                          {Complete: true, Category: aaf.MatiereEducNat},
		"ent_x_complet_20260901_mefeducnat_0000.XML":               {Issuer: "ent_x", Complete: true, Date: sept, Category: aaf.MefEducNat},
		"ENT_X_Complet_Matiere_0000.xml":                           {Issuer: "ENT_X", Complete: true, Category: aaf.MatiereEducNat},
		"ENT_X_Complet_Mef_0000.xml":                               {Issuer: "ENT_X", Complete: true, Category: aaf.MefEducNat},
	} {
		if got, ok := aaf.ParseName(name); !ok || got != want {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
	for _, name := range []string{
		"ficAlimMENESR.dtd", "", "Eleve_0000.xml", "ENT_X_Complet_20260901_Eleve.xml", "ENT_X_Complet_20260901_Eleve_0000.xml.gz",
		"ENT_X_Complet_20261341_Eleve_0000.xml", "ENT_X_Partiel_20260901_Eleve_0000.xml", "ENT_X_Complet_20260901_Parents_0000.xml",
		"._ENT_X_Complet_20260901_Eleve_0000.xml", "ENT_X_Complet_20260901_Eleve_0000000.xml",
	} {
		if got, ok := aaf.ParseName(name); ok {
			t.Errorf("%q is taken for %+v", name, got)
		}
	}
}

// FuzzName holds that a name that is read has a category and a day of the calendar, and ends as a file of it does.
func FuzzName(f *testing.F) {
	for _, s := range []string{"ENT_0759001B_Complet_20260901_Eleve_0000.xml", "Delta_Mef_1.xml", "ENT_IT_Complet_EtabEducNat_0001.xml", "a\nb_Delta_Eleve_0.xml", ".xml"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		n, ok := aaf.ParseName(name)
		if !ok {
			return
		}
		if n.Category.String() == "?" || n.Sequence < 0 || !strings.HasSuffix(strings.ToLower(name), ".xml") || !strings.HasPrefix(name, n.Issuer) {
			t.Errorf("%q: %+v", name, n)
		}
		if !n.Date.IsZero() && n.Date != directory.DateOf(n.Date.UTC()) {
			t.Errorf("%q: no such day", name)
		}
	})
}
