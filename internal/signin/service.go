package signin

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"strconv"
	"time"

	"navette/internal/factor"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/limits"
	"navette/internal/notice"
	"navette/internal/session"
	"navette/internal/store"
	"navette/internal/ticket"
)

// Config is what a Service needs.
type Config struct {
	DB       *store.DB
	Identity *identity.Service
	Tickets  *ticket.Service
	Factors  *factor.Service
	Sessions *session.Service
	Teller   session.Teller
	Log      *slog.Logger
	Random   io.Reader
}

const (
	purposeSecond  = "signin.second"
	purposePasskey = "signin.passkey"
	purposeForgot  = "signin.forgot"
	purposeMailed  = "signin.mailed"

	life      = 10 * time.Minute
	mostTries = 5

	useForgot = "forgotten password"
	// waiting is how many codes may wait to be mailed; what comes on top is not mailed, and its owner asks again.
	waiting = 256
)

// Service lets people in. Its methods may be called from many goroutines; Run mails the codes.
type Service struct {
	cfg   Config
	begun *limits.Rate[netip.Prefix] // tickets for nobody in particular, by network
	mails chan mail
}

// mail is a code that is to be mailed.
type mail struct {
	account, epoch int64
	code           string
}

// New gives the service.
func New(cfg Config) *Service {
	return &Service{cfg: cfg, begun: limits.NewRate[netip.Prefix](2, 120, limits.DefaultKeys, cfg.DB.Now), mails: make(chan mail, waiting)}
}

// Run mails recovery codes until ctx ends, and returns its error. They are not mailed by who asks: how long that takes would
// tell whether there is an address.
func (s *Service) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case m := <-s.mails:
			if err := s.mail(ctx, m); err != nil && ctx.Err() == nil {
				s.cfg.Log.Error("a recovery code was not mailed", "account", m.account, "error", err)
			}
		}
	}
}

// errDenied is the one answer to a proof that does not hold.
func errDenied() error {
	return failure.New(failure.Denied, "Code ou clé d'accès non reconnus. / Code or passkey not recognised.")
}

// errMany is told to a network that begins too much.
func errMany(retry time.Duration) error {
	seconds := int(retry/time.Second) + 1
	return failure.New(failure.Temporary, "Trop de demandes : réessayez dans %d secondes. / Too many requests: try again in %d seconds.", seconds, seconds)
}

// begin counts a ticket for nobody in particular.
func (s *Service) begin(c session.Client) error {
	if ok, retry := s.begun.Take(limits.NetworkOf(c.Peer), 1); !ok {
		return errMany(retry)
	}
	return nil
}

// second is what a ticket for a second factor keeps.
type second struct {
	Login string `json:"login"` // as it was typed
}

// Password checks a login and its password. With a second factor, unless the device is remembered, the outcome is a ticket.
func (s *Service) Password(ctx context.Context, c session.Client, login, password string) (Outcome, error) {
	known, err := s.cfg.Sessions.Known(ctx, c, login)
	if err != nil {
		return Outcome{}, err
	}
	p, err := s.cfg.Identity.Verify(ctx, identity.Credential{Mechanism: identity.Form, Channel: identity.HTTP, Peer: c.Peer,
		Login: login, Secret: password, Device: known.Device})
	if err != nil {
		return Outcome{}, err
	}
	methods, err := s.cfg.Factors.Methods(ctx, p.Account)
	if err != nil {
		return Outcome{}, err
	}
	switch {
	case len(methods) == 0:
		return s.start(ctx, c, session.Proof{Account: p.Account, Epoch: p.AuthEpoch, How: session.ByPassword})
	case known.Remembered:
		return s.start(ctx, c, session.Proof{Account: p.Account, Epoch: p.AuthEpoch, How: session.ByRemembered})
	}
	out := Outcome{Methods: methods}
	if out.GridAsks, err = s.cfg.Factors.GridAsks(ctx, p.Account); err != nil {
		return Outcome{}, err
	}
	t := ticket.Ticket{Account: p.Account, Epoch: p.AuthEpoch, Purpose: purposeSecond}
	out.Ticket, err = s.cfg.Tickets.Issue(ctx, t, life, second{login})
	return out, err
}

func (s *Service) start(ctx context.Context, c session.Client, p session.Proof) (Outcome, error) {
	tokens, err := s.cfg.Sessions.Start(ctx, c, p)
	return Outcome{Tokens: tokens}, err
}

// Code answers a ticket with a code; failure.Denied where it does not hold. Whoever gets so far knows the password: its
// owner is told of five wrong codes.
func (s *Service) Code(ctx context.Context, c session.Client, token string, a Answer, remember bool) (Outcome, error) {
	t, err := s.cfg.Tickets.Attempt(ctx, token, purposeSecond, mostTries)
	if err != nil {
		return Outcome{}, err
	}
	var of second
	if err := t.Read(&of); err != nil {
		return Outcome{}, err
	}
	ok, err := s.try(ctx, c, "second", of.Login, t.Account, a)
	if err != nil {
		return Outcome{}, err
	}
	if !ok {
		if t.Tries == mostTries {
			s.tell(ctx, t.Account, wrongCodes())
		}
		return Outcome{}, errDenied()
	}
	if err := s.use(ctx, token, purposeSecond); err != nil {
		return Outcome{}, err
	}
	return s.start(ctx, c, session.Proof{Account: t.Account, Epoch: t.Epoch, How: session.BySecond, Remember: remember})
}

// try proves a code in its turn.
func (s *Service) try(ctx context.Context, c session.Client, purpose, login string, account int64, a Answer) (bool, error) {
	known, err := s.cfg.Sessions.Known(ctx, c, login)
	if err != nil {
		return false, err
	}
	trial := identity.Trial{Purpose: purpose, Subject: strconv.FormatInt(account, 10), Peer: c.Peer, Device: known.Device}
	return s.cfg.Identity.Try(ctx, trial, func(ctx context.Context) (bool, error) {
		switch {
		case a.TOTP != "":
			return s.cfg.Factors.ProveTOTP(ctx, account, a.TOTP)
		case a.Grid != "":
			return s.cfg.Factors.ProveGrid(ctx, account, a.Grid)
		case a.Recovery != "":
			return s.cfg.Factors.ProveRecovery(ctx, account, a.Recovery)
		}
		return false, nil
	})
}

func (s *Service) use(ctx context.Context, token, purpose string) error {
	return s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error { return ticket.Use(ctx, tx, token, purpose) })
}

func (s *Service) tell(ctx context.Context, account int64, n notice.Notice) {
	if s.cfg.Teller == nil {
		return
	}
	if err := s.cfg.Teller.Tell(ctx, account, n); err != nil {
		s.cfg.Log.Error("an owner was not told about their account", "account", account, "error", err)
	}
}

func wrongCodes() notice.Notice {
	return notice.Notice{Subject: "Quelqu'un connaît peut-être votre mot de passe",
		Body: "Bonjour,\n\nLe mot de passe de votre compte vient d'être donné, suivi de plusieurs codes faux. Votre second facteur a tenu. " +
			"Si ce n'était pas vous, changez votre mot de passe.\n\n" +
			"-- \nYour password was given, followed by several wrong codes. Your second factor held. If it was not you, change your password.\n"}
}
