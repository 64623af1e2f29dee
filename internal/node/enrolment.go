package node

import (
	"context"
	"time"

	"navette/internal/demo"
	"navette/internal/enrolment"
	"navette/internal/identity"
)

// schoolDataEvery is how often school data that is past its time is forgotten, and staff are looked for in the HR file.
const schoolDataEvery = time.Hour

// buildEnrolment builds what keeps the AAF exports.
func (h *House) buildEnrolment(pepper *identity.Pepper) {
	h.Enrolment = enrolment.New(enrolment.Config{DB: h.DB, Log: h.Log, Digest: pepper.FormerDigest, Zone: time.Local, Scratch: h.Config.DataDir,
		Rules: enrolment.Rules{FormerDays: h.Config.AAF.FormerDays, RetentionDays: h.Config.AAF.RetentionDays}})
}

// startEnrolment starts what keeps school data tidy. Fictional people stay as their files say, whenever the demo is opened.
func (s *Server) startEnrolment(ctx context.Context) {
	h := s.house
	if demo.IsDemo(h.Config.DataDir) {
		return
	}
	s.job(ctx, "school data", func(ctx context.Context) error {
		return every(ctx, schoolDataEvery, func(ctx context.Context) error {
			if err := h.Enrolment.Upkeep(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "school data waits", "error", err)
			}
			return ctx.Err()
		})
	})
}
