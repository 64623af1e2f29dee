package webd

import (
	"context"
	"net/http"

	"navette/internal/identity"
	"navette/internal/incident"
)

// Incidents is incident.Service, as far as whoever sent a message uses it.
type Incidents interface {
	Declare(ctx context.Context, by identity.By, r incident.Report) (int64, error)
}

func (s *Server) routeIncidents(mux *http.ServeMux) {
	mux.Handle("POST /api/incidents", s.owned(s.declareIncident))
}

// IncidentRequest is « J'ai exposé des adresses ».
type IncidentRequest struct {
	Delivery int64  `json:"delivery"` // of the message, as SentAnswer has it
	What     string `json:"what"`     // without addresses
}

// IncidentAnswer is the number in the register. How many families were exposed is told to who keeps it alone: it would
// say of an address whose it is.
type IncidentAnswer struct {
	Number int64 `json:"number"`
}

func (s *Server) declareIncident(ctx context.Context, v *visit, owner identity.Owner) (any, error) {
	body, err := read[IncidentRequest](v)
	if err != nil {
		return nil, err
	}
	n, err := s.cfg.People.Incidents.Declare(ctx, owner.By("depuis les pages"), incident.Report{Delivery: body.Delivery, Account: owner.Account, What: body.What})
	return IncidentAnswer{n}, err
}
