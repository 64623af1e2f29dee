package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
)

// The acts on what the mail programs of an account sign in with.
const (
	DeviceList        = "list"         // application passwords, and tokens that hold
	DeviceCreate      = "create"       // an application password for Label
	DeviceRevoke      = "revoke"       // the application password ID
	DeviceToken       = "token"        // an access token for Label, which lives for Life
	DeviceRevokeToken = "revoke-token" // the access token ID
)

// DeviceAct is one of them.
type DeviceAct struct {
	Act   string
	Who   string // login or address
	Label string
	ID    int64
	Life  time.Duration
}

// deviceRequest is an act on its way to the server.
type deviceRequest struct {
	By  identity.By
	Act DeviceAct
}

// Device does it. A new secret is the first line, alone, and nowhere else.
func (l *Local) Device(ctx context.Context, by identity.By, act DeviceAct) ([]string, error) {
	a, err := l.find(ctx, act.Who)
	if err != nil {
		return nil, err
	}
	switch act.Act {
	case DeviceList:
		devices, err := l.Identity.Devices(ctx, a.Account)
		return deviceLines(devices), err
	case DeviceCreate:
		app, err := l.Desk.GenerateAppPassword(ctx, by, a.Account, act.Label)
		if err != nil {
			return nil, err
		}
		return []string{app.Secret, fmt.Sprintf("Mot de passe d'application %d de %s, pour la messagerie seulement. Il n'est montré qu'ici.", app.ID, a.Login)}, nil
	case DeviceRevoke:
		return nil, l.Desk.RevokeAppPassword(ctx, by, a.Account, act.ID)
	case DeviceToken:
		token, err := l.Identity.IssueToken(ctx, by, a.Account, identity.TokenRequest{Client: act.Label, Life: act.Life})
		if err != nil {
			return nil, err
		}
		return []string{token.Secret, fmt.Sprintf("Jeton %d de %s, valable jusqu'au %s.", token.ID, a.Login, shown(token.Expires))}, nil
	case DeviceRevokeToken:
		return nil, l.Identity.RevokeToken(ctx, by, a.Account, act.ID)
	}
	return nil, failure.New(failure.NotFound, "no such operation")
}

// deviceLines are one a device: number, kind, made on, last use, until when, name.
func deviceLines(devices []identity.Device) []string {
	lines := make([]string, len(devices))
	for i, d := range devices {
		kind := "password"
		if d.Token {
			kind = "token"
		}
		lines[i] = fmt.Sprintf("%d\t%s\t%s\t%s\t%s\t%s", d.ID, kind, shown(d.Created), shown(d.Used), shown(d.Expires), d.Label)
	}
	return lines
}

// shown is an instant for an operator; "-" where there was none.
func shown(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

func (s *Server) device(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req deviceRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.Device(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}
