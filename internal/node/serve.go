package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"

	"navette/internal/config"
	"navette/internal/demo"
	"navette/internal/failure"
)

// Serve runs the server of a ProductionPlan until ctx ends; ready is called when every door listens.
func Serve(ctx context.Context, c *config.Config, p Plan, log *slog.Logger, ready func()) error {
	if demo.IsDemo(c.DataDir) {
		return failure.New(failure.Permanent, "%s is the folder of a demo: its people are fictional and its passwords known", c.DataDir)
	}
	h, err := Open(ctx, c, log)
	if err != nil {
		return err
	}
	return run(ctx, h, p, func(*Server) error { ready(); return nil })
}

// ProductionPlan is what a configuration asks for. It reads the certificate and changes nothing, so that its errors are
// those of whoever wrote the configuration.
func ProductionPlan(c *config.Config, version string) (p Plan, err error) {
	p = Plan{Version: version, Addresses: map[string]string{DoorSMTP: c.SMTP.Reception, DoorLMTP: c.SMTP.LMTP, DoorMetrics: c.Ops.Listen}}
	if p.Transport, err = relayTransport(c); err != nil {
		return p, fmt.Errorf("outbound.relay: %w", err)
	}
	if len(c.HTTP.Proxies) > 0 || c.TLS.Certificate != "" { // else nobody could be answered there
		p.Addresses[DoorHTTP] = c.HTTP.HTTP
	}
	if c.TLS.Certificate == "" {
		return p, nil
	}
	pair, err := tls.LoadX509KeyPair(c.TLS.Certificate, c.TLS.Key)
	if err != nil {
		return p, fmt.Errorf("tls.certificate: %w", err)
	}
	p.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	p.Addresses[DoorSubmission], p.Addresses[DoorSubmissions] = c.SMTP.Submission, c.SMTP.Submissions
	p.Addresses[DoorIMAP], p.Addresses[DoorIMAPS] = c.IMAP.IMAP, c.IMAP.IMAPS
	p.Addresses[DoorHTTPS] = c.HTTP.HTTPS
	return p, nil
}

// run opens the doors, calls ready, waits for the end, and closes everything.
func run(ctx context.Context, h *House, p Plan, ready func(*Server) error) error {
	s, err := Start(ctx, h, p)
	if err != nil {
		return errors.Join(err, h.Close())
	}
	if err = ready(s); err == nil {
		select {
		case <-ctx.Done():
		case err = <-s.Failed():
		}
	}
	return errors.Join(err, s.Close(), h.Close())
}
