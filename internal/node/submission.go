package node

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"navette/internal/config"
	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/submission"
)

// foldEvery is how often senders are told together what they were not told on days that are over.
const foldEvery = time.Hour

// submissions is the service behind the doors of those who send.
func (s *Server) submissions(p Plan) (*submission.Service, error) {
	h := s.house
	var err error
	if s.rules, err = guardRules(h.Config.Guard); err != nil {
		return nil, err
	}
	return submission.New(h.DB, h.Contents, h.Delivery, submission.Config{Hostname: h.Config.Hostname, Domains: h.Config.Domains,
		Now: time.Now, Random: rand.Reader, Log: s.log, Boxes: h.Boxes, Prover: h.Proof, Windows: senderWindows(p),
		Standings: h.Reach, Relays: h.Reach, Rules: s.rules,
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

// guardRules are what the configuration says to the guard.
func guardRules(c config.Guard) (guard.Rules, error) {
	providers, err := guard.NewProviders(c.PersonalProviders)
	return guard.Rules{Providers: providers, Separates: c.SMTP == "separate"}, err
}

// digester gives what stands for addresses in the log: who has the pepper finds the messages of an address that they
// know, and nobody finds the address.
func digester(p *identity.Pepper) func(address string) string {
	return func(address string) string {
		return hex.EncodeToString(p.FormerDigest("log " + directory.MatchKey(address))[:8])
	}
}
