package webd

import (
	"context"
	"net/http"

	"navette/internal/frame"
)

// Frames is frame.Service.
type Frames interface {
	Read(ctx context.Context, token string) (frame.Question, error)
	Answer(ctx context.Context, token string, answer frame.Answer) (frame.State, error)
}

// routeConsent routes what a guardian answers who was asked for consent. There is no session: the link of the letter is
// what they have. Its token comes in the body of a request, so no log has it, and to read it changes nothing.
func (s *Server) routeConsent(mux *http.ServeMux) {
	mux.Handle("POST /api/consent/read", s.open(s.readConsent))
	mux.Handle("POST /api/consent/answer", s.open(s.answerConsent))
}

// ConsentRequest names a link.
type ConsentRequest struct {
	Token string `json:"token"`
}

// ConsentQuestion is what somebody is asked.
type ConsentQuestion struct {
	School  string       `json:"school"`
	Frame   string       `json:"frame"`
	Purpose string       `json:"purpose"`
	Name    string       `json:"name"`
	Address string       `json:"address"` // of who is asked
	Until   string       `json:"until"`   // the last day, ISO 8601
	Others  int          `json:"others"`  // who agreed
	State   ConsentState `json:"state"`
	Over    bool         `json:"over"` // the frame is
}

// ConsentState is what was answered.
type ConsentState string

// The states.
const (
	consentAsked     ConsentState = "asked"
	consentAgreed    ConsentState = "agreed" // on paper too
	consentRefused   ConsentState = "refused"
	consentWithdrawn ConsentState = "withdrawn"
)

func consentStateOf(state frame.State) ConsentState {
	switch state {
	case frame.Agreed, frame.OnPaper:
		return consentAgreed
	case frame.Refused:
		return consentRefused
	case frame.Withdrawn, frame.Removed:
		return consentWithdrawn
	}
	return consentAsked
}

func (s *Server) readConsent(ctx context.Context, v *visit) (any, error) {
	body, err := read[ConsentRequest](v)
	if err != nil {
		return nil, err
	}
	q, err := s.cfg.People.Frames.Read(ctx, body.Token)
	return ConsentQuestion{School: q.School, Frame: q.Frame, Purpose: q.Purpose, Name: q.Name, Address: q.Address, Until: q.Until, Others: q.Others,
		State: consentStateOf(q.State), Over: q.Over}, err
}

// ConsentAnswer answers it.
type ConsentAnswer struct {
	Token  string       `json:"token"`
	Answer frame.Answer `json:"answer"`
}

// ConsentTaken is what the answer led to.
type ConsentTaken struct {
	State ConsentState `json:"state"`
}

func (s *Server) answerConsent(ctx context.Context, v *visit) (any, error) {
	body, err := read[ConsentAnswer](v)
	if err != nil {
		return nil, err
	}
	state, err := s.cfg.People.Frames.Answer(ctx, body.Token, body.Answer)
	return ConsentTaken{consentStateOf(state)}, err
}
