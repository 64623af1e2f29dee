package node

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"navette/internal/admin"
	"navette/internal/config"
	"navette/internal/egress"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/imapd"
	"navette/internal/limits"
	"navette/internal/opsd"
	"navette/internal/outbound"
	"navette/internal/signin"
	"navette/internal/smtpd"
	"navette/internal/submission"
	"navette/internal/webd"
)

// The names of the doors, as ports.json has them.
const (
	DoorSMTP        = "smtp"
	DoorLMTP        = "lmtp"
	DoorSubmission  = "submission"
	DoorSubmissions = "submissions"
	DoorIMAP        = "imap"
	DoorIMAPS       = "imaps"
	DoorHTTP        = "http"
	DoorHTTPS       = "https"
	DoorMetrics     = "metrics"
)

// Plan is which doors are opened, where, and how mail leaves.
type Plan struct {
	Addresses map[string]string // door -> address; a Unix socket's path for LMTP begins with '/'
	TLS       *tls.Config       // nil: doors that need TLS must not be in Addresses
	Transport outbound.Transport
	Version   string

	// LoopbackPlain lets programs on this machine sign in without TLS, and sender windows be exceeded: the demo's.
	LoopbackPlain bool
}

// Server is a house with its doors open.
type Server struct {
	house *House
	log   *slog.Logger
	doors []door
	Ports map[string]int // of the TCP doors that are open

	work     context.CancelFunc // of the background jobs
	jobs     sync.WaitGroup
	serving  sync.WaitGroup
	failures chan error

	outbound   *outbound.Service
	submission *submission.Service
	rules      guard.Rules
	web        *webd.Server // one for both doors
	signin     *signin.Service
	pruned     []pruner // of the pages' services
	tickets    pruner   // which strangers can make many of
}

// pruner deletes what is over, and returns how many.
type pruner = func(context.Context) (int64, error)

// door is one listener with who serves it.
type door struct {
	name     string
	ln       net.Listener
	serve    func(net.Listener) error
	shutdown func(context.Context) error
}

// closePatience is how long running conversations may take to end.
const closePatience = 10 * time.Second

// Start opens every door of the plan, or none, and starts the background jobs.
func Start(ctx context.Context, h *House, p Plan) (*Server, error) {
	s := &Server{house: h, log: h.Log, Ports: map[string]int{}, failures: make(chan error, 16)}
	// Identity vouches for nobody while its sight of revocations is old, and the making of a demo may have taken long.
	if err := h.Identity.Poll(ctx); err != nil {
		return nil, err
	}
	if err := s.open(ctx, p); err != nil {
		for _, d := range s.doors {
			d.ln.Close()
		}
		return nil, err
	}
	ctx, s.work = context.WithCancel(context.WithoutCancel(ctx))
	s.startJobs(ctx, p)
	for _, d := range s.doors {
		s.serving.Go(func() {
			if err := d.serve(d.ln); err != nil {
				s.failures <- fmt.Errorf("door %s: %w", d.name, err)
			}
		})
	}
	return s, nil
}

func (s *Server) open(ctx context.Context, p Plan) error {
	for _, name := range []string{DoorSMTP, DoorLMTP, DoorSubmission, DoorSubmissions, DoorIMAP, DoorIMAPS, DoorHTTP, DoorHTTPS, DoorMetrics} {
		address := p.Addresses[name]
		if address == "" {
			continue
		}
		ln, err := listen(ctx, address)
		if err != nil {
			return fmt.Errorf("open door %s: %w", name, err)
		}
		s.doors = append(s.doors, door{name: name, ln: ln})
		if tcp, ok := ln.Addr().(*net.TCPAddr); ok {
			s.Ports[name] = tcp.Port
		}
	}
	if err := s.furnish(ctx, p); err != nil {
		return err
	}
	return s.openSocket()
}

// furnish says who serves each listener, now that all ports are known: pages have an origin, which names one.
func (s *Server) furnish(ctx context.Context, p Plan) error {
	imap := s.imapServer(p) // one for both doors: its limits are those of the server
	var err error
	if s.submission, err = s.submissions(p); err != nil {
		return err
	}
	if s.web, err = s.webServer(p); err != nil {
		return err
	}
	for i, d := range s.doors {
		if s.doors[i], err = s.newDoor(ctx, p, d, imap); err != nil {
			return err
		}
	}
	return nil
}

func senderWindows(p Plan) []limits.Window {
	if p.LoopbackPlain {
		return nil
	}
	return limits.SenderWindows()
}

// listen opens a TCP address, or a Unix socket that its group may use (LMTP).
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	if !filepath.IsAbs(address) {
		return lc.Listen(ctx, "tcp", address)
	}
	if err := removeSocket(address); err != nil {
		return nil, err
	}
	ln, err := lc.Listen(ctx, "unix", address)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(address, 0o660); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return ln, nil
}

// removeSocket removes the socket that a server which was killed has left, and never anything else.
func removeSocket(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return failure.New(failure.Permanent, "%s is there and is no socket", path)
	}
	return os.Remove(path)
}

func (s *Server) newDoor(ctx context.Context, p Plan, d door, imap *imapd.Server) (door, error) {
	switch d.name {
	case DoorHTTP:
		d.serve, d.shutdown = s.web.Serve, s.web.Shutdown
	case DoorHTTPS:
		d.serve, d.shutdown = s.web.ServeTLS, s.web.Shutdown
	case DoorMetrics:
		srv := opsd.New(s.ops())
		d.serve, d.shutdown = srv.Serve, srv.Shutdown
	case DoorIMAP, DoorIMAPS:
		mode := imapd.StartTLS
		if d.name == DoorIMAPS {
			mode = imapd.ImplicitTLS
		} else if p.LoopbackPlain {
			mode = imapd.StartTLSOrLoopback
		}
		d.serve = func(ln net.Listener) error { return imap.Serve(context.WithoutCancel(ctx), ln, mode) }
		d.shutdown = imap.Shutdown
	default:
		srv, err := smtpd.New(s.smtpConfig(p, d.name))
		if err != nil {
			return d, fmt.Errorf("door %s: %w", d.name, err)
		}
		d.serve, d.shutdown = srv.Serve, srv.Shutdown
	}
	return d, nil
}

func (s *Server) imapServer(p Plan) *imapd.Server {
	h, c := s.house, s.house.Config.IMAP
	l := imapd.DefaultLimits()
	l.Message = h.Config.SMTP.MaxMessageSize
	l.Connections, l.PerAccount = c.MaxConnections, c.MaxConnectionsPerAccount
	return imapd.New(imapd.Config{Identity: h.Identity, Boxes: h.Boxes, Archives: h.Lists, Mailboxes: h.Mailboxes, Bus: h.Bus, TLS: p.TLS, Trusted: h.trusted(),
		Limits: l, Version: p.Version, Now: time.Now, Log: s.log})
}

func (s *Server) smtpConfig(p Plan, name string) smtpd.Config {
	h, c := s.house, s.house.Config.SMTP
	cfg := smtpd.Config{Role: smtpd.Reception, Hostname: h.Config.Hostname, Domain: h.Config.Domains[0], TLS: p.TLS,
		Trusted: h.trusted(), Now: time.Now, Random: rand.Reader, Log: s.log, Contents: h.Contents, Delivery: h.Delivery,
		Origin: h.Origin, Groups: s.submission, Domains: h.Config.Domains, Rules: s.rules, Digest: h.digest, Limits: smtpd.Limits{MessageSize: c.MaxMessageSize, Recipients: c.MaxRecipients, Connections: c.MaxConnections,
			ConnectionsPerNetwork: c.MaxConnectionsPerNetwork, CommandTimeout: c.IdleTimeout}}
	switch name {
	case DoorLMTP:
		cfg.Role, cfg.TLS = smtpd.LMTP, nil
		cfg.Limits.Recipients *= lmtpRecipientsFactor
	case DoorSubmission, DoorSubmissions:
		cfg.Role, cfg.Identity, cfg.Submission = smtpd.Submission, h.Identity, s.submission
		cfg.ImplicitTLS = name == DoorSubmissions
		cfg.PlainAuth = p.LoopbackPlain
	}
	return cfg
}

// lmtpRecipientsFactor is how many times more recipients LMTP takes: a list is expanded before it.
const lmtpRecipientsFactor = 30

func (s *Server) ops() opsd.Config {
	db, id, web := s.house.DB, s.house.Identity, s.web
	return opsd.Config{
		Ready: func(ctx context.Context) error {
			_, err := db.Epoch(ctx)
			return err
		},
		Gauges: []opsd.Gauge{
			{Name: "breaches_undecided", Help: "Entries of the register of breaches that nobody decided on.", Value: s.house.Incidents.UndecidedCount},
			{Name: "boxes_without_owner", Help: "Functional boxes that nobody owns.", Value: s.house.Boxes.OrphanCount},
			{Name: "lists_without_owner", Help: "Distribution lists that nobody owns.", Value: s.house.Lists.OrphanCount},
		},
		Counters: []opsd.Counter{
			{Name: "store_commits_total", Help: "Transactions committed.", Value: func() int64 { return db.Stats().Commits }},
			{Name: "store_writes_total", Help: "Writes committed in them.", Value: func() int64 { return db.Stats().Writes }},
			{Name: "store_retries_total", Help: "Writes run again after a conflict.", Value: func() int64 { return db.Stats().Retries }},
			{Name: "password_hashes_total", Help: "Argon2id hashes computed.", Value: id.Hashes},
			{Name: "http_requests_total", Help: "Requests of pages and their API.", Value: web.Requests},
			{Name: "http_refused_total", Help: "Of them, refused (4xx).", Value: web.Refused},
			{Name: "http_failures_total", Help: "Of them, failed here (5xx).", Value: web.Failures},
			{Name: "http_connections_refused_total", Help: "Connections of pages closed because there were too many.", Value: web.ConnectionsRefused},
		},
	}
}

// openSocket opens the door of commands beside the server.
func (s *Server) openSocket() error {
	srv := admin.NewServer(s.house.Operations(), s.house.Config.DataDir, s.log)
	ln, err := admin.Listen(SocketPath(s.house.Config))
	if err != nil {
		return fmt.Errorf("open the socket for commands: %w", err)
	}
	s.doors = append(s.doors, door{"socket", ln, srv.Serve, srv.Shutdown})
	return nil
}

// Failed gives the error of a door that ended by itself.
func (s *Server) Failed() <-chan error { return s.failures }

// Close ends the doors, all at once, then the jobs. Conversations get closePatience to end well.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	errs := make([]error, len(s.doors))
	var wg sync.WaitGroup
	for i, d := range s.doors {
		wg.Go(func() { errs[i] = d.shutdown(ctx) })
	}
	wg.Wait()
	s.serving.Wait()
	s.work()
	s.jobs.Wait()
	s.outbound.Stop()
	s.house.Delivery.Stop()
	if err := os.Remove(SocketPath(s.house.Config)); err != nil && !errors.Is(err, os.ErrNotExist) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// relayTransport is how production mail leaves; without a relay it waits and says so.
func relayTransport(c *config.Config) (outbound.Transport, error) {
	out := c.Outbound
	if out.Relay == "" {
		return noRelay{}, nil
	}
	dialer := egress.New(egress.Options{Resolver: net.DefaultResolver, Allowed: out.AllowedNetworks})
	return outbound.NewRelay(outbound.RelayConfig{Address: out.Relay, Hostname: c.Hostname, TLS: outbound.TLSPolicy(out.RelayTLS),
		Dial: dialer.DialContext})
}

var _ imapd.Identity = (*identity.Service)(nil)
