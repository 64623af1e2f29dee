package store

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// released holds the SHA-256 of each migration. The table is append-only, as the migrations are: a new file adds a
// line, an old line never changes, because databases have run what it stands for and will not run it again.
var released = map[string]string{
	"migrations/0001_spine.sql":         "47ed9b47a86c888dfc19170cb853b92689721c7c03cbca924e9ecdcbbe7bbd94",
	"migrations/0002_identity.sql":      "a2f0544b344d279bd6564a7904b4ad2393696679171080ac8b54b1cce6fe30b3",
	"migrations/0003_references.sql":    "6efaa3ec34f2577bd1be8317d39131c6e73191c5fc87e14fdf884afeb07fa4f3",
	"migrations/0010_history.sql":       "7efd479a1b174e5ab4f6971f90964b9caca71b56edeebab96581ae1840d29bda",
	"migrations/0011_career.sql":        "7add9bb5009db14a8b1c198944244d6a904278e866d46f905aafe44495b09cd4",
	"migrations/0020_box.sql":           "e1b37480c19e628aeea4e1ed41cd48ea66cba069bbe65a0ed9619cc5fba07eb1",
	"migrations/0025_subscription.sql":  "39300fdbfb32437b610934fd85a5a4926979a017bbc3685bff8926e6c40a4fac",
	"migrations/0030_annuaire.sql":      "03561c9e73d279358683c4a858214baa6f4e5bfbc280645b60e6a41edaaa5fe0",
	"migrations/0050_web.sql":           "2194682aa031d297274f604804bac6f712b57469e4f90193f1ff5b18301fb32d",
	"migrations/0040_list.sql":          "ceb0fb370a461a20426151974a3e3af3d05d6cee8287d8f068c4136a14b46ef4",
	"migrations/0060_mail_programs.sql": "efc171fcc3fa48863dd67434f7f50ea99ce2a77bf93c30935bcb63dcf1e6e68a",
	"migrations/0070_enrolment.sql":     "8a6cdc5fdd6948f36a8fdc9b5cba05c06d8cb2d8f5eb8620c59a441ab93993ad",
	"migrations/0071_discipline.sql":    "22854df3e79e95ba246660133466853de5d919694aa9397c2ee5f53c08b99df4",
	"migrations/0072_group.sql":         "5f2adc1effa8b9fa3a02a8a05b230a0824415e3b5b7ab2b49e374fcf06f73bc4",
	"migrations/0073_remark.sql":        "d6806f569f2166f774d6f69ee8d4d10b79b26f8390c4526ff8e4b802fe3b5da1",
	"migrations/0074_mailing.sql":       "76a57f03c65f872e1fc514950feaefb02ed20380955dee3da3a73b5bf796a69f",
	"migrations/0076_forward.sql":       "c34f601f803a775ce20fe73aa5782d455d15ad9d96adbc89b71c9fe58a397897",
	"migrations/0078_frame.sql":         "a16556b074d65c3d412407804423c59e6cdf9e62f3cfee8fe7d86ec40815477a",
	"migrations/0080_incident.sql":      "7b920ecd9dedf392ace1de7b836e79b7c64e6722966428509a14477d0c48396f",
	"migrations/0082_disclosure.sql":    "19e80d37d257026854a91800270b604924a9d906fdcc0d3e551219f7332fcfc3",
}

func TestMigrationsAreNeverEdited(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(migrations, "migrations/*")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		found[name] = hex.EncodeToString(sum[:])
	}
	if diff := cmp.Diff(released, found); diff != "" {
		t.Errorf("write what is to change into a new migration, and add its line here (-released +found)\n%s", diff)
	}
}
