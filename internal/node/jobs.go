package node

import (
	"context"
	"crypto/rand"
	"time"

	"navette/internal/outbound"
)

// pruneEvery is how often old revocations are deleted.
const pruneEvery = time.Hour

// pruneTicketsEvery is how often tickets that are over are deleted: strangers make them, and each holds for ten minutes.
const pruneTicketsEvery = time.Minute

// startJobs starts what works in the background until Close.
func (s *Server) startJobs(ctx context.Context, p Plan) {
	h := s.house
	s.outbound = outbound.New(h.DB, h.Contents, h.Delivery, p.Transport, outbound.Config{Hostname: h.Config.Hostname, Domain: h.Config.Domains[0],
		Now: time.Now, Random: rand.Reader, Log: s.log, Workers: h.Config.Outbound.Workers, NoticeAfter: h.Config.Outbound.DelayNoticeAfter})
	h.Delivery.OnOutbound(s.outbound.Kick)
	h.Delivery.Start(ctx)
	s.outbound.Start(ctx)
	s.job(ctx, "revocations", h.Identity.Run)
	s.job(ctx, "annuaire", h.Directory.Run)
	s.startPolicies(ctx)
	s.startMailings(ctx)
	s.startRoster(ctx)
	s.startEnrolment(ctx)
	s.startUpkeep(ctx)
	s.job(ctx, "hash NUMENs", h.Identity.HashNumens)
	s.job(ctx, "mail recovery codes", s.signin.Run)
	s.job(ctx, "fold remarks", s.foldRemarks)
	s.job(ctx, "prune what is over", s.pruning(pruneEvery, s.pruned...))
	s.job(ctx, "prune tickets", s.pruning(pruneTicketsEvery, s.tickets))
	s.job(ctx, "prune revocations", func(ctx context.Context) error {
		return every(ctx, pruneEvery, func(ctx context.Context) error {
			if _, err := h.Identity.Prune(ctx); err != nil {
				s.log.Error("revocations are not pruned", "error", err)
			}
			return ctx.Err()
		})
	})
}

// pruning is a job that runs pruners at an interval.
func (s *Server) pruning(interval time.Duration, pruners ...pruner) func(context.Context) error {
	return func(ctx context.Context) error {
		return every(ctx, interval, func(ctx context.Context) error {
			for _, prune := range pruners {
				if _, err := prune(ctx); err != nil {
					s.log.Error("what is over is not pruned", "error", err)
				}
			}
			return ctx.Err()
		})
	}
}

// job runs a background job until ctx ends; a job that ends by itself has failed, and so has the server.
func (s *Server) job(ctx context.Context, name string, run func(context.Context) error) {
	s.jobs.Go(func() {
		if err := run(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("background job ended", "job", name, "error", err)
			s.failures <- err
		}
	})
}

// every runs fn again and again with a pause between, until it fails or ctx ends.
func every(ctx context.Context, pause time.Duration, fn func(context.Context) error) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	for {
		if err := fn(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

// noRelay is the way out of a server that has none yet: everything waits.
type noRelay struct{}

var _ outbound.Transport = noRelay{}

// Send defers.
func (noRelay) Send(_ context.Context, p outbound.Parcel) []outbound.Outcome {
	out := make([]outbound.Outcome, len(p.Recipients))
	for i := range out {
		out[i] = outbound.Outcome{Verdict: outbound.Deferred, Enhanced: "4.4.4", Text: "no relay is configured"}
	}
	return out
}
