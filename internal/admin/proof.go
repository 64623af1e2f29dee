package admin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/proof"
)

// The acts on the keys that sign.
const (
	ProofKeys   = "keys"   // the public keys, the newest last
	ProofRotate = "rotate" // a new one signs from now on
)

// ProofAct is one of them.
type ProofAct struct{ Act string }

// proofRequest is an act on its way to the server.
type proofRequest struct {
	By  identity.By
	Act ProofAct
}

// Proof does it.
func (l *Local) Proof(ctx context.Context, by identity.By, act ProofAct) ([]string, error) {
	switch act.Act {
	case ProofKeys:
		var lines []string
		for _, key := range l.Signer.Keys().List() {
			lines = append(lines, keyLine(key))
		}
		return lines, nil
	case ProofRotate:
		key, err := l.Signer.Rotate(ctx, by)
		if err != nil {
			return nil, err
		}
		return []string{keyLine(key)}, nil
	}
	return nil, failure.New(failure.NotFound, "no such operation")
}

// keyLine is a key without its secret.
func keyLine(key proof.Key) string {
	return key.ID + "\t" + key.Since + "\t" + base64.StdEncoding.EncodeToString(key.Public())
}

func (s *Server) proof(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req proofRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.Proof(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}

// Proof does it there.
func (c *Client) Proof(ctx context.Context, by identity.By, act ProofAct) ([]string, error) {
	return c.lines(ctx, "/proof", proofRequest{By: by, Act: act})
}
