package node

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"time"
	_ "time/tzdata" // the zone below, on machines that have none

	"navette/internal/activation"
	"navette/internal/factor"
	"navette/internal/group"
	"navette/internal/session"
	"navette/internal/signin"
	"navette/internal/submission"
	"navette/internal/ticket"
	"navette/internal/webd"
)

// zone is that of the times in notices and pages.
const zone = "Europe/Paris"

// people builds the services behind the pages. Passkeys are bound to the origin, so they are built when it is known.
func (s *Server) people(origin *url.URL) (*webd.People, error) {
	h := s.house
	paris, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("time zone %s: %w", zone, err)
	}
	notices := h.Notices
	tickets := ticket.New(h.DB, rand.Reader)
	factors, err := factor.New(factor.Config{DB: h.DB, Identity: h.Identity, Tickets: tickets, Mailer: notices, Log: s.log, Random: rand.Reader,
		Origin: origin, Name: h.Config.Academie.Name, Domains: h.Config.Domains})
	if err != nil {
		return nil, err
	}
	sessions := session.New(session.Config{DB: h.DB, Identity: h.Identity, Teller: notices, Log: s.log, Random: rand.Reader, Zone: paris,
		Country: h.Countries.Of})
	s.signin = signin.New(signin.Config{DB: h.DB, Identity: h.Identity, Tickets: tickets, Factors: factors, Sessions: sessions, Teller: notices,
		Log: s.log, Random: rand.Reader})
	activations := activation.New(activation.Config{DB: h.DB, Identity: h.Identity, Tickets: tickets, Factors: factors, Sessions: sessions,
		Random: rand.Reader, Exempt: h.Config.Identity.SecondFactorExempt, Wait: h.Config.Identity.SecondFactorWait})
	s.tickets = tickets.Prune
	s.pruned = []pruner{sessions.Prune, activations.Prune, h.Identity.PruneDiary, h.Frames.Prune, h.Incidents.Prune, h.Disclosures.Prune}
	return &webd.People{Sessions: sessions, SignIn: s.signin, Activations: activations, Factors: factors, Secrets: h.Identity, Directory: h.Roster, Forwards: h.Forwards, Frames: h.Frames, Keeper: h.Frames, Incidents: h.Incidents, Disclosures: h.Disclosures,
		Groups: h.Groups, Delegations: h.Reach, Letters: s.submission, Mailings: h.Mailings}, nil
}

var (
	_ webd.Sessions    = (*session.Service)(nil)
	_ webd.SignIn      = (*signin.Service)(nil)
	_ webd.Factors     = (*factor.Service)(nil)
	_ webd.Activations = (*activation.Service)(nil)
	_ webd.Letters     = (*submission.Service)(nil)
	_ webd.Groups      = (*group.Service)(nil)
)
