package node

import (
	"context"
	"crypto/rand"
	"time"

	"navette/internal/disclosure"
	"navette/internal/forward"
	"navette/internal/frame"
	"navette/internal/identity"
	"navette/internal/incident"
)

// How often arrivals are looked at for forwarding, and forwards for their last day.
const (
	forwardEvery    = 3 * time.Second
	forwardDayEvery = time.Hour
	incidentEvery   = time.Hour
	discloseEvery   = 5 * time.Second // who asks on a page what is held waits for the letter
)

// buildPolicies builds what keeps mail where it belongs. The directory and standings are there.
func (h *House) buildPolicies(pepper *identity.Pepper) {
	h.Forwards = forward.New(forward.Config{DB: h.DB, Contents: h.Contents, Delivery: h.Delivery, Standings: h.Reach, Teller: h.Notices,
		Domain: h.Config.Domains[0], Hostname: h.Config.Hostname, Zone: time.Local, Now: time.Now, Random: rand.Reader, Log: h.Log})
	h.Frames = frame.New(frame.Config{DB: h.DB, Contents: h.Contents, Delivery: h.Delivery, Domain: h.Config.Domains[0], Hostname: h.Config.Hostname,
		Origin: h.pagesOrigin, Zone: time.Local, Now: time.Now, Random: rand.Reader, Log: h.Log})
	h.Reach.OnFrames(h.Frames)
	h.Disclosures = disclosure.New(disclosure.Config{DB: h.DB, Letters: h.Notices, Copies: h.Mailings, Digest: pepper.FormerDigest, Origin: h.pagesOrigin,
		Zone: time.Local, Now: time.Now, Random: rand.Reader, Log: h.Log})
	h.Incidents = incident.New(incident.Config{DB: h.DB, Contents: h.Contents, Standings: h.Reach, Now: time.Now, Log: h.Log})
}

// pagesOrigin is where people find the pages: a demo knows when its doors are open.
func (h *House) pagesOrigin() string {
	if o := h.origin.Load(); o != nil {
		return *o
	}
	if h.Config.HTTP.Origin != "" {
		return h.Config.HTTP.Origin
	}
	return "https://" + h.Config.Hostname
}

// startPolicies starts what works for them in the background.
func (s *Server) startPolicies(ctx context.Context) {
	h := s.house
	s.job(ctx, "names of agents", h.Origin.Run)
	s.job(ctx, "forwarding", func(ctx context.Context) error {
		return every(ctx, forwardEvery, func(ctx context.Context) error {
			if _, err := h.Forwards.Run(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "forwarding waits", "error", err)
			}
			return ctx.Err()
		})
	})
	s.job(ctx, "what is held", func(ctx context.Context) error {
		return every(ctx, discloseEvery, func(ctx context.Context) error {
			if _, err := h.Disclosures.Work(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "who asks what is held waits", "error", err)
			}
			return ctx.Err()
		})
	})
	s.job(ctx, "clocks of breaches", func(ctx context.Context) error {
		return every(ctx, incidentEvery, func(ctx context.Context) error {
			if _, err := h.Incidents.Watch(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "the clocks of breaches are not watched", "error", err)
			}
			return ctx.Err()
		})
	})
	s.job(ctx, "ends of forwards", func(ctx context.Context) error {
		return every(ctx, forwardDayEvery, func(ctx context.Context) error {
			if _, err := h.Forwards.Advance(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "the ends of forwards wait", "error", err)
			}
			return ctx.Err()
		})
	})
}
