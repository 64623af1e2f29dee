package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	mrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"navette/internal/testkit/pg"
)

// site is what a `navette serve` of a test stands on: the configuration that `navette config` prints with its values
// replaced, a certificate, a relay.
type site struct {
	dir    string
	config string // path of the configuration
	text   string // what it holds
	base   int    // port that doorOffsets are added to
	lmtp   string // path of the Unix socket
	trust  *x509.CertPool
	relay  *relay
}

// doorOffsets are the TCP doors of DESIGN §6; serve has no LMTP among them.
var doorOffsets = map[string]int{"smtp": 25, "lmtp": 26, "submission": 587, "submissions": 465, "imap": 143, "imaps": 993,
	"http": 80, "https": 443, "metrics": 90}

// siteDomain is the first domain of a site.
const siteDomain = "ac-essai.example"

// newSite writes a configuration.
func newSite(t *testing.T) *site {
	t.Helper()
	dir := shortDir(t)
	s := &site{dir: dir, config: filepath.Join(dir, "navette.toml"), base: freeBase(t), lmtp: filepath.Join(dir, "lmtp.sock"), relay: startRelay(t)}
	s.trust = certify(t, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	s.text = navette(t, 0, "config").stdout
	for key, value := range map[string]any{
		"data_dir": filepath.Join(dir, "data"), "database": "sqlite:" + filepath.Join(dir, "data", "navette.db"), "domains": []string{siteDomain}, "trusted_networks": []string{"127.0.0.0/8"},
		"tls.certificate": filepath.Join(dir, "cert.pem"), "tls.key": filepath.Join(dir, "key.pem"),
		"smtp.reception": s.address("smtp"), "smtp.submission": s.address("submission"), "smtp.submissions": s.address("submissions"),
		"smtp.lmtp": s.lmtp, "imap.imap": s.address("imap"), "imap.imaps": s.address("imaps"), "ops.listen": s.address("metrics"),
		"http.http": s.address("http"), "http.https": s.address("https"), "http.origin": "https://localhost:" + strconv.Itoa(s.base+doorOffsets["https"]),
		"identity.pepper_file": filepath.Join(dir, "pepper"),
		"outbound.relay":       s.relay.address, "outbound.relay_tls": "none", "outbound.allowed_networks": []string{"127.0.0.0/8"},
	} {
		s.set(t, key, value)
	}
	s.write(t)
	return s
}

// newSiteOnPostgres writes a configuration whose database is an empty one of that server.
func newSiteOnPostgres(t *testing.T, server *pg.Server) *site {
	t.Helper()
	s := newSite(t)
	s.set(t, "database", server.NewDatabase(t))
	s.write(t)
	return s
}

// shortDir is a temporary folder whose path leaves room for a socket's name (108 octets in all).
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "navette-site-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// set replaces the line of a key, which must be there.
func (s *site) set(t *testing.T, key string, value any) {
	t.Helper()
	section, name, dotted := strings.Cut(key, ".")
	if !dotted {
		section, name = "", key
	}
	lines, now, found := strings.Split(s.text, "\n"), "", false
	for i, line := range lines {
		if strings.HasPrefix(line, "[") {
			now = strings.Trim(line, "[]")
		} else if now == section && strings.HasPrefix(line, name+" = ") {
			lines[i], found = name+" = "+inTOML(value), true
		}
	}
	if !found {
		t.Fatalf("`navette config` prints no %s", key)
	}
	s.text = strings.Join(lines, "\n")
}

// inTOML writes a text or a list of texts; Go's quoting of plain ASCII is TOML's.
func inTOML(value any) string {
	if list, ok := value.([]string); ok {
		words := make([]string, len(list))
		for i, w := range list {
			words[i] = strconv.Quote(w)
		}
		return "[" + strings.Join(words, ", ") + "]"
	}
	return strconv.Quote(value.(string))
}

func (s *site) write(t *testing.T) {
	t.Helper()
	overwrite(t, s.config, s.text)
}

// address is HOST:PORT of a door.
func (s *site) address(door string) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.base+doorOffsets[door]))
}

// tls is how a client of the site checks its certificate.
func (s *site) tls() *tls.Config { return &tls.Config{RootCAs: s.trust, ServerName: "localhost"} }

// start starts a server on the site.
func (s *site) start(t *testing.T) *process {
	t.Helper()
	return startServer(t, "serve", "--config", s.config)
}

// startServer starts a command that serves and returns when every door listens. The end of the test ends it, if it is
// still there.
func startServer(t *testing.T, args ...string) *process {
	t.Helper()
	p, err := startProcess(exec.Command(product(t), args...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if isClosed(p.ended) {
			return
		}
		if err := p.stop(); err != nil {
			t.Errorf("the server ended badly: %v\n%s", err, tail(p.stderr.String()))
		}
	})
	if err := p.awaitReady(); err != nil {
		t.Fatal(err)
	}
	return p
}

// appoint imports people of whom each has a password, beside the running server, and returns them in their order.
func (s *site) appoint(t *testing.T, names ...string) []account {
	t.Helper()
	file := filepath.Join(s.dir, "agents.csv")
	text := "id_rh;numen;civilite;nom_naissance;nom_usage;prenoms;naissance;corps;categorie;fonction;uai;debut;fin;reference\n"
	for i, name := range names {
		text += fmt.Sprintf("%d;01E%07dABC;Mme;%s;;Camille;03/02/1980;CERTIFIE;ENSEIGNANT;ENSEIGNANT;0750001A;01/09/2020;;ARR-%d\n", 8000001+i, 7000001+i, name, i)
	}
	overwrite(t, file, text+fmt.Sprintf("#FIN;%d\n", len(names)))
	if out := navette(t, 0, "import", "hr", file, "--config", s.config).stdout; !strings.Contains(out, fmt.Sprintf("arrivées %d,", len(names))) {
		t.Fatalf("the import tells\n%s", out)
	}
	known := accountsOf(t, "--config", s.config)
	var people []account
	for _, name := range names {
		a := account{address: "camille." + strings.ToLower(name) + "@" + siteDomain, password: "une phrase de passe pour " + name}
		for login, line := range known {
			if len(line.addresses) > 0 && line.addresses[0] == a.address {
				a.login = login
			}
		}
		navetteWith(t, 0, a.password+"\n", "account", "password", a.address, "--config", s.config)
		people = append(people, a)
	}
	return people
}

// certify makes a certificate for this machine that signs itself, and returns what trusts it.
func certify(t *testing.T, certFile, keyFile string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c := &x509.Certificate{Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	overwrite(t, certFile, string(certPEM))
	overwrite(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return pool
}

// freeBase finds a base whose every door is free, below the ports that the kernel gives to connections.
func freeBase(t *testing.T) int {
	t.Helper()
	for range 100 {
		base := 10_000 + mrand.IntN(20_000)
		if areFree(base) {
			return base
		}
	}
	t.Fatal("no base with free ports was found")
	return 0
}

func areFree(base int) bool {
	var held []net.Listener // until all are known to be free
	defer func() {
		for _, ln := range held {
			ln.Close()
		}
	}()
	for _, offset := range doorOffsets {
		ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(base+offset)))
		if err != nil {
			return false
		}
		held = append(held, ln)
	}
	return true
}
