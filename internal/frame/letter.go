package frame

import (
	"bytes"
	"context"
	"encoding/base32"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
)

// letter is what somebody is sent.
type letter struct{ subject, text string }

func schoolOf(f Frame) string {
	if f.School != "" {
		return f.School
	}
	return "L'établissement " + f.UAI
}

func askLetter(f Frame, name, page string, until time.Time) letter {
	day := directory.DateOf(until)
	return letter{"Votre accord est demandé : " + f.Name, fmt.Sprintf(`Bonjour %s,

%s vous propose de faire partie de : « %s ».

À quoi cela sert : %s

Si vous acceptez, votre adresse de courriel sera visible des autres personnes
qui ont accepté et des personnels de l'établissement, dans les messages qui
concernent ce cadre, jusqu'au %s. Vous pourrez vous retirer à tout moment.

Pour lire le détail, puis accepter ou refuser, ouvrez cette page avant le %s :

%s

Ce lien est personnel : ne le transmettez pas. Si vous ne répondez pas, rien
ne change. Vous pouvez aussi répondre à l'établissement, sur papier.

-- 
%s asks whether your mail address may be seen by the others of the group above
and by the staff of the school, until %s. Open the page to accept or refuse,
before %s. If you do not answer, nothing changes.
`, name, schoolOf(f), f.Name, f.Purpose, f.Until.French(), day.French(), page, schoolOf(f), f.Until, day)}
}

func paperLetter(f Frame, name string, on directory.Date, page string) letter {
	return letter{"Votre accord est enregistré : " + f.Name, fmt.Sprintf(`Bonjour %s,

%s a enregistré l'accord que vous avez donné sur papier le %s
pour faire partie de : « %s ».

Votre adresse de courriel est visible des autres personnes qui ont accepté et
des personnels de l'établissement, dans les messages qui concernent ce cadre,
jusqu'au %s.

Si vous n'avez pas donné cet accord, ou pour vous retirer à tout moment :

%s

Ce lien est personnel : ne le transmettez pas.

-- 
%s has recorded the consent that you gave on paper. Open the page if you did
not, or whenever you want to withdraw.
`, name, schoolOf(f), on.French(), f.Name, f.Until.French(), page, schoolOf(f))}
}

// resolve tells where a letter to a member leads. What receives nothing, and what is no one person's, is
// failure.Permanent, without the address: the link in a letter to a group would be everybody's.
func (s *Service) resolve(ctx context.Context, address string) (delivery.Resolution, error) {
	to, err := s.cfg.Delivery.Resolve(ctx, address)
	switch {
	case err != nil:
		return to, failure.Wrap(failure.Permanent, err, "Le message n'a pas pu partir : cette adresse ne reçoit pas. / The message could not be sent: this address receives nothing.")
	case to.Local && !to.Target.IsMailbox():
		return to, failure.New(failure.Permanent, "Cette adresse est celle d'un groupe ou d'une liste : un accord est celui d'une personne."+
			" / This address is a group's or a list's: a consent is one person's.")
	}
	return to, nil
}

// mail sends a letter to a member. An address that cannot be written to is failure.Permanent, without the address.
func (s *Service) mail(ctx context.Context, address string, l letter) error {
	to, err := s.resolve(ctx, address)
	if err != nil {
		return err
	}
	env := delivery.Envelope{Remote: []string{address}}
	if to.Local {
		env = delivery.Envelope{Local: []delivery.Target{to.Target}}
	}
	cleared, err := guard.Decide(guard.Message{Door: guard.System, Recipients: []guard.Recipient{{Address: address, Standing: guard.Standing{Class: to.Class}, Field: guard.To}}}).Clear(true)
	if err != nil {
		return err
	}
	octets, err := s.compose(address, l)
	if err != nil {
		return err
	}
	body, err := s.cfg.Contents.Prepare(ctx, octets)
	if err != nil {
		return err
	}
	if _, err := s.cfg.Delivery.Accept(ctx, cleared, env, body, []byte("Return-Path: <>\r\n")); err != nil {
		return fmt.Errorf("send a letter about a frame: %w", err)
	}
	return nil
}

func (s *Service) compose(address string, l letter) (*bytes.Buffer, error) {
	var random [10]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return nil, fmt.Errorf("draw the id of a letter: %w", err)
	}
	id := strings.ToLower(base32.HexEncoding.EncodeToString(random[:]))
	b := &bytes.Buffer{}
	fmt.Fprintf(b, "From: Messagerie <postmaster@%s>\r\nTo: <%s>\r\n", s.cfg.Domain, address)
	fmt.Fprintf(b, "Subject: %s\r\n", strings.ReplaceAll(mime.QEncoding.Encode("utf-8", l.subject), "?= =?", "?=\r\n =?"))
	fmt.Fprintf(b, "Date: %s\r\nMessage-ID: <%s@%s>\r\n", s.cfg.Now().Format("Mon, 02 Jan 2006 15:04:05 -0700"), id, s.cfg.Hostname)
	b.WriteString("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(b)
	_, err := io.WriteString(q, strings.ReplaceAll(l.text, "\n", "\r\n"))
	if err == nil {
		err = q.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("write a letter: %w", err)
	}
	return b, nil
}
