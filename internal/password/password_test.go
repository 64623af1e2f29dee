package password_test

import (
	"os"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/password"
)

func owner() password.Owner {
	return password.Owner{Login: "cmartin", Display: "Claire Martin", NUMEN: directory.NUMEN("24E9912345ABC")}
}

func TestWhatIsStrongIsTakenWhateverItsCharacters(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"un cheval sur le toit", "agrafe correcte batterie cheval", "quatorze juillet", "пароль для почты", "密码是一只猫和一条狗吗？好的",
		"claire aime les fraises", "x7#qP!m2Zr&9", strings.Repeat("chat et dauphin verts ", 11)} {
		if err := password.Check(secret, owner()); err != nil {
			t.Errorf("%q: %v", secret, err)
		}
	}
}

func TestWhatIsGuessedEarlyIsRefused(t *testing.T) {
	t.Parallel()
	for why, secrets := range map[string][]string{
		"short":     {"", "onze lettre", "éééééé"},
		"repeated":  {"aaaaaaaaaaaaaaaa", "abababababab"},
		"their own": {"claire martin", "MARTINCLAIRE", "cmartin-2026", "martin75martin", "clàire.màrtin1"},
		"the NUMEN": {"24E9912345ABC", "cheval 24e99 12345 abc dauphin", "x24e9912345abcx"},
		"common": {"Motdepasse2026!", "m0td3p4ss3!!!!", "azertyuiop123456", "SoleilSoleil2026", "Bonjour!!!!!!", "administrateur1", "marseille13013", "liberté-égalité-fraternité",
			"correcthorsebatterystaple", "JeTaimeJulie75", "j3t41m3-m4m4n?", "Pronote202627", "AllezLOM13013", "Papillon1234!", "Casablanca-212"},
		"a keyboard": {"azertyuiopqsdf", "123456789012", "qwertyuiopas"},
	} {
		for _, secret := range secrets {
			err := password.Check(secret, owner())
			if !failure.Is(err, failure.Policy) {
				t.Errorf("%s: %q was taken (%v)", why, secret, err)
			} else if secret != "" && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the refusal repeats %q", why, secret)
			}
		}
	}
}

// zxcvbn takes the square of a password's length: a long one must not hold a core.
func BenchmarkTheLongestPassword(b *testing.B) {
	long := strings.Repeat("a1b2", password.MaxLength/4)
	for b.Loop() {
		_ = password.Check(long, owner())
	}
}

// The list is long enough to be of use, and in the form in which passwords are compared with it.
func TestTheListOfCommonPasswordsIsAsItIsCompared(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("common.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		word := strings.TrimSpace(line)
		if word == "" || word[0] == '#' {
			continue
		}
		if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" || seen[word] {
			t.Errorf("%q is there twice, or of other signs than small letters", word)
		}
		seen[word] = true
	}
	if len(seen) < 5000 {
		t.Errorf("%d common passwords", len(seen))
	}
}
