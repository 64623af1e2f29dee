package node

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"navette/internal/config"
	"navette/internal/failure"
)

func TestWithoutACertificateThePlanHasNoDoorThatNeedsTLS(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	p, err := ProductionPlan(c, "1")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{DoorSMTP: c.SMTP.Reception, DoorLMTP: "", DoorMetrics: c.Ops.Listen}
	if diff := cmp.Diff(want, p.Addresses); diff != "" || p.TLS != nil {
		t.Errorf("TLS %v, doors (-want +got):\n%s", p.TLS, diff)
	}
	if p.LoopbackPlain {
		t.Error("a server takes passwords without TLS")
	}
}

func TestWithACertificateThePlanHasEveryDoor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := demoCertificate(dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse("[smtp]\nlmtp = \"/run/lmtp\"\n")
	if err != nil {
		t.Fatal(err)
	}
	c.TLS.Certificate, c.TLS.Key = filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")
	p, err := ProductionPlan(c, "1")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{DoorSMTP: ":25", DoorLMTP: "/run/lmtp", DoorSubmission: ":587", DoorSubmissions: ":465", DoorIMAP: ":143",
		DoorIMAPS: ":993", DoorHTTP: ":80", DoorHTTPS: ":443",
		DoorMetrics: "127.0.0.1:9090"}
	if diff := cmp.Diff(want, p.Addresses); diff != "" || p.TLS == nil {
		t.Errorf("TLS %v, doors (-want +got):\n%s", p.TLS, diff)
	}
}

func TestAFolderIsLockedForOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := takeLock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := takeLock(dir); !failure.Is(err, failure.Conflict) {
		t.Errorf("the second gets %v, want a conflict", err)
	}
	first.release()
	second, err := takeLock(dir)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	second.release()
}

func TestOnlyASocketIsRemovedForASocket(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "node-") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	left.Close()
	ln, err := listen(t.Context(), path)
	if err != nil {
		t.Fatalf("a socket that was left: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != fs.ModeSocket|0o660 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	ln.Close()
	if err := os.WriteFile(path, []byte("mail"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listen(t.Context(), path); err == nil {
		t.Error("it listens where a file was")
	}
	if text, err := os.ReadFile(path); string(text) != "mail" {
		t.Errorf("the file holds %q, %v", text, err)
	}
}

func TestADemosCertificateIsKeptUntilItEnds(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	serialAt := func(at time.Time) string {
		pair, err := demoCertificate(dir, at)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.String()
	}
	first := serialAt(now)
	if again := serialAt(now.AddDate(4, 0, 0)); again != first {
		t.Error("another certificate was made while the first was good")
	}
	if later := serialAt(now.AddDate(6, 0, 0)); later == first {
		t.Error("a certificate that has ended is used")
	}
	if err := os.WriteFile(filepath.Join(dir, "server.key"), []byte("spoilt"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := demoCertificate(dir, now); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key that cannot be read gives %v", err)
	}
}

// DESIGN §6.
func TestADemosPortsAreTheBaseAndTheOffsetOfTheDoor(t *testing.T) {
	t.Parallel()
	for base, want := range map[int]map[string]int{
		20000: {DoorSMTP: 20025, DoorLMTP: 20026, DoorSubmission: 20587, DoorSubmissions: 20465, DoorIMAP: 20143, DoorIMAPS: 20993, DoorHTTP: 20080, DoorHTTPS: 20443, DoorMetrics: 20090},
		0:     {DoorSMTP: 0, DoorLMTP: 0, DoorSubmission: 0, DoorSubmissions: 0, DoorIMAP: 0, DoorIMAPS: 0, DoorHTTP: 0, DoorHTTPS: 0, DoorMetrics: 0},
	} {
		p, err := demoPlan(t.TempDir(), DemoOptions{Host: "127.0.0.1", PortBase: base})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for door, address := range p.Addresses {
			host, port, err := net.SplitHostPort(address)
			if err != nil || host != "127.0.0.1" {
				t.Errorf("%s listens at %s", door, address)
			}
			if got[door], err = strconv.Atoi(port); err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("base %d (-want +got):\n%s", base, diff)
		}
	}
}
