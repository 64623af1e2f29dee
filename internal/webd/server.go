package webd

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"navette/internal/limits"
)

// Limits bound what clients may use up. A zero field takes its value from DefaultLimits.
type Limits struct {
	Connections           int           // in all
	ConnectionsPerNetwork int           // trusted networks excepted
	Header                int           // octets of a request's header
	Body                  int64         // octets of a request's body
	Message               int64         // octets of the body of a request that holds a message
	HeaderTime            time.Duration // for a header to arrive
	BodyTime              time.Duration // for a whole request to arrive
	AnswerTime            time.Duration // from the end of the header to the end of the answer; log-ins wait on purpose
	IdleTime              time.Duration // between the requests of a connection
	RequestsPerSecond     float64       // below /api/, of one network in the long run, trusted ones excepted
	RequestsAtOnce        float64       // and at once
	ChecksPerSecond       float64       // of messages before they are sent, of one account in the long run, counted by recipient
	ChecksAtOnce          float64       // and at once
	Streams               int           // requests at a time on one connection of HTTP/2
}

// DefaultLimits suit an académie whose schools stand behind one address each.
func DefaultLimits() Limits {
	return Limits{
		Connections: 20_000, ConnectionsPerNetwork: 400, Header: 16 << 10, Body: 64 << 10,
		HeaderTime: 10 * time.Second, BodyTime: 30 * time.Second, AnswerTime: 90 * time.Second, IdleTime: 2 * time.Minute,
		RequestsPerSecond: 50, RequestsAtOnce: 1000, Streams: 100, Message: 2 << 20, ChecksPerSecond: 2, ChecksAtOnce: 3000,
	}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	orInt := func(v *int, otherwise int) {
		if *v == 0 {
			*v = otherwise
		}
	}
	orTime := func(v *time.Duration, otherwise time.Duration) {
		if *v == 0 {
			*v = otherwise
		}
	}
	orInt(&l.Connections, d.Connections)
	orInt(&l.ConnectionsPerNetwork, d.ConnectionsPerNetwork)
	orInt(&l.Header, d.Header)
	orInt(&l.Streams, d.Streams)
	orTime(&l.HeaderTime, d.HeaderTime)
	orTime(&l.BodyTime, d.BodyTime)
	orTime(&l.AnswerTime, d.AnswerTime)
	orTime(&l.IdleTime, d.IdleTime)
	if l.Body == 0 {
		l.Body = d.Body
	}
	if l.Message == 0 {
		l.Message = d.Message
	}
	if l.ChecksPerSecond == 0 {
		l.ChecksPerSecond, l.ChecksAtOnce = d.ChecksPerSecond, d.ChecksAtOnce
	}
	if l.RequestsPerSecond == 0 {
		l.RequestsPerSecond, l.RequestsAtOnce = d.RequestsPerSecond, d.RequestsAtOnce
	}
	return l
}

// Config is what a Server needs. Pages, Origin, Now and Log are required.
type Config struct {
	Pages   fs.FS           // as built: portal.html, assets/…
	Origin  *url.URL        // where people find the pages, and the only Host that is answered; see Local
	Local   bool            // a demonstration: localhost, its subdomains and loopback addresses are answered too
	HSTS    bool            // browsers shall come back over TLS only
	Proxies limits.Networks // those whose X-Forwarded-For is believed
	Trusted limits.Networks // not limited by network
	TLS     *tls.Config     // for ServeTLS
	Limits  Limits
	Now     func() time.Time
	Log     *slog.Logger
	About   About
	People  *People // nil: nobody can sign in
}

// Server is the door. Its methods may be called from many goroutines.
type Server struct {
	cfg    Config
	limits Limits
	http   http.Server
	conns  *conns
	rate   *limits.Rate[network]
	checks *limits.Rate[int64] // by account
	assets map[string]*asset
	counts counts
	packer packer
}

// New returns a door that listens to nothing yet; an error when the pages are incomplete.
func New(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg, limits: cfg.Limits.withDefaults()}
	l := s.limits
	s.conns = newConns(l.Connections, l.ConnectionsPerNetwork, cfg.Trusted, &s.counts)
	s.rate = limits.NewRate[network](l.RequestsPerSecond, l.RequestsAtOnce, limits.DefaultKeys, cfg.Now)
	s.checks = limits.NewRate[int64](l.ChecksPerSecond, l.ChecksAtOnce, limits.DefaultKeys, cfg.Now)
	var err error
	if s.assets, err = loadAssets(cfg.Pages); err != nil {
		return nil, err
	}
	s.http = http.Server{
		Handler: s.handler(), TLSConfig: withHTTP2(cfg.TLS), MaxHeaderBytes: l.Header,
		ReadHeaderTimeout: l.HeaderTime, ReadTimeout: l.BodyTime, WriteTimeout: l.AnswerTime, IdleTimeout: l.IdleTime,
		HTTP2:    &http.HTTP2Config{MaxConcurrentStreams: l.Streams},
		ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug), // what clients do wrong while they connect
	}
	return s, nil
}

// withHTTP2 names HTTP/2 in a configuration: a server whose first listener is a plain one would leave it out.
func withHTTP2(c *tls.Config) *tls.Config {
	if c == nil {
		return nil
	}
	c = c.Clone()
	c.NextProtos = []string{"h2", "http/1.1"}
	return c
}

// Serve answers HTTP/1.1 on ln until Shutdown.
func (s *Server) Serve(ln net.Listener) error { return ended(s.http.Serve(s.conns.bound(ln))) }

// ServeTLS answers HTTP/1.1 and HTTP/2 over TLS on ln until Shutdown.
func (s *Server) ServeTLS(ln net.Listener) error {
	return ended(s.http.ServeTLS(s.conns.bound(ln), "", ""))
}

func ended(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Shutdown takes no more requests, lets those that run end, and returns when they have, or with ctx's error when they
// were cut.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}

// handler puts the layers together; doc.go says in which order.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	s.routePages(mux)
	s.routeAPI(mux)
	return s.recorded(s.protected(s.hosted(s.secured(mux))))
}
