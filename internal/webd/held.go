package webd

import (
	"context"
	"net/http"
	"net/netip"

	"navette/internal/disclosure"
)

// Disclosures is disclosure.Service.
type Disclosures interface {
	Ask(ctx context.Context, peer netip.Addr, address string) error
	Open(ctx context.Context, token string) (disclosure.Holding, error)
}

// routeHeld routes what families ask about themselves. There is no session: the letter that they get proves that they
// read the mailbox. To open its link ends it, so no page does that by being shown.
func (s *Server) routeHeld(mux *http.ServeMux) {
	mux.Handle("POST /api/held/ask", s.open(s.askHeld))
	mux.Handle("POST /api/held/open", s.open(s.openHeld))
}

// HeldRequest asks what is held under an address.
type HeldRequest struct {
	Address string `json:"address"`
}

func (s *Server) askHeld(ctx context.Context, v *visit) (any, error) {
	body, err := read[HeldRequest](v)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.People.Disclosures.Ask(ctx, v.peer, body.Address)
}

// HeldLink names a link.
type HeldLink struct {
	Token string `json:"token"`
}

// HeldAnswer is what is held.
type HeldAnswer struct {
	AsOf     string       `json:"asOf"` // of the school file
	People   []HeldPerson `json:"people"`
	Marks    []string     `json:"marks"` // names of schools
	Former   []HeldFormer `json:"former"`
	Frames   []HeldFrame  `json:"frames"`
	Received int          `json:"received"` // separate copies of messages
}

// HeldPerson is somebody who has the address.
type HeldPerson struct {
	Pupil   bool        `json:"pupil"`
	Name    string      `json:"name"`
	Address string      `json:"address"`
	Pupils  []HeldPupil `json:"pupils"`
	Contact bool        `json:"contact"` // for a pupil who is not told
}

// HeldPupil is a pupil whose legal guardian they are, or they themselves.
type HeldPupil struct {
	Forename  string   `json:"forename"`
	School    string   `json:"school"`
	Divisions []string `json:"divisions"`
}

// HeldFormer is a school whose guardian's it was.
type HeldFormer struct {
	School string `json:"school"`
	Until  string `json:"until"`
}

// HeldFrame is a consent frame.
type HeldFrame struct {
	Name   string `json:"name"`
	School string `json:"school"`
	Until  string `json:"until"`
	Agreed bool   `json:"agreed"`
}

func (s *Server) openHeld(ctx context.Context, v *visit) (any, error) {
	body, err := read[HeldLink](v)
	if err != nil {
		return nil, err
	}
	h, err := s.cfg.People.Disclosures.Open(ctx, body.Token)
	if err != nil {
		return nil, err
	}
	return heldAnswerOf(h), nil
}

func heldAnswerOf(h disclosure.Holding) HeldAnswer {
	out := HeldAnswer{AsOf: h.AsOf, People: []HeldPerson{}, Marks: []string{}, Former: []HeldFormer{}, Frames: []HeldFrame{}, Received: h.Received}
	for _, p := range h.People {
		person := HeldPerson{Pupil: p.Pupil, Name: p.Name, Address: p.Address, Pupils: []HeldPupil{}, Contact: p.Contact}
		for _, child := range p.Pupils {
			person.Pupils = append(person.Pupils, HeldPupil{Forename: child.Forename, School: nameOf(child.School),
				Divisions: append([]string{}, child.Divisions...)})
		}
		out.People = append(out.People, person)
	}
	for _, school := range h.Marks {
		out.Marks = append(out.Marks, nameOf(school))
	}
	for _, f := range h.Former {
		out.Former = append(out.Former, HeldFormer{nameOf(f.School), f.Until})
	}
	for _, f := range h.Frames {
		out.Frames = append(out.Frames, HeldFrame{f.Name, f.School, f.Until, f.Agreed})
	}
	return out
}

// nameOf is what families call a school.
func nameOf(s disclosure.School) string {
	if s.Name == "" {
		return s.UAI
	}
	return s.Name
}
