package webd

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"navette/internal/guard"
	"navette/internal/session"
	"navette/internal/submission"
)

func (s *Server) routeMessages(mux *http.ServeMux) {
	mux.Handle("POST /api/messages/check", s.mine(s.checkMessage))
	mux.Handle("POST /api/messages", s.mine(s.sendMessage))
}

// MessageRequest is a message as its author writes it. Addresses are bare; from may be that of a box, and "" is one's own.
type MessageRequest struct {
	From      string   `json:"from"`
	To        []string `json:"to"`
	Cc        []string `json:"cc"`
	Bcc       []string `json:"bcc"`
	Subject   string   `json:"subject"`
	Text      string   `json:"text"`
	InReplyTo string   `json:"inReplyTo"` // Message-ID; "" for an answer to nothing
	Apart     bool     `json:"apart"`     // « Envoyer séparément »
	Confirmed bool     `json:"confirmed"` // what a check asked was confirmed
}

// CheckAnswer is what would become of a message.
type CheckAnswer struct {
	Verdict  string      `json:"verdict"` // "send", "confirm", "refuse"
	To       []Recipient `json:"to"`      // as in the request, each field in its order
	Cc       []Recipient `json:"cc"`
	Bcc      []Recipient `json:"bcc"`
	Concerns []Concern   `json:"concerns"`
}

// Recipient is what would become of one recipient.
type Recipient struct {
	Verdict string `json:"verdict"` // "deliver", "separate", "confirm", "refuse"
	Reason  string `json:"reason"`  // row of the table; "" where there is nothing to say
	Text    string `json:"text"`    // to be shown, in the language of the page
	Locked  bool   `json:"locked"`  // a group that is shown in Cci, and stays there
}

// Concern is what is to be said of a message, and what one click does about it.
type Concern struct {
	Reason   string   `json:"reason"`
	Weight   string   `json:"weight"` // "announced", "asked", "refused"
	Text     string   `json:"text"`
	Remedies []string `json:"remedies"` // "cci", "apart", "scrub"
}

// SentAnswer is what is to be said of a message that was sent.
type SentAnswer struct {
	Delivery string    `json:"delivery"` // by which it is taken back
	Concerns []Concern `json:"concerns"`
}

// letter reads the request of a visit, which may be longer than others.
func (s *Server) letter(v *visit) (submission.Letter, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.body, s.limits.Message)
	body, err := read[MessageRequest](v)
	return submission.Letter(body), err
}

func (s *Server) checkMessage(ctx context.Context, v *visit, who session.Session) (any, error) {
	l, err := s.letter(v)
	if err != nil {
		return nil, err
	}
	// Each recipient counts: whoever asks about many addresses must not find out about them, nor have us look for them.
	if ok, retry := s.checks.Take(who.Principal.Account, float64(1+len(l.To)+len(l.Cc)+len(l.Bcc))); !ok {
		p := refuse(http.StatusTooManyRequests, "too-many")
		p.retryAfter = retry
		return nil, p
	}
	outlook, err := s.cfg.People.Letters.Check(ctx, who.Principal, l)
	if err != nil {
		return nil, err
	}
	list := recipientsOf(outlook.Recipients, v.language)
	to, cc := len(l.To), len(l.To)+len(l.Cc)
	return CheckAnswer{Verdict: verdictOf(outlook), To: list[:to], Cc: list[to:cc], Bcc: list[cc:], Concerns: concernsOf(outlook.Concerns, v.language)}, nil
}

func (s *Server) sendMessage(ctx context.Context, v *visit, who session.Session) (any, error) {
	l, err := s.letter(v)
	if err != nil {
		return nil, err
	}
	outlook, err := s.cfg.People.Letters.Send(ctx, who.Principal, l)
	if errors.Is(err, submission.ErrUnconfirmed) {
		p := problemOf(err, v.language)
		p.Status, p.Code = http.StatusConflict, "unconfirmed"
		return nil, p
	}
	return SentAnswer{strconv.FormatInt(outlook.Receipt.Delivery, 10), concernsOf(outlook.Concerns, v.language)}, err
}

// verdictOf sums an outlook up.
func verdictOf(o submission.Outlook) string {
	verdict := "send"
	for _, c := range o.Concerns {
		switch c.Weight {
		case guard.Refused:
			return "refuse"
		case guard.Asked:
			verdict = "confirm"
		}
	}
	return verdict
}

func recipientsOf(list []guard.Decision, language string) []Recipient {
	names := map[guard.Verdict]string{guard.Deliver: "deliver", guard.Separate: "separate", guard.Confirm: "confirm", guard.Refuse: "refuse"}
	out := make([]Recipient, 0, len(list))
	for _, d := range list {
		out = append(out, Recipient{names[d.Verdict], d.Reason.String(), inLanguage(d.Text, language), d.Locked()})
	}
	return out
}

func concernsOf(list []guard.Concern, language string) []Concern {
	names := map[guard.Weight]string{guard.Announced: "announced", guard.Asked: "asked", guard.Refused: "refused"}
	out := make([]Concern, 0, len(list))
	for _, c := range list {
		one := Concern{Reason: c.Reason.String(), Weight: names[c.Weight], Text: inLanguage(c.Text, language), Remedies: []string{}}
		for _, r := range c.Remedies {
			one.Remedies = append(one.Remedies, r.String())
		}
		out = append(out, one)
	}
	return out
}
