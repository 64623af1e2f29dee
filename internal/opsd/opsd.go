// Package opsd is the door of the monitoring: /metrics (Prometheus), /healthz (the process answers) and /readyz (it
// can do its work: the database answers). It shows counts, never an address, and belongs on a loopback or private
// address.
package opsd

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Counter is a number that only grows, read when it is asked for.
type Counter struct {
	Name, Help string
	Value      func() int64
}

// Gauge is a number that grows and falls, read when it is asked for.
type Gauge Counter

// Config is what the door shows.
type Config struct {
	Ready    func(context.Context) error // nil when the server can do its work
	Counters []Counter
	Gauges   []Gauge
}

// Server is the door.
type Server struct{ http http.Server }

// readyPatience is how long /readyz waits for the database.
const readyPatience = 2 * time.Second

// New returns the door; it listens to nothing yet.
func New(cfg Config) *Server {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, c := range cfg.Counters {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "navette", Name: c.Name, Help: c.Help},
			func() float64 { return float64(c.Value()) }))
	}
	for _, g := range cfg.Gauges {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "navette", Name: g.Name, Help: g.Help},
			func() float64 { return float64(g.Value()) }))
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "ok\n") //nolint:errcheck // who asked may hang up
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyPatience)
		defer cancel()
		if err := cfg.Ready(ctx); err != nil {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "ready\n") //nolint:errcheck // who asked may hang up
	})
	return &Server{http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}}
}

// Serve answers until Shutdown.
func (s *Server) Serve(ln net.Listener) error {
	if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown ends the door.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }
