package node

import (
	"context"
	"crypto/rand"
	"time"

	"navette/internal/guard"
	"navette/internal/submission"
)

// foldEvery is how often senders are told together what they were not told on days that are over.
const foldEvery = time.Hour

// submissions is the service behind the doors of those who send.
func (s *Server) submissions(p Plan) (*submission.Service, error) {
	h := s.house
	providers, err := guard.NewProviders(h.Config.Guard.PersonalProviders)
	if err != nil {
		return nil, err
	}
	return submission.New(h.DB, h.Contents, h.Delivery, submission.Config{Hostname: h.Config.Hostname, Domains: h.Config.Domains,
		Now: time.Now, Random: rand.Reader, Log: s.log, Boxes: h.Boxes, Prover: h.Proof, Windows: senderWindows(p),
		Standings: h.Reach, Rules: guard.Rules{Providers: providers, Separates: h.Config.Guard.SMTP == "separate"},
		Mailboxes: h.Mailboxes, Teller: h.Notices, Help: h.Config.Guard.Help}), nil
}

// foldRemarks runs submission.Service.Fold.
func (s *Server) foldRemarks(ctx context.Context) error {
	return every(ctx, foldEvery, func(ctx context.Context) error {
		if err := s.submission.Fold(ctx); err != nil {
			s.log.Error("senders are not told of their messages", "error", err)
		}
		return ctx.Err()
	})
}
