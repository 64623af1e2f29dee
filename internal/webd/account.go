package webd

import (
	"context"
	"net/http"
	"time"

	"navette/internal/identity"
	"navette/internal/roster"
	"navette/internal/session"
)

func (s *Server) routeAccount(mux *http.ServeMux) {
	mux.Handle("GET /api/account", s.mine(s.showCard))
	mux.Handle("GET /api/account/security", s.mine(s.showSecurity))
	mux.Handle("GET /api/account/journal", s.mine(s.showJournal))
	mux.Handle("GET /api/account/history", s.mine(s.showHistory))
	mux.Handle("POST /api/account/password", s.owned(s.changePassword))
	mux.Handle("POST /api/account/recovery-codes", s.owned(s.makeRecoveryCodes))
	mux.Handle("DELETE /api/account/recovery-address", s.owned(s.removeRecoveryAddress))
	mux.Handle("DELETE /api/account/factors/{id}", s.owned(s.removeFactor))
	mux.Handle("DELETE /api/account/sessions/{id}", s.owned(s.revokeSession))
	mux.Handle("DELETE /api/account/sessions", s.mine(s.revokeOtherSessions))
	mux.Handle("DELETE /api/account/devices/{id}", s.owned(s.forgetDevice))
	mux.Handle("POST /api/account/app-passwords", s.owned(s.makeAppPassword))
	mux.Handle("DELETE /api/account/app-passwords/{id}", s.owned(s.revokeAppPassword))
	s.routeFactors(mux, "/api/account/", s.enrolling, s.owned)
}

// Card is who somebody is, and who guarantees it.
type Card struct {
	Login       string         `json:"login"`
	Display     string         `json:"display"`
	Address     string         `json:"address"`
	Aliases     []string       `json:"aliases"`
	Reference   string         `json:"reference"`   // HR document that guarantees the identity; "" without one
	Provisional bool           `json:"provisional"` // a head vouches for them, HR does not know them yet
	Until       string         `json:"until"`       // last day of a provisional account, ISO 8601
	Functions   []CardFunction `json:"functions"`
	Heads       bool           `json:"heads"` // an establishment: its agents' sheets are theirs to make
}

// CardFunction is one function held. Dates are ISO 8601, "" where there is none.
type CardFunction struct {
	Function  string `json:"function"`
	Corps     string `json:"corps"`
	UAI       string `json:"uai"`
	School    string `json:"school"`
	City      string `json:"city"`
	Starts    string `json:"starts"`
	Ends      string `json:"ends"`
	Reference string `json:"reference"`
}

func (s *Server) showCard(ctx context.Context, _ *visit, who session.Session) (any, error) {
	c, err := s.cfg.People.Directory.Card(ctx, who.Principal.Account)
	if err != nil {
		return nil, err
	}
	out := cardOf(c)
	out.Heads, err = s.cfg.People.Activations.Heads(ctx, who.Principal.Account)
	return out, err
}

func cardOf(c roster.Card) Card {
	out := Card{Login: c.Login, Display: c.Display, Address: c.Address, Aliases: append([]string{}, c.Aliases...), Reference: c.Reference,
		Provisional: c.Provisional, Until: c.Until, Functions: []CardFunction{}}
	for _, f := range c.Functions {
		out.Functions = append(out.Functions, CardFunction(f))
	}
	return out
}

// Security is all that guards an account, and where it is used.
type Security struct {
	Protection   Protection        `json:"protection"`
	Sessions     []SessionLine     `json:"sessions"`
	Devices      []DeviceLine      `json:"devices"`
	AppPasswords []AppPasswordLine `json:"app_passwords"`
}

// SessionLine is one place where one is signed in.
type SessionLine struct {
	ID      int64       `json:"id"`
	Created time.Time   `json:"created"`
	Seen    time.Time   `json:"seen"`
	How     session.How `json:"how"`
	Agent   string      `json:"agent"`
	Network string      `json:"network"`
	Current bool        `json:"current"` // the one that asks
}

// DeviceLine is a browser that the account was used from.
type DeviceLine struct {
	ID         int64      `json:"id"`
	Agent      string     `json:"agent"`
	First      time.Time  `json:"first"`
	Seen       time.Time  `json:"seen"`
	Remembered *time.Time `json:"remembered"` // skips the second factor until then
}

// AppPasswordLine is a password for one program.
type AppPasswordLine struct {
	ID      int64      `json:"id"`
	Label   string     `json:"label"`
	Created time.Time  `json:"created"`
	Used    *time.Time `json:"used"` // null: never
}

func (s *Server) showSecurity(ctx context.Context, _ *visit, who session.Session) (any, error) {
	p, account := s.cfg.People, who.Principal.Account
	out := Security{Sessions: []SessionLine{}, Devices: []DeviceLine{}, AppPasswords: []AppPasswordLine{}}
	protection, err := p.Factors.Of(ctx, account)
	if err != nil {
		return nil, err
	}
	out.Protection = protectionOf(protection)
	sessions, err := p.Sessions.List(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, l := range sessions {
		out.Sessions = append(out.Sessions, SessionLine{l.ID, l.Created, l.Seen, l.How, l.Agent, l.Network, l.ID == who.ID})
	}
	devices, err := p.Sessions.Devices(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, d := range devices {
		out.Devices = append(out.Devices, DeviceLine{d.ID, d.Agent, d.First, d.Seen, optional(d.Remembered)})
	}
	programs, err := p.Secrets.Devices(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, d := range programs {
		if !d.Token {
			out.AppPasswords = append(out.AppPasswords, AppPasswordLine{d.ID, d.Label, d.Created, optional(d.Used)})
		}
	}
	return out, nil
}

// JournalLine is one thing that happened to an account, or that it was used for.
type JournalLine struct {
	At      time.Time `json:"at"`
	What    string    `json:"what"`   // "signin", "account.password"…
	Actor   string    `json:"actor"`  // "" for a use of the account, one's own login for one's own acts
	Reason  string    `json:"reason"` // as the actor wrote it
	Agent   string    `json:"agent"`
	Network string    `json:"network"`
}

// journalLines is how many lines of the journal are shown.
const journalLines = 200

func (s *Server) showJournal(ctx context.Context, _ *visit, who session.Session) (any, error) {
	events, err := s.cfg.People.Secrets.Journal(ctx, who.Principal.Account, journalLines)
	if err != nil {
		return nil, err
	}
	out := []JournalLine{}
	for _, e := range events {
		out = append(out, JournalLine{e.At, e.What, e.Actor, e.Reason, e.Agent, e.Network})
	}
	return out, nil
}

// HistoryLine is one thing that HR made of an account, in French as it is told to everybody.
type HistoryLine struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

func (s *Server) showHistory(ctx context.Context, _ *visit, who session.Session) (any, error) {
	events, err := s.cfg.People.Directory.History(ctx, who.Principal.Login)
	if err != nil {
		return nil, err
	}
	out := []HistoryLine{}
	for _, e := range events {
		out = append(out, HistoryLine{e.At, e.Row.Sentence()})
	}
	return out, nil
}

func (s *Server) changePassword(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	body, err := read[PasswordRequest](v)
	if err != nil {
		return nil, err
	}
	token, err := s.cfg.People.SignIn.ChangePassword(ctx, owner, cookie(v.r, sessionCookie), body.Password)
	if err != nil {
		return nil, err
	}
	setCookie(v.w, sessionCookie, token, time.Time{})
	return nil, nil
}

func (s *Server) makeRecoveryCodes(ctx context.Context, _ *visit, owner identity.Owner) (any, error) {
	codes, err := s.cfg.People.Factors.MakeRecoveryCodes(ctx, owner)
	return CodesAnswer{codes}, err
}

func (s *Server) removeRecoveryAddress(ctx context.Context, _ *visit, owner identity.Owner) (any, error) {
	return nil, s.cfg.People.Factors.RemoveRecoveryAddress(ctx, owner)
}

func (s *Server) removeFactor(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	id, err := idOf(v)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.People.Factors.Remove(ctx, owner, id)
}

func (s *Server) revokeSession(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	id, err := idOf(v)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.People.Sessions.Revoke(ctx, owner, id)
}

func (s *Server) revokeOtherSessions(ctx context.Context, _ *visit, who session.Session) (any, error) {
	owner, err := ownerOf(who)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.People.Sessions.RevokeAll(ctx, owner, who.ID)
}

func (s *Server) forgetDevice(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	id, err := idOf(v)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.People.Sessions.Forget(ctx, owner, id)
}

// AppPasswordRequest names the program that a password is for.
type AppPasswordRequest struct {
	Label string `json:"label"`
}

// AppPasswordAnswer is a password that is shown once.
type AppPasswordAnswer struct {
	ID     int64  `json:"id"`
	Secret string `json:"secret"`
}

func (s *Server) makeAppPassword(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	body, err := read[AppPasswordRequest](v)
	if err != nil {
		return nil, err
	}
	p, err := s.cfg.People.Factors.GenerateAppPassword(ctx, owner.By("mot de passe d'application"), owner.Account, body.Label)
	return AppPasswordAnswer{p.ID, p.Secret}, err
}

func (s *Server) revokeAppPassword(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	id, err := idOf(v)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.People.Factors.RevokeAppPassword(ctx, owner.By("mot de passe d'application révoqué"), owner.Account, id)
}
