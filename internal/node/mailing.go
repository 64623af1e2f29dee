package node

import (
	"context"
	"time"

	"navette/internal/group"
	"navette/internal/identity"
	"navette/internal/mailing"
)

// mailingsEvery is how often it is looked at what became of copies that went out apart.
const mailingsEvery = 30 * time.Second

// buildMailings builds what makes copies apart. Groups and notices are there.
func (h *House) buildMailings(pepper *identity.Pepper) {
	h.Mailings = mailing.New(mailing.Config{DB: h.DB, Contents: h.Contents, Delivery: h.Delivery, Groups: members{h.Groups}, Right: h.Groups.Right,
		Teller: h.Notices, Key: pepper.MailingKey(), Domain: h.Config.Domains[0], Zone: time.Local, Now: time.Now, Log: h.Log, Keep: h.Config.Retention.Copies})
	h.Delivery.OnMailings(h.Mailings)
}

// members is who is in groups, as mailings need it.
type members struct{ groups *group.Service }

// Members implements mailing.Groups.
func (m members) Members(ctx context.Context, id int64) ([]mailing.Member, error) {
	list, err := m.groups.Members(ctx, id)
	out := make([]mailing.Member, len(list))
	for i, one := range list {
		out[i] = mailing.Member(one)
	}
	return out, err
}

// startMailings starts what watches them, and what forgets deliveries.
func (s *Server) startMailings(ctx context.Context) {
	h := s.house
	s.job(ctx, "mailings", func(ctx context.Context) error {
		return every(ctx, mailingsEvery, func(ctx context.Context) error {
			if err := h.Mailings.Upkeep(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "reports of mailings wait", "error", err)
			}
			return ctx.Err()
		})
	})
	s.job(ctx, "forget deliveries", func(ctx context.Context) error {
		return every(ctx, sweepEvery, func(ctx context.Context) error {
			n, err := h.Delivery.Prune(ctx, h.Config.Retention.Deliveries)
			if err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "old deliveries stay", "error", err)
			}
			if n > 0 {
				s.log.InfoContext(ctx, "forgot old deliveries", "deliveries", n)
			}
			return ctx.Err()
		})
	})
}
