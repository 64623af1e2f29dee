package aaf_test

import (
	"testing"

	"navette/internal/aaf"
)

// DOMAIN §1.5: legal guardian ⇔ légal = 1, or an old code of link (1 to 7) and légal = 2.
func TestWhoIsALegalGuardian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		who   string
		code  int
		rank  int
		legal bool
	}{
		{"a father of 2013, légal 1", 1, 1, true},
		{"a mother of 2013, légal 2: the second of two", 2, 2, true},
		{"the pupil, of age, in the old codes", 7, 2, true},
		{"a member of the family of 2013 who is a contact only", 4, 0, false},
		{"a mother of 2020", 10, 1, true},
		{"a father of 2020", 20, 1, true},
		{"a guardian named by a judge, new code", 50, 1, true},
		{"a foster family in charge of the pupil: légal 2 under a new code", 42, 2, false},
		{"a mother under a new code whose légal is 2", 10, 2, false},
		{"a grandmother who is a contact", 38, 0, false},
		{"nobody says how, légal 1", 0, 1, true},
		{"nobody says how, légal 2", 0, 2, false},
		{"a code between the two nomenclatures, légal 2", 8, 2, false},
	} {
		if got := (aaf.Link{Code: c.code, Rank: c.rank}).Legal(); got != c.legal {
			t.Errorf("%s: legal is %v", c.who, got)
		}
	}
}

// DOMAIN §1.5: ENTPersonCategorieEnseignant if present, else who stands before pupils, else the function.
func TestWhoTeaches(t *testing.T) {
	t.Parallel()
	post := func(function string) []aaf.Post { return []aaf.Post{{Structure: "4100", Function: function}} }
	for _, c := range []struct {
		who     string
		staff   aaf.Staff
		teaches bool
	}{
		{"a teacher by category", aaf.Staff{Category: "O"}, true},
		{"somebody whose category says no, whatever the rest says", aaf.Staff{Category: "N", BeforePupils: "O", Posts: post("ENS")}, false},
		{"somebody before pupils", aaf.Staff{BeforePupils: "O", Posts: post("EDU")}, true},
		{"a teacher on leave, by function", aaf.Staff{BeforePupils: "N", Posts: post("ENS")}, true},
		{"a librarian", aaf.Staff{Posts: post("DOC")}, true},
		{"a head", aaf.Staff{BeforePupils: "N", Posts: post("DIR")}, false},
		{"nobody knows", aaf.Staff{}, false},
	} {
		if got := c.staff.Teaches(); got != c.teaches {
			t.Errorf("%s: teaches is %v", c.who, got)
		}
	}
}
