package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
)

// establishmentRequest is a description on its way to the server.
type establishmentRequest struct {
	By            identity.By
	Establishment directory.Establishment
}

// Establishments gives a line for each: UAI, nature, city, name.
func (l *Local) Establishments(ctx context.Context) ([]string, error) {
	list, err := l.Roster.Establishments(ctx)
	var lines []string
	for _, e := range list {
		lines = append(lines, fmt.Sprintf("%s\t%s %s\t%s\t%s", e.UAI, e.Nature, directory.NatureLabel(e.Nature), e.City, e.Name))
	}
	return lines, err
}

// SetEstablishment describes one.
func (l *Local) SetEstablishment(ctx context.Context, by identity.By, e directory.Establishment) error {
	if err := l.Roster.SetEstablishment(ctx, by, e); err != nil {
		return err
	}
	_, err := l.Boxes.Refresh(ctx)
	return err
}

func (s *Server) establishments(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	lines, err := s.ops.Establishments(r.Context())
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}

func (s *Server) setEstablishment(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req establishmentRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	out.end(nil, s.ops.SetEstablishment(r.Context(), req.By, req.Establishment))
}
