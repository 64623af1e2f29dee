package outbound_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"navette/internal/egress"
	"navette/internal/outbound"
	"navette/internal/testkit/stores"
)

func TestTheFolderHasWhatWouldHaveGoneOverTheWire(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLiteURL(t))
	w.accept(w.me(), "a@dehors.example", "b@dehors.example")
	w.accept("", "c@dehors.example")
	dir := t.TempDir()
	w.work(w.service(outbound.NewFolder(dir)))
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 4 {
		t.Fatalf("files %v, %v", names, err)
	}
	_, trace, _ := strings.Cut(prefix, "\r\n")
	for _, want := range []struct {
		name, from string
		to         []string
	}{{"1", w.me(), []string{"a@dehors.example", "b@dehors.example"}}, {"3", "", []string{"c@dehors.example"}}} {
		octets, err := os.ReadFile(filepath.Join(dir, want.name+".eml"))
		if err != nil || string(octets) != trace+body {
			t.Errorf("%s.eml: %v, %q", want.name, err, octets)
		}
		env, err := os.ReadFile(filepath.Join(dir, want.name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(env, &got); err != nil {
			t.Fatal(err)
		}
		list := []any{}
		for _, a := range want.to {
			list = append(list, a)
		}
		if diff := cmp.Diff(map[string]any{"mail_from": want.from, "rcpt_to": list}, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAFolderThatCannotBeWrittenDefers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLiteURL(t))
	w.accept(w.me(), "a@dehors.example")
	w.work(w.service(outbound.NewFolder(filepath.Join(t.TempDir(), "missing"))))
	if r := w.rows()[0]; r.State != 0 || r.Attempts != 1 || r.Status != "4.3.0" {
		t.Errorf("row %+v", r)
	}
}

// smarthost is a relay that we did not write.
type smarthost struct {
	mu     sync.Mutex
	got    []string
	from   []string
	to     []string
	refuse map[string]*smtp.SMTPError
	data   *smtp.SMTPError
	secure bool
}

func (h *smarthost) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, tls := c.TLSConnectionState()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.secure = tls
	return &hostSession{h: h}, nil
}

type hostSession struct {
	h  *smarthost
	to []string
}

func (s *hostSession) Reset()        { s.to = nil }
func (s *hostSession) Logout() error { return nil }
func (s *hostSession) Mail(from string, _ *smtp.MailOptions) error {
	s.h.mu.Lock()
	defer s.h.mu.Unlock()
	s.h.from = append(s.h.from, from)
	return nil
}

func (s *hostSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.h.refuse[to]; err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

func (s *hostSession) Data(r io.Reader) error {
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		return err
	}
	if s.h.data != nil {
		return s.h.data
	}
	s.h.mu.Lock()
	defer s.h.mu.Unlock()
	s.h.got, s.h.to = append(s.h.got, b.String()), append(s.h.to, s.to...)
	return nil
}

// open serves the smarthost on loopback, and returns its address and a base for clients that trust it.
func (h *smarthost) open(t *testing.T, withTLS bool) (addr string, trust *tls.Config) {
	t.Helper()
	srv := smtp.NewServer(h)
	srv.Domain, srv.EnableSMTPUTF8 = "relay.example", true
	trust = &tls.Config{}
	if withTLS {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
		trust.RootCAs = x509.NewCertPool()
		trust.RootCAs.AddCert(cert)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(l) }() //nolint:errcheck // it ends with the test
	t.Cleanup(func() { srv.Close(); <-done })
	return l.Addr().String(), trust
}

func relay(t *testing.T, addr string, policy outbound.TLSPolicy, trust *tls.Config) *outbound.Relay {
	t.Helper()
	dialer := egress.New(egress.Options{Resolver: net.DefaultResolver, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	r, err := outbound.NewRelay(outbound.RelayConfig{Address: addr, Hostname: "mx.ac-paris.example", TLS: policy, RootCAs: trust, Dial: dialer.DialContext})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheRelayAnswersForEachRecipient(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLiteURL(t))
	h := &smarthost{refuse: map[string]*smtp.SMTPError{
		"non@dehors.example":  {Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no"},
		"tard@dehors.example": {Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 1}, Message: "later"},
		"faux@dehors.example": {Code: 450, EnhancedCode: smtp.EnhancedCode{5, 2, 1}, Message: "the code contradicts the reply"},
	}}
	addr, trust := h.open(t, true)
	w.accept(w.me(), "oui@dehors.example", "non@dehors.example", "tard@dehors.example", "faux@dehors.example", "été@dehors.example")
	w.work(w.service(relay(t, addr, outbound.TLSRequired, trust)))
	var got []string
	for _, r := range w.rows() {
		got = append(got, r.Status)
	}
	if diff := cmp.Diff([]string{"250 2.0.0", "550 5.1.1", "450 4.2.1", "450 4.0.0", "250 2.0.0"}, got); diff != "" {
		t.Error(diff)
	}
	_, trace, _ := strings.Cut(prefix, "\r\n")
	if diff := cmp.Diff([]string{trace + body}, h.got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"oui@dehors.example", "été@dehors.example"}, h.to); diff != "" || !h.secure {
		t.Errorf("over TLS %v: %s", h.secure, diff)
	}
}

func TestTheRelayMayRefuseTheMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLiteURL(t))
	h := &smarthost{data: &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "spam"}}
	addr, _ := h.open(t, false)
	w.accept(w.me(), "a@dehors.example")
	w.work(w.service(relay(t, addr, outbound.TLSNone, nil)))
	if r := w.rows()[0]; r.State != 2 || r.Status != "554 5.7.1" {
		t.Errorf("row %+v", r)
	}
}

func TestTheWayToTheRelayKeepsItsPolicy(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		name           string
		policy         outbound.TLSPolicy
		offered, known bool // TLS, and a certificate that we trust
		sent, secure   bool
	}{
		{"required and good", outbound.TLSRequired, true, true, true, true},
		{"required, unknown certificate", outbound.TLSRequired, true, false, false, false},
		{"required, not offered", outbound.TLSRequired, false, false, false, false},
		{"opportunistic, unknown certificate", outbound.TLSOpportunistic, true, false, true, true},
		{"opportunistic, not offered", outbound.TLSOpportunistic, false, false, true, false},
		{"none", outbound.TLSNone, true, true, true, false},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			h := &smarthost{}
			addr, trust := h.open(t, one.offered)
			if !one.known {
				trust = &tls.Config{RootCAs: x509.NewCertPool()}
			}
			r := relay(t, addr, one.policy, trust)
			out := r.Send(t.Context(), outbound.Parcel{ReversePath: "a@ac-paris.example", Recipients: []string{"b@dehors.example"},
				Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }})
			if sent := out[0].Verdict == outbound.Sent; sent != one.sent || sent && h.secure != one.secure {
				t.Errorf("%+v, over TLS %v", out[0], h.secure)
			}
			if !one.sent && (out[0].Verdict != outbound.Deferred || len(h.from) > 0) {
				t.Errorf("%+v, and the relay saw %v", out[0], h.from)
			}
		})
	}
}

func TestARelayThatIsAwayOrPrivateDefers(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	p := outbound.Parcel{Recipients: []string{"a@dehors.example", "b@dehors.example"}}
	for _, o := range relay(t, l.Addr().String(), outbound.TLSNone, nil).Send(t.Context(), p) {
		if o.Verdict != outbound.Deferred || o.Code != 0 {
			t.Errorf("%+v", o)
		}
	}
	// Loopback not allowed by the configuration: a mistake of ours, for which no message is given up.
	strict := egress.New(egress.Options{Resolver: net.DefaultResolver})
	r, err := outbound.NewRelay(outbound.RelayConfig{Address: l.Addr().String(), Hostname: "mx", TLS: outbound.TLSNone, Dial: strict.DialContext})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range r.Send(t.Context(), p) {
		if o.Verdict != outbound.Deferred {
			t.Errorf("%+v", o)
		}
	}
}

func TestAPasswordNeedsTLS(t *testing.T) {
	t.Parallel()
	_, err := outbound.NewRelay(outbound.RelayConfig{Address: "relay.example:587", TLS: outbound.TLSOpportunistic, User: "u", Password: "p"})
	if err == nil {
		t.Error("accepted")
	}
}
