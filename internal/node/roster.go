package node

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"time"

	"navette/internal/admin"
	"navette/internal/autoreply"
	"navette/internal/career"
	"navette/internal/demo"
	"navette/internal/dropfolder"
	"navette/internal/roster"
)

// dropEvery is how often the drop folder is looked into: a file is taken at the second look that finds it the same.
const dropEvery = 15 * time.Second

// How often accounts without a function and functional boxes are looked at (each step is due on a day), and arrivals for
// automatic replies.
const (
	careerEvery = time.Hour
	boxesEvery  = time.Hour
	listsEvery  = 30 * time.Second // so long at most an owner does not know of a post that waits
	replyEvery  = 10 * time.Second
	groupsEvery = 15 * time.Second // after an import its new classes have their groups within so long
)

// buildCareer builds what leads accounts after their holders' last functions.
func (h *House) buildCareer() {
	c := h.Config.Career
	rules := career.DefaultRules()
	rules.Grace, rules.SummerGrace, rules.ReadOnly, rules.Reminders = c.Grace, c.SummerGrace, c.ReadOnly, c.Reminders
	h.Career = career.New(career.Config{DB: h.DB, Contents: h.Contents, Delivery: h.Delivery, Rules: rules, Domain: h.Config.Domains[0],
		Hostname: h.Config.Hostname, Contact: c.Contact, Zone: time.Local, Now: time.Now, Random: rand.Reader, Log: h.Log})
}

// startRoster starts what follows people: the folder that HR files are dropped into, where there is one, the accounts
// without a function, and the automatic replies.
func (s *Server) startRoster(ctx context.Context) {
	h := s.house
	if _, err := h.Boxes.Orphans(ctx); err != nil { // for the metric, also where nothing refreshes it
		s.log.ErrorContext(ctx, "functional boxes without an owner are not counted", "error", err)
	}
	if !demo.IsDemo(h.Config.DataDir) { // fictional people stay as their files say, whenever the demo is opened
		s.startCareers(ctx)
		s.startBoxes(ctx)
	}
	s.startLists(ctx)
	s.startGroups(ctx)
	replies := autoreply.New(autoreply.Config{DB: h.DB, Contents: h.Contents, Delivery: h.Delivery, Domain: h.Config.Domains[0],
		Hostname: h.Config.Hostname, Now: time.Now, Random: rand.Reader, Log: s.log})
	s.job(ctx, "automatic replies", func(ctx context.Context) error {
		return every(ctx, replyEvery, func(ctx context.Context) error {
			if _, err := replies.Run(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "automatic replies wait", "error", err)
			}
			return ctx.Err()
		})
	})
	if h.Config.Roster.DropFolder != "" {
		s.startDropFolder(ctx)
	}
}

// startCareers advances the accounts without a function.
func (s *Server) startCareers(ctx context.Context) {
	h := s.house
	s.job(ctx, "careers", func(ctx context.Context) error {
		return every(ctx, careerEvery, func(ctx context.Context) error {
			if _, err := h.Career.Advance(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "careers wait", "error", err)
			}
			return ctx.Err()
		})
	})
}

// startBoxes brings the members of functional boxes to what functions say.
func (s *Server) startBoxes(ctx context.Context) {
	h := s.house
	s.job(ctx, "functional boxes", func(ctx context.Context) error {
		return every(ctx, boxesEvery, func(ctx context.Context) error {
			if err := h.Boxes.Upkeep(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "functional boxes wait", "error", err)
			}
			return ctx.Err()
		})
	})
}

// startLists tells owners of lists what waits for them.
func (s *Server) startLists(ctx context.Context) {
	h := s.house
	s.job(ctx, "lists", func(ctx context.Context) error {
		return every(ctx, listsEvery, func(ctx context.Context) error {
			if err := h.Lists.Upkeep(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "lists wait", "error", err)
			}
			return ctx.Err()
		})
	})
}

// startGroups issues the groups of new classes and schools.
func (s *Server) startGroups(ctx context.Context) {
	h := s.house
	s.job(ctx, "groups", func(ctx context.Context) error {
		return every(ctx, groupsEvery, func(ctx context.Context) error {
			if err := h.Groups.Upkeep(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "groups wait", "error", err)
			}
			return ctx.Err()
		})
	})
}

// startDropFolder watches the folder that HR files are dropped into.
func (s *Server) startDropFolder(ctx context.Context) {
	h := s.house
	ops := h.Operations()
	s.watch(ctx, "HR files", &dropfolder.Folder{Path: h.Config.Roster.DropFolder, Extensions: []string{".csv", ".txt"}, Now: time.Now, Log: s.log,
		Incomplete: roster.ErrIncomplete, Import: func(ctx context.Context, _ string, file *os.File) (dropfolder.Report, error) {
			return ops.ImportHR(ctx, file, admin.ImportOptions{Details: true}, func(int, int) {})
		}})
}

// watch looks into a drop folder again and again.
func (s *Server) watch(ctx context.Context, what string, folder *dropfolder.Folder) {
	s.job(ctx, what, func(ctx context.Context) error {
		return every(ctx, dropEvery, func(ctx context.Context) error {
			// A share that is gone comes back: the server goes on without it.
			if err := folder.Scan(ctx); err != nil && !errors.Is(err, context.Canceled) {
				s.log.ErrorContext(ctx, "the drop folder cannot be read", "error", err)
			}
			return ctx.Err()
		})
	})
}
