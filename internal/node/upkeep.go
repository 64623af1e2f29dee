package node

import (
	"context"
	"time"

	"navette/internal/blob"
	"navette/internal/check"
	"navette/internal/content"
	"navette/internal/mail"
)

const (
	releaseEvery = 5 * time.Second // a held message appears at most so much after its hour
	sweepEvery   = 24 * time.Hour
	unfinished   = 24 * time.Hour // how old a file of a writer that died must be to be removed
)

// startUpkeep starts what keeps the store tidy: held mail appears at its hour, and what is past recovery goes.
func (s *Server) startUpkeep(ctx context.Context) {
	h := s.house
	s.job(ctx, "release held mail", func(ctx context.Context) error {
		h.Mailboxes.RunReleaser(ctx, releaseEvery, s.log)
		return ctx.Err()
	})
	collector := &content.Collector{DB: h.DB, Blobs: h.Blobs, Log: s.log, Purge: func(ctx context.Context) error {
		_, err := h.Mailboxes.Purge(ctx, h.Config.Recovery.KeepDeleted)
		return err
	}}
	s.job(ctx, "collect garbage", func(ctx context.Context) error {
		collector.Run(ctx)
		return ctx.Err()
	})
	s.job(ctx, "sweep unfinished files", func(ctx context.Context) error {
		return every(ctx, sweepEvery, func(ctx context.Context) error {
			if err := h.Blobs.SweepUnfinished(ctx, time.Now().Add(-unfinished)); err != nil {
				s.log.Error("unfinished files stay", "error", err)
			}
			return ctx.Err()
		})
	})
}

// Checker verifies the house.
func (h *House) Checker() *check.Checker {
	return &check.Checker{DB: h.DB, Blobs: blob.Store(h.Blobs), Contents: h.Contents, Limits: mail.DefaultLimits()}
}
