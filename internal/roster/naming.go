package roster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/store"
)

// nameSubjects finds an address and a login for each joiner, and an address for each known person
// whose name changed enough to give another one.
func (r *run) nameSubjects(ctx context.Context, tx *store.Tx, p *plan) error {
	var addresses, logins []*request
	var renamed []*subject
	for _, s := range p.subjects {
		switch {
		case s.isNew:
			addresses = append(addresses, &request{name: localParts(s.person), set: func(name string) { s.primary = name }})
			logins = append(logins, &request{name: loginNames(s.person), set: func(name string) { s.login = name }})
		case s.before != nil && bare(localParts(*s.before)) != bare(localParts(s.person)):
			renamed = append(renamed, s)
		}
	}
	if err := takeBack(ctx, tx, renamed, r.cfg.Domain); err != nil {
		return err
	}
	for _, s := range renamed {
		p.newAddresses++
		if s.primary == "" {
			addresses = append(addresses, &request{name: localParts(s.person), set: func(name string) { s.primary = name }})
		}
	}
	if err := r.issue(ctx, tx, p.hints, addresses, func(name string) string { return name }, takenAddresses(r.cfg.Domain)); err != nil {
		return fmt.Errorf("find addresses: %w", err)
	}
	if err := r.issue(ctx, tx, p.hints, logins, func(name string) string { return "login " + name }, takenLogins(r.cfg.Domain)); err != nil {
		return fmt.Errorf("find logins: %w", err)
	}
	return nil
}

// series gives the n-th name that a person may have.
type series func(n int) string

// bare is the name without a homonym's number.
func bare(s series) string { return s(0) }

// localParts and loginNames are the naming rules for a person, with the id_rh in the place of a
// name that leaves no letter.
func localParts(p directory.Person) series { return namesOf(p, directory.LocalPart) }
func loginNames(p directory.Person) series { return namesOf(p, directory.Login) }

func namesOf(p directory.Person, rule func(forenames, surname string, n int) (string, error)) series {
	first, last := directory.Slug(directory.FirstForename(p.Forenames)), directory.Slug(p.Surname())
	if first == "" {
		first = directory.Slug(p.HRID)
	}
	if last == "" {
		last = directory.Slug(p.HRID)
	}
	if _, err := rule(first, last, 0); errors.Is(err, directory.ErrUnusableName) {
		first = directory.Slug(p.HRID) // « Ce Martin » would fall among the boxes of establishments
	}
	return func(n int) string {
		name, err := rule(first, last, n) // a slug is its own slug
		if err != nil {
			// An id_rh has a letter or a digit: the reader refuses others.
			panic(fmt.Sprintf("roster: no name for person %d: %v", p.ID, err))
		}
		return name
	}
}

// request is a wish for the first free name of a series.
type request struct {
	name series
	set  func(string)
}

// homonyms are the requests of a batch for one bare name, in the order of the file. They share one
// series, so that a thousand Jean Martin cost a thousand names and not their square.
type homonyms struct {
	name    series
	hint    string // key in the hints
	next    int    // number to try
	waiting []*request
}

// group brings the requests for one bare name together.
func (r *run) group(requests []*request, hint func(string) string) []*homonyms {
	var groups []*homonyms
	byName := map[string]*homonyms{}
	for _, q := range requests {
		key := hint(bare(q.name))
		if byName[key] == nil {
			byName[key] = &homonyms{name: q.name, hint: key, next: r.hints[key]}
			groups = append(groups, byName[key])
		}
		byName[key].waiting = append(byName[key].waiting, q)
	}
	return groups
}

// taken answers which of some names were ever given to anybody.
type taken func(ctx context.Context, tx *store.Tx, names []string) (map[string]bool, error)

// issue gives each request the first name of its series that was never given: not in the directory,
// not to an earlier request. It asks the database in rounds, for ever more names of those who
// have many homonyms there.
func (r *run) issue(ctx context.Context, tx *store.Tx, hints map[string]int, requests []*request, hint func(string) string, ask taken) error {
	groups := r.group(requests, hint)
	asked, given := map[string]bool{}, map[string]bool{} // name -> taken in the directory; given in this batch
	for margin := 0; len(groups) > 0; margin = min(margin*8+8, 4096) {
		var names []string
		for _, g := range groups {
			for n := range len(g.waiting) + margin {
				name := g.name(g.next + n)
				if _, known := asked[name]; !known {
					asked[name] = false
					names = append(names, name)
				}
			}
		}
		gone, err := ask(ctx, tx, names)
		if err != nil {
			return err
		}
		for name := range gone {
			asked[name] = true
		}
		groups = slices.DeleteFunc(groups, func(g *homonyms) bool {
			g.settle(asked, given)
			if g.next > 1 {
				hints[g.hint] = g.next
			}
			return len(g.waiting) == 0
		})
	}
	return nil
}

// settle gives names out as far as the directory was asked for them.
func (g *homonyms) settle(asked, given map[string]bool) {
	for ; len(g.waiting) > 0; g.next++ {
		name := g.name(g.next)
		gone, known := asked[name]
		if !known {
			return
		}
		if gone || given[name] || directory.Reserved(name) {
			continue
		}
		given[name] = true
		g.waiting[0].set(name)
		g.waiting = g.waiting[1:]
	}
}

// takenAddresses looks among all addresses ever issued.
func takenAddresses(domain string) taken {
	return func(ctx context.Context, tx *store.Tx, names []string) (map[string]bool, error) {
		addresses := make([]string, len(names))
		for i, name := range names {
			addresses[i] = name + "@" + domain
		}
		gone := map[string]bool{}
		set, arg := tx.Dialect().TextSet(1, addresses)
		err := eachText(ctx, tx, `SELECT address FROM address WHERE address IN (`+set+`)`, arg, func(address string) {
			gone[strings.TrimSuffix(address, "@"+domain)] = true
		})
		return gone, err
	}
}

// takenLogins looks among all logins, and among the addresses, since login@domain is one.
func takenLogins(domain string) taken {
	return func(ctx context.Context, tx *store.Tx, names []string) (map[string]bool, error) {
		gone, err := takenAddresses(domain)(ctx, tx, names)
		if err != nil {
			return nil, err
		}
		set, arg := tx.Dialect().TextSet(1, names)
		err = eachText(ctx, tx, `SELECT login FROM account WHERE login IN (`+set+`)`, arg, func(login string) { gone[login] = true })
		return gone, err
	}
}

// takeBack gives people who return to a name the address that they had under it, and learns which one they leave.
func takeBack(ctx context.Context, tx *store.Tx, renamed []*subject, domain string) error {
	if len(renamed) == 0 {
		return nil
	}
	byAccount := map[int64]*subject{}
	accounts := make([]int64, 0, len(renamed))
	for _, s := range renamed {
		byAccount[s.account] = s
		accounts = append(accounts, s.account)
	}
	set, arg := tx.Dialect().IntSet(1, accounts)
	rows, err := tx.Query(ctx, `SELECT d.account_id, d.address, COALESCE(c.kind, d.kind) FROM address d LEFT JOIN address_closed c ON c.address = d.address
		WHERE d.account_id IN (`+set+`) AND COALESCE(c.kind, d.kind) IN ($2, $3) ORDER BY d.issued_at, d.address`,
		arg, directory.AddressFormer.String(), directory.AddressPrimary.String())
	if err != nil {
		return fmt.Errorf("read former addresses: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var account int64
		var address, kind string
		if err := rows.Scan(&account, &address, &kind); err != nil {
			return fmt.Errorf("read former addresses: %w", err)
		}
		local, ours := strings.CutSuffix(address, "@"+domain)
		s := byAccount[account]
		if kind == directory.AddressPrimary.String() {
			s.primaryBefore = address
			continue
		}
		if ours && strings.TrimRight(local, "0123456789") == strings.TrimRight(bare(localParts(s.person)), "0123456789") {
			s.primary, s.takenBack = local, true
		}
	}
	return rows.Err()
}

// eachText visits the texts of a query of one column.
func eachText(ctx context.Context, tx *store.Tx, query string, arg any, visit func(string)) error {
	rows, err := tx.Query(ctx, query, arg)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		visit(text)
	}
	return rows.Err()
}
