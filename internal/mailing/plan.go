package mailing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mailbox"
)

// row is a copy on its way into the table.
type row struct {
	kind    kind
	person  int64
	pupils  []int64
	to      delivery.Target // Account is 0 where it goes outside
	address string          // outside
	mark    int64
	state   int
	status  string
}

// plan gathers who gets a copy. A mailbox is known by its account, or outside by its match key.
type plan struct {
	s        *Service
	rows     []row
	accounts map[int64]int // row of a copy that stays here; named: gets the message as it was written
	outside  map[string]int
	plain    []delivery.Target
}

// named stands for a row where there is none.
const named = -1

// Plan implements delivery.Mailings.
func (s *Service) Plan(ctx context.Context, l delivery.Letter) (delivery.Mailing, error) {
	p := plan{s: s, accounts: map[int64]int{}, outside: map[string]int{}}
	for _, t := range l.Named {
		p.accounts[t.Account] = named
	}
	for _, address := range l.Remote {
		p.outside[directory.MatchKey(address)] = named
	}
	for _, group := range l.Shown {
		if err := p.group(ctx, group, true); err != nil {
			return delivery.Mailing{}, err
		}
	}
	for _, a := range l.Apart {
		if a.Target.Group == 0 {
			p.one(a)
			continue
		}
		if err := p.group(ctx, a.Target.Group, false); err != nil {
			return delivery.Mailing{}, err
		}
	}
	if len(p.plain)+len(l.Named)+len(l.Remote) == 0 && !slices.ContainsFunc(p.rows, func(r row) bool { return r.state == waiting }) {
		return delivery.Mailing{}, failure.New(failure.Policy,
			"personne dans ces groupes n'a d'adresse connue / no address is known of anybody in these groups")
	}
	return p.mailing(ctx, l)
}

// group adds the members of a group; where it is shown, its staff gets the message as those do whom the sender named.
func (p *plan) group(ctx context.Context, id int64, shown bool) error {
	if p.s.cfg.Groups == nil {
		return failure.New(failure.Temporary, "les groupes ne sont pas ouverts, réessayez plus tard / groups are closed, try again later")
	}
	members, err := p.s.cfg.Groups.Members(ctx, id)
	if err != nil {
		return fmt.Errorf("members of group %d: %w", id, err)
	}
	for _, m := range members {
		if shown && m.Holds == guard.Staff && m.Account != 0 {
			p.accounts[m.Account] = named
			p.plain = append(p.plain, delivery.Target{Account: m.Account, Mailbox: mailbox.Inbox})
			continue
		}
		if err := p.member(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// kindOf says what a member is told of as.
func kindOf(m Member) kind {
	switch m.Holds {
	case guard.Guardians:
		return guardian
	case guard.Pupils:
		return pupil
	}
	return staff
}

func (p *plan) member(ctx context.Context, m Member) error {
	r := row{kind: kindOf(m), person: m.Person, pupils: m.Pupils}
	if m.Account != 0 {
		r.to = delivery.Target{Account: m.Account, Mailbox: mailbox.Inbox}
		p.add(r, "")
		return nil
	}
	if m.Address == "" {
		r.state = noAddress
		p.rows = append(p.rows, r)
		return nil
	}
	to, err := p.s.cfg.Delivery.Resolve(ctx, m.Address)
	switch {
	case failure.Is(err, failure.Permanent), err == nil && to.Local && !to.Target.IsMailbox():
		r.state, r.status = failed, "5.1.1"
		p.rows = append(p.rows, r)
		return nil
	case failure.Is(err, failure.Quota):
		r.state, r.status = failed, "5.2.2"
		p.rows = append(p.rows, r)
		return nil
	case err != nil:
		return err
	}
	if r.to = to.Target; !to.Local {
		r.to, r.address = delivery.Target{}, m.Address
	}
	p.add(r, m.Address)
	return nil
}

// one adds an address that the sender wrote.
func (p *plan) one(a delivery.Apart) {
	r := row{kind: typed, to: a.Target}
	if a.Quiet {
		r.kind = silent
	}
	if !a.Local {
		r.to, r.address = delivery.Target{}, a.Address
	}
	p.add(r, a.Address)
}

// add gives a mailbox its copy, or what else there is to say of the one that it has.
func (p *plan) add(r row, address string) {
	key := directory.MatchKey(address)
	at, has := p.accounts[r.to.Account]
	if r.to.Account == 0 {
		at, has = p.outside[key]
	}
	switch {
	case has && at == named:
	case has:
		p.rows[at].join(r)
	default:
		if r.mark = 0; r.to.Account == 0 {
			r.mark = p.s.mark(key)
			p.outside[key] = len(p.rows)
		} else {
			p.accounts[r.to.Account] = len(p.rows)
		}
		p.rows = append(p.rows, r)
	}
}

// join adds why else a mailbox gets its copy. Whoever is in a group is told of by pupil: that the address which the
// sender wrote is that of a guardian of such a pupil is not for them to learn here.
func (r *row) join(other row) {
	if other.kind == typed || other.kind == silent {
		return
	}
	if r.kind == typed || r.kind == silent {
		r.kind, r.person = other.kind, other.person
	}
	for _, id := range other.pupils {
		if !slices.Contains(r.pupils, id) {
			r.pupils = append(r.pupils[:len(r.pupils):len(r.pupils)], id)
		}
	}
}

// joinIDs writes pupils as they are stored.
func joinIDs(ids []int64) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(words, " ")
}

func splitIDs(s string) (ids []int64) {
	for _, word := range strings.Fields(s) {
		if id, err := strconv.ParseInt(word, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
