package webd

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"strconv"
	"time"

	"github.com/pquerna/otp"

	"navette/internal/factor"
	"navette/internal/identity"
)

// ownerAct is a change that the owner of an account makes.
type ownerAct = func(ctx context.Context, v *visit, owner identity.Owner) (any, error)

// routeFactors routes what makes factors, by, and a recovery address, alsoBy: the same for who is being activated and for
// who is signed in.
func (s *Server) routeFactors(mux *http.ServeMux, under string, by, alsoBy func(ownerAct) http.Handler) {
	mux.Handle("POST "+under+"passkey-options", by(s.beginPasskey))
	mux.Handle("POST "+under+"passkeys", by(s.finishPasskey))
	mux.Handle("POST "+under+"totp-options", by(s.beginTOTP))
	mux.Handle("POST "+under+"totp", by(s.finishTOTP))
	mux.Handle("POST "+under+"grid", by(s.makeGrid))
	mux.Handle("POST "+under+"recovery-address", alsoBy(s.beginRecoveryAddress))
	mux.Handle("POST "+under+"recovery-address/code", alsoBy(s.finishRecoveryAddress))
}

// Protection is what guards an account besides its password.
type Protection struct {
	Factors         []Factor   `json:"factors"`
	RecoveryCodes   int        `json:"recovery_codes"`   // not used yet
	RecoveryAddress string     `json:"recovery_address"` // masked; "" without one
	Due             *time.Time `json:"due"`              // a second factor is needed from then on
}

// Factor is a second factor.
type Factor struct {
	ID      int64       `json:"id"`
	Kind    factor.Kind `json:"kind"`
	Label   string      `json:"label"`
	Created time.Time   `json:"created"`
	Used    *time.Time  `json:"used"` // null: never
}

func protectionOf(p factor.Protection) Protection {
	out := Protection{Factors: []Factor{}, RecoveryCodes: p.RecoveryCodes, RecoveryAddress: p.RecoveryAddress, Due: optional(p.Due)}
	for _, f := range p.Factors {
		out.Factors = append(out.Factors, factorOf(f))
	}
	return out
}

func factorOf(f factor.Factor) Factor {
	return Factor{ID: f.ID, Kind: f.Kind, Label: f.Label, Created: f.Created, Used: optional(f.Used)}
}

func (s *Server) beginPasskey(ctx context.Context, _ *visit, owner identity.Owner) (any, error) {
	p, err := s.cfg.People.Factors.BeginPasskey(ctx, owner)
	return ChallengeAnswer{p.Ticket, p.Options}, err
}

// NewPasskeyRequest is what the browser made of the options.
type NewPasskeyRequest struct {
	Ticket   string          `json:"ticket"`
	Label    string          `json:"label"`
	Response json.RawMessage `json:"response"`
}

func (s *Server) finishPasskey(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	body, err := read[NewPasskeyRequest](v)
	if err != nil {
		return nil, err
	}
	f, err := s.cfg.People.Factors.FinishPasskey(ctx, owner, body.Ticket, body.Label, body.Response)
	return factorOf(f), err
}

// TOTPOptions is the secret of a time-based code, to be typed or photographed.
type TOTPOptions struct {
	Ticket string `json:"ticket"`
	Secret string `json:"secret"` // base 32, in groups of four
	QR     string `json:"qr"`     // its QR code: data:image/png;base64,…
}

func (s *Server) beginTOTP(ctx context.Context, _ *visit, owner identity.Owner) (any, error) {
	t, err := s.cfg.People.Factors.BeginTOTP(ctx, owner)
	if err != nil {
		return nil, err
	}
	qr, err := drawQR(t.URI)
	return TOTPOptions{Ticket: t.Ticket, Secret: t.Secret, QR: qr}, err
}

// qrSide is the side of a drawn QR code, in pixels.
const qrSide = 240

// drawQR draws an otpauth: URI as an image that a page can show without asking anybody.
func drawQR(uri string) (string, error) {
	key, err := otp.NewKeyFromURL(uri)
	if err != nil {
		return "", fmt.Errorf("read the URI of a secret: %w", err)
	}
	img, err := key.Image(qrSide, qrSide)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(out.Bytes()), nil
}

// NewTOTPRequest shows that the application counts as we do.
type NewTOTPRequest struct {
	Ticket string `json:"ticket"`
	Label  string `json:"label"`
	Code   string `json:"code"`
}

func (s *Server) finishTOTP(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	body, err := read[NewTOTPRequest](v)
	if err != nil {
		return nil, err
	}
	f, err := s.cfg.People.Factors.FinishTOTP(ctx, owner, body.Ticket, body.Label, body.Code)
	return factorOf(f), err
}

// GridAnswer is a printed grid of codes, shown once: rows[r][c] stands in column 'A'+c of line r+1.
type GridAnswer struct {
	Rows [][]string `json:"rows"`
}

func (s *Server) makeGrid(ctx context.Context, _ *visit, owner identity.Owner) (any, error) {
	g, err := s.cfg.People.Factors.MakeGrid(ctx, owner)
	return GridAnswer{g.Rows}, err
}

// AddressRequest names a recovery address.
type AddressRequest struct {
	Address string `json:"address"`
}

func (s *Server) beginRecoveryAddress(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	body, err := read[AddressRequest](v)
	if err != nil {
		return nil, err
	}
	ticket, err := s.cfg.People.Factors.BeginRecoveryAddress(ctx, owner, body.Address)
	return TicketAnswer{ticket}, err
}

func (s *Server) finishRecoveryAddress(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	body, err := read[ForgotCodeRequest](v)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.People.Factors.FinishRecoveryAddress(ctx, owner, body.Ticket, body.Code)
}

// idOf is the number in the path of a request.
func idOf(v *visit) (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, refuse(http.StatusNotFound, "not-found")
	}
	return id, nil
}
