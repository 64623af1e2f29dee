package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"
	"testing"
	"time"
)

// consentFrame makes a frame in a demo, and returns its number.
func consentFrame(t *testing.T, d *demo) string {
	t.Helper()
	uai := ""
	for _, a := range d.accounts {
		if a.role == "head" {
			uai = a.uai
		}
	}
	until := time.Now().AddDate(0, 10, 0).Format("02/01/2006")
	said := navette(t, 0, "frame", "make", uai, "--dir", d.dir, "--name", "Parents élus", "--purpose", "Préparer les conseils ensemble.", "--until", until,
		"--reason", "demande de la direction").stdout
	number := regexp.MustCompile(`^cadre (\d+)\t`).FindStringSubmatch(said)
	if number == nil {
		t.Fatalf("a frame was made as %q", said)
	}
	return number[1]
}

// consentLink asks somebody, and gives the token of the link that leaves for them.
func consentLink(t *testing.T, d *demo, frame, address string) string {
	t.Helper()
	navette(t, 0, "frame", "propose", frame, "--dir", d.dir, "--name", "Karim Benali", "--address", address, "--reason", "élections")
	token := ""
	await(t, "the letter with the link", func() bool {
		for _, p := range parcelsWith(t, d, "<"+address+">") {
			_, body, _ := strings.Cut(p.bytes, "\r\n\r\n")
			plain, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
			if err != nil {
				t.Fatal(err)
			}
			if found := regexp.MustCompile(`/consentement#([\w-]{22})\s`).FindStringSubmatch(string(plain)); found != nil {
				token = found[1]
			}
		}
		return token != ""
	})
	return token
}

// consentLinks are two for each project of the browser's tests, as they read them.
func consentLinks(t *testing.T, d *demo) string {
	t.Helper()
	frame := consentFrame(t, d)
	links := map[string][]string{}
	for _, project := range []string{"desk", "phone", "keyboard", "dark", "forced", "zoom"} {
		for i := range 2 {
			links[project] = append(links[project], consentLink(t, d, frame, fmt.Sprintf("karim-%s-%d@dehors.example", project, i)))
		}
	}
	text, err := json.Marshal(links)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A frame from the command line: who is asked gets a letter with a link, and what is printed names no address.
func TestAFrameIsMadeAndItsMembersAreAsked(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		mark := strings.ToLower(strings.Map(plain, marks(t)()))
		frame, address := consentFrame(t, d), mark+"@dehors.example"
		consentLink(t, d, frame, address)
		navette(t, 0, "frame", "paper", frame, "--dir", d.dir, "--name", "Sonia Diallo", "--address", "s-"+address, "--on", time.Now().Format("02/01/2006"),
			"--kept", "classeur du secrétariat", "--reason", "élections")
		said := navette(t, 0, "frame", "show", frame, "--dir", d.dir).stdout
		for _, want := range []string{"membre 1\tKarim Benali\tsans réponse\n", "membre 2\tSonia Diallo\ta accepté sur papier le ", "(classeur du secrétariat)", "1 ont accepté, 1 sans réponse"} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not in %q", want, said)
			}
		}
		if strings.Contains(said, mark) {
			t.Errorf("an address is printed: %q", said)
		}
		navette(t, 0, "frame", "remove", frame, "2", "--dir", d.dir, "--reason", "retrait écrit")
		navette(t, 0, "frame", "close", frame, "--dir", d.dir, "--reason", "dissolution")
		navette(t, 1, "frame", "propose", frame, "--dir", d.dir, "--name", "X", "--address", "x-"+address, "--reason", "trop tard")
	})
}
