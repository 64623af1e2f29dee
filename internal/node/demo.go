package node

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"navette/internal/config"
	"navette/internal/demo"
	"navette/internal/failure"
	"navette/internal/outbound"
	"navette/internal/safeio"
)

// DemoOptions say which demo, and where it listens.
type DemoOptions struct {
	Dir      string
	Database string // URL; "" for an SQLite file in the folder
	Agents   int
	Seed     uint64
	Host     string // loopback address
	PortBase int    // 0 takes free ports
	Version  string
	Log      *slog.Logger
	Progress func(done, total int)
}

// databaseFile holds the URL of a demo's database where it is not the folder's own.
const databaseFile = "database"

// demoPorts are what is added to the base for each door.
var demoPorts = map[string]int{DoorSMTP: 25, DoorLMTP: 26, DoorSubmission: 587, DoorSubmissions: 465, DoorIMAP: 143, DoorIMAPS: 993, DoorHTTP: 80, DoorHTTPS: 443,
	DoorMetrics: 90}

// DemoConfig is the configuration of the demo in a folder: everything stands in it.
func DemoConfig(dir string) (*config.Config, error) {
	c, err := config.Parse("")
	if err != nil {
		return nil, err
	}
	c.DataDir = dir
	c.Database = "sqlite:" + filepath.Join(dir, "navette.db")
	if url, err := os.ReadFile(filepath.Join(dir, databaseFile)); err == nil {
		c.Database = strings.TrimSpace(string(url))
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	c.Hostname = "localhost"
	c.Domains = []string{"ac-paris.example"}
	c.TrustedNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	c.Identity.PepperFile = filepath.Join(dir, "pepper")
	c.Academie = demoAcademie()
	return c, nil
}

// demoAcademie is what the public pages of a demo say. The number is one of those that are kept for fiction.
func demoAcademie() config.Academie {
	return config.Academie{Name: "L’académie de Paris (démonstration)", Phone: "01 99 00 12 34", Hours: "Du lundi au vendredi, de 8 h à 18 h",
		Helpdesk: "assistance@ac-paris.example", Publisher: "Rectorat de l’académie de Paris (fictif)", Host: "Cette machine, pour la démonstration",
		DPO: "dpd@ac-paris.example"}
}

// Demo makes or reopens a demo and runs it until ctx ends; ready is called when every door listens.
func Demo(ctx context.Context, o DemoOptions, ready func()) error {
	host, err := netip.ParseAddr(o.Host)
	if err != nil || !host.IsLoopback() {
		return failure.New(failure.Permanent, "a demo listens on this machine only: --host must be a loopback address, as 127.0.0.1")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the demo's folder: %w", err)
	}
	if o.Database != "" {
		if err := safeio.WriteFile(filepath.Join(dir, databaseFile), []byte(o.Database+"\n")); err != nil {
			return err
		}
	}
	c, err := DemoConfig(dir)
	if err != nil {
		return err
	}
	plan, err := demoPlan(dir, o)
	if err != nil {
		return err
	}
	h, err := open(ctx, c, o.Log, false)
	if err != nil {
		return err
	}
	if err := buildDemo(ctx, h, o); err != nil {
		return errors.Join(err, h.Close())
	}
	return run(ctx, h, plan, func(s *Server) error {
		if err := writePorts(dir, s.Ports); err != nil {
			return err
		}
		ready()
		return nil
	})
}

func buildDemo(ctx context.Context, h *House, o DemoOptions) error {
	return demo.Build(ctx, demo.Services{Roster: h.Roster, Enrolment: h.Enrolment, Boxes: h.Boxes, Lists: h.Lists, Identity: h.Identity, Mailboxes: h.Mailboxes, Delivery: h.Delivery},
		demo.Options{Dir: h.Config.DataDir, Agents: o.Agents, Seed: o.Seed, Random: rand.Reader,
			Progress: func(_ string, done, total int) { o.Progress(done, total) }})
}

func demoPlan(dir string, o DemoOptions) (Plan, error) {
	outbox := filepath.Join(dir, "outbox")
	if err := os.MkdirAll(outbox, 0o700); err != nil {
		return Plan{}, fmt.Errorf("make the demo's folder: %w", err)
	}
	pair, err := demoCertificate(dir, time.Now())
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Version: o.Version, Transport: outbound.NewFolder(outbox), LoopbackPlain: true, Addresses: map[string]string{},
		TLS: &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}}
	for name, offset := range demoPorts {
		port := 0
		if o.PortBase != 0 {
			port = o.PortBase + offset
		}
		p.Addresses[name] = net.JoinHostPort(o.Host, fmt.Sprint(port))
	}
	return p, nil
}

// writePorts tells programs where the doors are.
func writePorts(dir string, ports map[string]int) error {
	text, err := json.MarshalIndent(ports, "", "  ")
	if err != nil {
		return err
	}
	return safeio.WriteFile(filepath.Join(dir, "ports.json"), append(text, '\n'))
}
