package sasl_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/sasl"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

const unbound = "n,,"

func TestEachDeviceSignsInByScramUnderAnyName(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		phone, tablet := w.app(0), w.app(0)
		w.app(1)
		for _, app := range []identity.AppPassword{phone, tablet} {
			for _, user := range []string{w.login(0), strings.ToUpper(w.login(0)), house.Address(w.ids[0])} {
				who, err := w.scram("SCRAM-SHA-256", open(identity.IMAP), &scramClient{header: unbound, user: user, secret: app.Secret})
				if err != nil || who.Account != w.ids[0] || who.Credential != app.ID || who.Scopes != identity.ReadMail {
					t.Errorf("%s: %+v, %v", user, who, err)
				}
			}
		}
		who, err := w.scram("SCRAM-SHA-256", open(identity.SMTP), &scramClient{header: "n,a=" + w.login(0) + ",", user: w.login(0), secret: phone.Secret})
		if err != nil || who.Scopes != identity.SubmitMail {
			t.Errorf("at submission: %+v, %v", who, err)
		}
		if err := w.identity.FlushUses(t.Context()); err != nil {
			t.Fatal(err)
		}
		if devices, err := w.identity.Devices(t.Context(), w.ids[0]); err != nil || devices[1].Used.IsZero() {
			t.Errorf("its last use is not noted: %+v, %v", devices, err)
		}
		if err := w.identity.RevokeAppPassword(t.Context(), by(), w.ids[0], phone.ID); err != nil {
			t.Fatal(err)
		}
		if who, err := w.scram("SCRAM-SHA-256", open(identity.IMAP), &scramClient{header: unbound, user: w.login(0), secret: phone.Secret}); !failure.Is(err, failure.Denied) {
			t.Errorf("revoked: %+v, %v", who, err)
		}
		if err := w.identity.Suspend(t.Context(), by(), w.ids[0]); err != nil {
			t.Fatal(err)
		}
		if who, err := w.scram("SCRAM-SHA-256", open(identity.IMAP), &scramClient{header: unbound, user: w.login(0), secret: tablet.Secret}); !failure.Is(err, failure.Denied) {
			t.Errorf("suspended: %+v, %v", who, err)
		}
	})
}

// What is refused is refused in one way: who does not exist, a wrong secret, and the chosen password, right or wrong.
func TestScramRefusesAllAlike(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		app := w.app(0)
		before := w.identity.Hashes()
		texts := map[string]bool{}
		for name, c := range map[string]*scramClient{
			"nobody":                        {user: "inconnu", secret: app.Secret},
			"nobody, by address":            {user: "inconnu@ac-paris.example", secret: app.Secret},
			"another's secret":              {user: w.login(1), secret: app.Secret},
			"a wrong secret":                {user: w.login(0), secret: app.Secret[1:]},
			"the chosen password":           {user: w.login(0), secret: password},
			"of who has no device":          {user: w.login(1), secret: password},
			"what cannot be a login at all": {user: "@", secret: password},
		} {
			c.header = unbound
			who, err := w.scram("SCRAM-SHA-256", open(identity.IMAP), c)
			if !failure.Is(err, failure.Denied) || who.Account != 0 {
				t.Errorf("%s: %+v, %v", name, who, err)
			} else if c.user != "@" {
				texts[err.Error()] = true
			}
		}
		if len(texts) != 1 {
			t.Errorf("the refusals differ: %v", texts)
		}
		if n := w.identity.Hashes() - before; n != 0 {
			t.Errorf("%d hashes", n)
		}
	})
}

// Invariant 2: the server's first message says nothing of the user.
func TestWhoeverIsAskedForTheChallengeIsTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	w.app(0)
	seen := map[string]bool{}
	nonces := map[string]bool{}
	for _, user := range []string{w.login(0), house.Address(w.ids[0]), w.login(1), "inconnu", "inconnu@ac-paris.example", w.login(0)} {
		challenges, _, err := w.say("SCRAM-SHA-256", open(identity.IMAP), []byte("n,,n="+user+",r=abc"))
		if err != nil {
			t.Fatal(err)
		}
		nonce, rest, _ := strings.Cut(challenges[0], ",")
		seen[rest], nonces[nonce] = true, true
		if !strings.HasPrefix(nonce, "r=abc") {
			t.Errorf("the client's nonce is not in %q", nonce)
		}
	}
	if len(seen) != 1 || len(nonces) != 6 {
		t.Errorf("challenges %v, nonces %v", seen, nonces)
	}
}

func TestTheSaltIsOfTheInstallation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	again, err := identity.New(t.Context(), identity.Options{DB: w.db, Log: nil})
	if err != nil {
		t.Fatal(err)
	}
	other := newWorld(t, stores.SQLite(t))
	if string(again.ScramSalt()) != string(w.identity.ScramSalt()) || string(other.identity.ScramSalt()) == string(w.identity.ScramSalt()) {
		t.Error("a restart changes the salt, or two installations share it")
	}
}

func TestScramSaysWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	for _, first := range []string{"", "n", "n,", "n,,", "n,,n=a", "n,,r=abc", "n,,n=,r=abc", "n,,n=a,r=", "n,,n=a,r=a b", "n,,m=x,n=a,r=abc", "x,,n=a,r=abc",
		"n,b=a,n=a,r=abc", "n,a=,n=a,r=abc", "n,,n=a=2,r=abc", "n,,n=a=2c,r=abc", "n,,n=\x00,r=abc", "n,,n=\xff,r=abc", "p=tls-exporter,,n=a,r=abc",
		"n,,n=a,r=" + strings.Repeat("x", 9000)} {
		var malformed *sasl.MalformedError
		if _, _, err := w.say("SCRAM-SHA-256", open(identity.IMAP), []byte(first)); !errors.As(err, &malformed) {
			t.Errorf("%.40q: %v", first, err)
		}
	}
	for _, final := range []string{"", "c=biws", "c=biws,r=abc", "c=biws,r=abc,p=", "c=biws,r=other,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="} {
		var malformed *sasl.MalformedError
		if _, _, err := w.say("SCRAM-SHA-256", open(identity.IMAP), []byte("n,,n=a,r=abc"), []byte(final)); !errors.As(err, &malformed) {
			t.Errorf("%q: %v", final, err)
		}
	}
	if _, _, err := w.say("SCRAM-SHA-256", open(identity.IMAP), []byte("n,a=b,n=a,r=abc")); !errors.Is(err, sasl.ErrAnother) {
		t.Errorf("for another: %v", err)
	}
}

// tlsPair is the two ends of a TLS connection, and the certificate of ours.
func tlsPair(t *testing.T, version uint16) (client tls.ConnectionState, server sasl.Connection) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12, MaxVersion: version}
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close(); far.Close() })
	ours, theirs := tls.Server(near, cfg), tls.Client(far, &tls.Config{InsecureSkipVerify: true})
	done := make(chan error, 1)
	go func() { done <- ours.HandshakeContext(t.Context()) }()
	if err := errors.Join(theirs.HandshakeContext(t.Context()), <-done); err != nil {
		t.Fatal(err)
	}
	state := ours.ConnectionState()
	server = open(identity.IMAP)
	server.TLS, server.Certificate = &state, sasl.CertificateOf(cfg)
	return theirs.ConnectionState(), server
}

// bindingsOf are those of the client's end, computed by the RFCs.
func bindingsOf(t *testing.T, client tls.ConnectionState) map[string][]byte {
	t.Helper()
	end := sha256.Sum256(client.PeerCertificates[0].Raw)
	all := map[string][]byte{"tls-server-end-point": end[:]}
	if client.Version == tls.VersionTLS13 {
		exported, err := client.ExportKeyingMaterial("EXPORTER-Channel-Binding", []byte{}, 32)
		if err != nil {
			t.Fatal(err)
		}
		all["tls-exporter"] = exported
	}
	return all
}

func TestScramPlusBindsTheConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	app := w.app(0)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		client, conn := tlsPair(t, version)
		for name, data := range bindingsOf(t, client) {
			c := &scramClient{header: "p=" + name + ",,", bound: data, user: w.login(0), secret: app.Secret}
			if who, err := w.scram("SCRAM-SHA-256-PLUS", conn, c); err != nil || who.Account != w.ids[0] {
				t.Errorf("%s, %s: %+v, %v", tls.VersionName(version), name, who, err)
			}
			// Somebody in the middle has a connection of their own to each side.
			_, other := tlsPair(t, version)
			if who, err := w.scram("SCRAM-SHA-256-PLUS", other, c); !failure.Is(err, failure.Denied) || who.Account != 0 {
				t.Errorf("%s, %s of another connection: %+v, %v", tls.VersionName(version), name, who, err)
			}
		}
		var malformed *sasl.MalformedError
		for _, header := range []string{"n,,", "y,,", "p=tls-unique,,"} {
			if _, err := w.scram("SCRAM-SHA-256-PLUS", conn, &scramClient{header: header, user: w.login(0), secret: app.Secret}); !errors.As(err, &malformed) {
				t.Errorf("PLUS with %q: %v", header, err)
			}
		}
		if _, err := w.scram("SCRAM-SHA-256", conn, &scramClient{header: unbound, user: w.login(0), secret: app.Secret}); err != nil {
			t.Errorf("unbound, over TLS: %v", err)
		}
	}
}

// Somebody in the middle who strikes PLUS from the list is found out by the « y » of a client that could have bound.
func TestAStruckMechanismIsFoundOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	_, conn := tlsPair(t, tls.VersionTLS13)
	c := &scramClient{header: "y,,", user: w.login(0), secret: w.app(0).Secret}
	if who, err := w.scram("SCRAM-SHA-256", conn, c); !failure.Is(err, failure.Denied) || who.Account != 0 {
		t.Errorf("over TLS: %+v, %v", who, err)
	}
	if _, err := w.scram("SCRAM-SHA-256", open(identity.IMAP), c); err != nil {
		t.Errorf("where there is nothing to bind to: %v", err)
	}
}

func TestPlusIsOfferedWhereItCanBeKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	offered := func(c sasl.Connection) bool {
		_, ok := w.Begin("SCRAM-SHA-256-PLUS", c)
		if listed := strings.Contains(strings.Join(w.Mechanisms(c), " ")+" ", "SCRAM-SHA-256-PLUS "); listed != ok {
			t.Errorf("listed %v, begun %v", listed, ok)
		}
		return ok
	}
	if offered(open(identity.IMAP)) {
		t.Error("without TLS")
	}
	for version, exported := range map[uint16]bool{tls.VersionTLS12: false, tls.VersionTLS13: true} {
		_, conn := tlsPair(t, version)
		if !offered(conn) {
			t.Errorf("not in %s", tls.VersionName(version))
		}
		conn.Certificate = nil
		if offered(conn) != exported {
			t.Errorf("in %s without a certificate that is known: %v", tls.VersionName(version), !exported)
		}
	}
	if sasl.CertificateOf(nil) != nil || sasl.CertificateOf(&tls.Config{Certificates: make([]tls.Certificate, 2)}) != nil ||
		sasl.CertificateOf(&tls.Config{Certificates: make([]tls.Certificate, 1), GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }}) != nil {
		t.Error("a certificate is given where it is not known which was shown")
	}
}
