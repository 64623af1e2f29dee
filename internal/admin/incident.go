package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/incident"
)

// The acts on the register of breaches.
const (
	IncidentList    = "list"    // every entry
	IncidentDeclare = "declare" // Report
	IncidentDecide  = "decide"  // Decision about ID
	IncidentExport  = "export"  // as CSV
)

// IncidentAct is one of them.
type IncidentAct struct {
	Act      string
	ID       int64
	Report   incident.Report
	Decision incident.Decision
}

// incidentRequest is an act on its way to the server.
type incidentRequest struct {
	By  identity.By
	Act IncidentAct
}

// Incident does it.
func (l *Local) Incident(ctx context.Context, by identity.By, act IncidentAct) ([]string, error) {
	switch act.Act {
	case IncidentList:
		list, err := l.Incidents.List(ctx)
		return incidentLines(list), err
	case IncidentDeclare:
		id, err := l.Incidents.Declare(ctx, by, act.Report)
		return []string{fmt.Sprintf("incident %d : au registre.", id)}, err
	case IncidentDecide:
		return []string{fmt.Sprintf("incident %d : décision enregistrée.", act.ID)}, l.Incidents.Decide(ctx, by, act.ID, act.Decision)
	case IncidentExport:
		var out strings.Builder
		err := l.Incidents.Export(ctx, &out, time.Local)
		return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), err
	}
	return nil, failure.New(failure.NotFound, "no such operation")
}

// incidentLines gives a line for each: number, since when it is known, its state, counts, what happened.
func incidentLines(list []incident.Incident) (lines []string) {
	const day = "02/01/2006 15:04"
	for _, i := range list {
		state := "À DÉCIDER avant le " + i.Deadline().Local().Format(day)
		switch {
		case i.DecidedBy != "" && i.Notified.IsZero():
			state = "non notifié"
		case i.DecidedBy != "":
			state = "notifié le " + i.Notified.Local().Format(day)
		}
		lines = append(lines, fmt.Sprintf("incident %d\tconnu le %s\t%s\t%d adresses de familles, %d autres, lues par %d boîtes et %d adresses extérieures\t%s",
			i.ID, i.Aware.Local().Format(day), state, i.Exposed, i.Others, i.Inside, i.Outside, strings.Join(strings.Fields(i.What), " ")))
	}
	return lines
}

func (s *Server) incident(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	var req incidentRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&req); err != nil {
		out.end(nil, failure.Wrap(failure.Permanent, err, "request not understood"))
		return
	}
	lines, err := s.ops.Incident(r.Context(), req.By, req.Act)
	if err == nil && len(lines) > 0 {
		err = out.send(event{Lines: lines})
	}
	out.end(nil, err)
}

// Incident does it there.
func (c *Client) Incident(ctx context.Context, by identity.By, act IncidentAct) ([]string, error) {
	return c.lines(ctx, "/incident", incidentRequest{By: by, Act: act})
}
