package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// saved writes a message as somebody saves it.
func saved(t *testing.T, octets string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "message.eml")
	if err := os.WriteFile(path, []byte(octets), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Somebody outside writes in an agent's name, with fields that say what they like: readers see what Navette saw.
func TestMailInAnAgentsNameFromOutsideIsMarked(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		mark := marks(t)
		reader, named := d.take(t), d.take(t)
		local, _, _ := strings.Cut(named.address, "@")
		name := strings.ReplaceAll(strings.TrimRight(local, "0123456789"), ".", " ")
		c := signIn(t, d, reader)
		await(t, "the mark of a name", func() bool {
			m := mark()
			text := "X-Navette-Agent: v=1\r\nX-Navette-Origine: interieur\r\nFrom: " + name + " <direction@dehors.example>\r\nTo: " + reader.address + "\r\nSubject: Urgent " + m + "\r\n\r\nx\r\n"
			swaks(t, d, "smtp", swaksDone, "--from", outsider, "--to", reader.address, "--data", dataFile(t, text))
			got := awaitMessage(t, c, inbox, m).bytes
			if strings.Contains(got, "X-Navette-Agent") || strings.Contains(got, "interieur") {
				t.Fatalf("a forged field came through: %q", got)
			}
			return strings.Contains(got, "X-Navette-Origine: exterieur; nom-") // the names are read after the doors open
		})
	})
}

// What an agent sends can be verified by whoever has the file, and nothing else can.
func TestASavedMessageIsVerified(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		m := marks(t)()
		from, to := d.take(t), d.take(t)
		text := "From: " + from.address + "\r\nTo: " + to.address + "\r\nSubject: Convocation " + m + "\r\n\r\nRendez-vous mardi.\r\n"
		swaks(t, d, "submission", swaksDone, append(signedIn(d, from, "PLAIN"), "--from", from.address, "--to", to.address, "--data", dataFile(t, text))...)
		c := signIn(t, d, to)
		got := awaitMessage(t, c, inbox, m).bytes
		if said := navette(t, 0, "verify", saved(t, got), "--dir", d.dir).stdout; !strings.HasPrefix(said, "Agent vérifié\t"+from.address+"\t") {
			t.Errorf("verify says %q", said)
		}
		if said := navette(t, 0, "verify", saved(t, strings.ReplaceAll(got, "\r\n", "\n")), "--dir", d.dir).stdout; !strings.HasPrefix(said, "Agent vérifié") {
			t.Errorf("of a file with LF, verify says %q", said)
		}
		forged := strings.Replace(got, "mardi", "jeudi", 1)
		navette(t, 1, "verify", saved(t, forged), "--dir", d.dir)
		put(t, c, inbox, strings.Replace(forged, m, m+"-bis", 1)) // a client may put there what it likes
		navette(t, 1, "verify", saved(t, awaitMessage(t, c, inbox, m+"-bis").bytes), "--dir", d.dir)
		navette(t, 1, "verify", saved(t, text), "--dir", d.dir)
		if keys := navette(t, 0, "proof", "keys", "--dir", d.dir).stdout; strings.Count(keys, "\t") < 2 {
			t.Errorf("keys are %q", keys)
		}
	})
}

// An exception leaves under the holder's own reverse-path, inside needs none, and the report names no private address.
func TestMailIsForwardedAsTheAdministratorSays(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		mark := marks(t)
		holder, colleague := d.take(t), d.take(t)
		where := []string{"--dir", d.dir, "--reason", "essai"}
		navette(t, 1, append([]string{"forward", "set", holder.login, "prive@dehors.example"}, where...)...)
		until := time.Now().AddDate(0, 2, 0).Format("02/01/2006")
		navette(t, 0, append([]string{"forward", "set", holder.login, "prive@dehors.example", "--until", until}, where...)...)
		m := mark()
		swaks(t, d, "smtp", swaksDone, "--from", outsider, "--to", holder.address, "--data", dataFile(t, letter(m)))
		var parcels []parcel
		await(t, "the copy in the outbox", func() bool {
			parcels = parcelsWith(t, d, m)
			return len(parcels) == 1
		})
		if want := strings.Replace(holder.address, "@", "+transfert@", 1); parcels[0].MailFrom != want || strings.Contains(parcels[0].bytes, "X-Navette-Origine") {
			t.Errorf("it leaves under %q: %q", parcels[0].MailFrom, parcels[0].bytes)
		}
		awaitMessage(t, signIn(t, d, holder), inbox, m)
		if list := navette(t, 0, "forward", "list", "--dir", d.dir).stdout; !strings.Contains(list, holder.login+"\tEXTÉRIEUR\tp…@dehors.example\texception\t") {
			t.Errorf("the list says %q", list)
		}

		navette(t, 0, append([]string{"forward", "set", holder.login, colleague.address}, where...)...)
		m = mark()
		swaks(t, d, "smtp", swaksDone, "--from", outsider, "--to", holder.address, "--data", dataFile(t, letter(m)))
		if got := awaitMessage(t, signIn(t, d, colleague), inbox, m).bytes; !strings.Contains(got, "\r\nDelivered-To: "+holder.address+"\r\n") {
			t.Errorf("the colleague has %q", got)
		}
		navette(t, 0, append([]string{"forward", "clear", holder.login}, where...)...)
		inventory := saved(t, "login;adresse\n"+holder.login+";prive@dehors.example\ninconnu;x@dehors.example\n")
		report := navette(t, 0, append([]string{"forward", "import", inventory, "--dry-run"}, where...)...).stdout
		if !strings.Contains(report, "1 à l'extérieur pour 60 jours") || !strings.Contains(report, "ligne 3\tinconnu\tidentifiant inconnu") {
			t.Errorf("the report says %q", report)
		}
	})
}

// The register from the command line: what must be decided, the decision, and an export without an address.
func TestTheRegisterOfBreaches(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		m := marks(t)()
		at := []string{"--dir", d.dir}
		yesterday := time.Now().AddDate(0, 0, -1).Format("02/01/2006 15:04")
		said := navette(t, 0, append([]string{"incident", "declare", "--what", "Liste oubliée " + m, "--happened", yesterday, "--exposed", "28", "--reason", "essai"}, at...)...).stdout
		number := strings.Fields(said)[1]
		navette(t, 1, append([]string{"incident", "declare", "--what", "karim@dehors.example", "--happened", yesterday, "--reason", "essai"}, at...)...)
		if list := navette(t, 0, append([]string{"incident", "list"}, at...)...).stdout; !strings.Contains(list, "incident "+number+"\t") || !strings.Contains(list, "À DÉCIDER avant le ") {
			t.Errorf("the register says %q", list)
		}
		navette(t, 0, append([]string{"incident", "decide", number, "--measures", "Liste détruite", "--reason", "Sans risque " + m}, at...)...)
		if export := navette(t, 0, append([]string{"incident", "export"}, at...)...).stdout; !strings.Contains(export, "Sans risque "+m) || strings.Contains(export, "@") {
			t.Errorf("the export says %q", export)
		}
	})
}
