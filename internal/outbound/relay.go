package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"navette/internal/failure"
)

// TLSPolicy is how the way to the relay is protected.
type TLSPolicy string

// The policies.
const (
	TLSRequired      TLSPolicy = "required"      // STARTTLS with a verified certificate, or nothing is sent
	TLSOpportunistic TLSPolicy = "opportunistic" // STARTTLS where it is offered, whatever the certificate
	TLSNone          TLSPolicy = "none"
)

// RelayConfig is one smarthost.
type RelayConfig struct {
	Address  string // HOST:PORT
	Hostname string // our name in EHLO
	TLS      TLSPolicy
	RootCAs  *tls.Config // base of the TLS configuration; nil for the system's
	User     string      // AUTH PLAIN, over TLS only; "" for none
	Password string

	// Dial makes the connection: (*egress.Dialer).DialContext.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Relay sends everything to one smarthost over SMTP. A connection serves one parcel.
type Relay struct{ cfg RelayConfig }

var _ Transport = (*Relay)(nil)

// NewRelay checks the configuration.
func NewRelay(cfg RelayConfig) (*Relay, error) {
	switch {
	case cfg.TLS != TLSRequired && cfg.TLS != TLSOpportunistic && cfg.TLS != TLSNone:
		return nil, failure.New(failure.Permanent, "the relay's TLS policy must be required, opportunistic or none")
	case cfg.User != "" && cfg.TLS != TLSRequired:
		return nil, failure.New(failure.Permanent, "a password is sent to the relay only where TLS is required")
	}
	if _, _, err := net.SplitHostPort(cfg.Address); err != nil {
		return nil, failure.Wrap(failure.Permanent, err, "the relay must be HOST:PORT")
	}
	return &Relay{cfg}, nil
}

// Send implements Transport.
func (r *Relay) Send(ctx context.Context, p Parcel) []Outcome {
	c, err := r.connect(ctx)
	if err != nil {
		return all(len(p.Recipients), outcomeOf(err))
	}
	defer c.Close()
	// The client's calls know no context: closing the connection ends the one under way.
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	outcomes, err := r.transact(ctx, c, p)
	if err != nil {
		return all(len(p.Recipients), outcomeOf(err))
	}
	c.Quit() //nolint:errcheck // the relay has answered for the message
	return outcomes
}

// connect brings a connection to where MAIL may be said.
func (r *Relay) connect(ctx context.Context) (*smtp.Client, error) {
	c, err := r.greet(ctx, r.cfg.TLS != TLSNone)
	if err != nil && r.cfg.TLS == TLSOpportunistic && ctx.Err() == nil {
		c, err = r.greet(ctx, false)
	}
	if err != nil {
		return nil, err
	}
	if r.cfg.User != "" {
		if err := c.Auth(sasl.NewPlainClient("", r.cfg.User, r.cfg.Password)); err != nil {
			c.Close()
			// Our credentials are no business of the sender, nor a reason to give their message up.
			return nil, failure.Wrap(failure.Temporary, err, "the relay does not let us in")
		}
	}
	return c, nil
}

// commandTimeout and dataTimeout follow RFC 5321 §4.5.3.2.
const (
	commandTimeout = 5 * time.Minute
	dataTimeout    = 10 * time.Minute
)

func (r *Relay) greet(ctx context.Context, secure bool) (*smtp.Client, error) {
	conn, err := r.cfg.Dial(ctx, "tcp", r.cfg.Address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	var c *smtp.Client
	if secure {
		if c, err = smtp.NewClientStartTLS(conn, r.tlsConfig()); err != nil {
			return nil, failure.Wrap(failure.Temporary, err, "the relay cannot be reached over TLS")
		}
	} else {
		c = smtp.NewClient(conn)
	}
	c.CommandTimeout, c.SubmissionTimeout = commandTimeout, dataTimeout
	if err := c.Hello(r.cfg.Hostname); err != nil {
		c.Close()
		return nil, failure.Wrap(failure.Temporary, err, "the relay does not greet")
	}
	return c, nil
}

func (r *Relay) tlsConfig() *tls.Config {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if r.cfg.RootCAs != nil {
		cfg = r.cfg.RootCAs.Clone()
	}
	cfg.ServerName, _, _ = net.SplitHostPort(r.cfg.Address)
	cfg.InsecureSkipVerify = r.cfg.TLS == TLSOpportunistic // without it the message would go in the clear
	return cfg
}

// transact is one mail transaction. The error is one that concerns all recipients.
func (r *Relay) transact(ctx context.Context, c *smtp.Client, p Parcel) ([]Outcome, error) {
	ascii := isASCII(p.ReversePath + strings.Join(p.Recipients, ""))
	utf8, _ := c.Extension("SMTPUTF8")
	if !ascii && !utf8 {
		return all(len(p.Recipients), Outcome{Verdict: Failed, Enhanced: "5.6.7", Text: "the relay does not take addresses beyond ASCII"}), nil
	}
	if eight, _ := c.Extension("8BITMIME"); p.EightBit && !eight {
		return all(len(p.Recipients), Outcome{Verdict: Deferred, Enhanced: "4.6.3", Text: "the relay does not take 8-bit messages"}), nil
	}
	if err := c.Mail(p.ReversePath, &smtp.MailOptions{Size: p.Size, UTF8: utf8}); err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, len(p.Recipients))
	accepted := 0
	for i, to := range p.Recipients {
		switch err := c.Rcpt(to, nil); {
		case err == nil:
			accepted++
		default:
			if outcomes[i] = outcomeOf(err); outcomes[i].Code == 0 {
				return nil, err
			}
		}
	}
	if accepted == 0 {
		return outcomes, nil
	}
	result, err := r.data(ctx, c, p)
	if err != nil {
		var refused *smtp.SMTPError
		if !errors.As(err, &refused) {
			return nil, err
		}
		result = outcomeOf(err)
	}
	for i := range outcomes {
		if outcomes[i].Verdict == 0 {
			outcomes[i] = result
		}
	}
	return outcomes, nil
}

func (r *Relay) data(ctx context.Context, c *smtp.Client, p Parcel) (Outcome, error) {
	message, err := p.Open(ctx)
	if err != nil {
		return Outcome{}, fmt.Errorf("open the message: %w", err)
	}
	defer message.Close()
	w, err := c.Data()
	if err != nil {
		return Outcome{}, err
	}
	// An error leaves the data without its end: the relay drops what it has, and the connection is closed.
	if _, err := io.Copy(w, message); err != nil {
		return Outcome{}, fmt.Errorf("send the message: %w", err)
	}
	done, err := w.CloseWithResponse()
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Verdict: Sent, Code: 250, Enhanced: "2.0.0", Text: done.StatusText}, nil
}

// outcomeOf reads a refusal. What is no reply, or a reply that makes no sense, is temporary: nobody has refused the
// message for good.
func outcomeOf(err error) Outcome {
	var refused *smtp.SMTPError
	var known *failure.Error
	if errors.As(err, &known) && known.Kind != failure.Permanent && known.Kind != failure.Policy {
		return Outcome{Verdict: Deferred, Enhanced: "4.4.1", Text: known.Text, Cause: err}
	}
	if !errors.As(err, &refused) || refused.Code < 400 {
		return Outcome{Verdict: Deferred, Enhanced: "4.4.2", Text: "the relay was not reached, or the connection broke", Cause: err}
	}
	o := Outcome{Verdict: Deferred, Code: refused.Code, Enhanced: "4.0.0", Text: refused.Message}
	if refused.Code >= 500 {
		o.Verdict, o.Enhanced = Failed, "5.0.0"
	}
	// An enhanced code of another class than the reply is a mistake of the relay's: the reply counts.
	if e := refused.EnhancedCode; e[0] == refused.Code/100 && e[1] >= 0 && e[2] >= 0 {
		o.Enhanced = fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2])
	}
	return o
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
