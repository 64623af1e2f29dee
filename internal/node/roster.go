package node

import (
	"context"
	"errors"
	"io"
	"time"

	"navette/internal/admin"
	"navette/internal/roster"
)

// dropEvery is how often the drop folder is looked into: a file is taken at the second look that finds it the same.
const dropEvery = 15 * time.Second

// startRoster watches the folder that HR files are dropped into, where there is one.
func (s *Server) startRoster(ctx context.Context) {
	h := s.house
	if h.Config.Roster.DropFolder == "" {
		return
	}
	ops := h.Operations()
	folder := &roster.DropFolder{Path: h.Config.Roster.DropFolder, Now: time.Now, Log: s.log,
		Import: func(ctx context.Context, file io.ReadSeeker) (roster.Report, error) {
			return ops.ImportHR(ctx, file, admin.ImportOptions{Details: true}, func(int, int) {})
		}}
	s.job(ctx, "HR files", func(ctx context.Context) error {
		return every(ctx, dropEvery, func(ctx context.Context) error {
			// A share that is gone comes back: the server goes on without it.
			if err := folder.Scan(ctx); err != nil && !errors.Is(err, context.Canceled) {
				s.log.ErrorContext(ctx, "the drop folder cannot be read", "error", err)
			}
			return ctx.Err()
		})
	})
}
