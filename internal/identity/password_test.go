package identity_test

import (
	"strings"
	"testing"

	"navette/internal/failure"
	"navette/internal/identity"
)

func TestWhichPasswordsAreTaken(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	taken := []string{
		"un cheval sur le toit", "marmitechevalagrafepluie", "12 caractères", "quatorze juillet", "пароль для почты", "密码是一只猫和一条狗吗？好的",
		"claire aime les fraises", "!?%;:12=&)€*+£", "🐎🐎🐎🐎🐎🐎 sur le toit",
	}
	for _, secret := range taken {
		if err := n.SetPassword(t.Context(), by(), claire, secret); err != nil {
			t.Errorf("%q: %v", secret, err)
			continue
		}
		n.mustVerify(imap("cmartin", secret))
	}
	refused := []string{
		"", "court", "onze lettre", "éééééé", // twelve octets are not twelve characters
		"aaaaaaaaaaaaaaaa", "abababababab", "!?,;:!?,;:!?,;:12", "Motdepasse2026!", "azertyuiop1234", "correcthorsebatterystaple",
		"claire martin", "Claire.Martin", "MARTINCLAIRE", "cmartincmartin", "cmartin-2026", "martin75martin", "clàire.màrtin1",
		"une tabulation\tdedans", "un retour\nà la ligne", "pas de l'UTF-8 \xe9\xe9",
		strings.Repeat("très long ", 200),
	}
	for _, secret := range refused {
		err := n.SetPassword(t.Context(), by(), claire, secret)
		if !failure.Is(err, failure.Policy) {
			t.Errorf("%q was taken (%v)", secret, err)
		} else if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the refusal repeats %q", secret)
		}
	}
	n.mustVerify(imap("cmartin", taken[len(taken)-1]))
}

func TestAPasswordNeedsAnActivatedPerson(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.appoint(claire, "cmartin", "claire", "martin")
		if err := n.SetPassword(t.Context(), by(), claire, password); !failure.Is(err, failure.Conflict) {
			t.Errorf("before activation: %v", err)
		}
		if _, err := n.GenerateAppPassword(t.Context(), by(), claire, "téléphone"); !failure.Is(err, failure.Conflict) {
			t.Errorf("an application password before activation: %v", err)
		}
		if got := n.count(`SELECT count(*) FROM credential`); got != 0 {
			t.Errorf("%d credentials were stored", got)
		}
		n.mustDeny(imap("cmartin", password))
		n.exec(`UPDATE account SET kind = 'functional' WHERE account_id = $1`, claire)
		if err := n.Activate(t.Context(), by(), claire, password); !failure.Is(err, failure.Permanent) {
			t.Errorf("a functional mailbox: %v", err)
		}
	})
}

func TestThereIsOnePassword(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		for _, secret := range []string{"une toute autre phrase", "et encore une autre"} {
			if err := n.SetPassword(t.Context(), by(), claire, secret); err != nil {
				t.Fatal(err)
			}
		}
		if got := n.count(`SELECT count(*) FROM credential WHERE kind = 'password'`); got != 1 {
			t.Errorf("%d passwords", got)
		}
		n.mustDeny(imap("cmartin", password))
		n.mustDeny(imap("cmartin", "une toute autre phrase"))
		n.mustVerify(imap("cmartin", "et encore une autre"))
	})
}

func TestApplicationPasswordsComeAndGo(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		n.appoint(7, "pdurand", "paul", "durand")
		if err := n.Activate(t.Context(), by(), 7, "un autre mot de passe"); err != nil {
			t.Fatal(err)
		}
		var apps []identity.AppPassword
		for _, label := range []string{"téléphone", "tablette"} {
			app, err := n.GenerateAppPassword(t.Context(), by(), claire, label)
			if err != nil {
				t.Fatal(err)
			}
			apps = append(apps, app)
			if p := n.mustVerify(imap("cmartin", app.Secret)); p.Credential != app.ID {
				t.Errorf("credential %d, want %d", p.Credential, app.ID)
			}
			n.mustDeny(imap("pdurand", app.Secret))
			n.mustVerify(imap("cmartin", " "+strings.ToUpper(app.Secret[:12])+"-"+app.Secret[12:]))
			n.mustDeny(imap("cmartin", app.Secret[:len(app.Secret)-1]+"!"))
		}
		n.mustVerify(imap("cmartin", password))
		if err := n.RevokeAppPassword(t.Context(), by(), 7, apps[0].ID); !failure.Is(err, failure.NotFound) {
			t.Errorf("somebody else's application password: %v", err)
		}
		if err := n.RevokeAppPassword(t.Context(), by(), claire, apps[0].ID); err != nil {
			t.Fatal(err)
		}
		n.mustDeny(imap("cmartin", apps[0].Secret))
		n.mustVerify(imap("cmartin", apps[1].Secret))
		n.mustVerify(imap("cmartin", password))
		if err := n.RevokeAppPassword(t.Context(), by(), claire, apps[0].ID); !failure.Is(err, failure.NotFound) {
			t.Errorf("revoked twice: %v", err)
		}
	})
}

func TestGeneratedSecretsAreDifferentAndOfOneForm(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		secret, hash := generated(t)
		if len(secret) != 35 || secret[8] != '.' || strings.Trim(secret, "0123456789abcdefghjkmnpqrstvwxyz.") != "" {
			t.Fatalf("%q", secret)
		}
		if seen[secret] || seen[hash] || strings.Contains(hash, secret) {
			t.Fatalf("%q: %q", secret, hash)
		}
		seen[secret], seen[hash] = true, true
	}
	for _, chosen := range []string{"", "un cheval sur le toit", "abc.def", strings.Repeat("0", 35), strings.Repeat("u", 8) + "." + strings.Repeat("0", 26)} {
		if _, err := identity.HashGenerated(chosen); err == nil {
			t.Errorf("%q would be kept under one SHA-256", chosen)
		}
	}
}
