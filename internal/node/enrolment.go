package node

import (
	"context"
	"os"
	"time"

	"navette/internal/admin"
	"navette/internal/demo"
	"navette/internal/dropfolder"
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

// startEnrolment starts what takes AAF exports from their drop folder, where there is one, and what keeps school data tidy.
// Fictional people stay as their files say, whenever the demo is opened.
func (s *Server) startEnrolment(ctx context.Context) {
	h := s.house
	if h.Config.AAF.DropFolder != "" {
		ops := h.Operations()
		s.watch(ctx, "AAF exports", &dropfolder.Folder{Path: h.Config.AAF.DropFolder, Extensions: []string{".zip", ".tar", ".tgz", ".gz"}, Now: time.Now,
			Log: s.log, Incomplete: enrolment.ErrSource, Import: func(ctx context.Context, name string, file *os.File) (dropfolder.Report, error) {
				return ops.ImportAAF(ctx, enrolment.Source{Name: name, Archive: file}, admin.AAFOptions{}, func(int, int) {})
			}})
	}
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
