package enrolment

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/store"
)

// Who in the HR file is somebody of AAF's staff. Two facts must agree: the academic address with the birth date (and
// part of the name), or with the whole name where AAF has no date; or the whole name with the birth date. Whatever
// contradicts itself, and a name that stands alone, is a doubt: a human decides.

// Match says how sure it is who somebody is.
type Match int

// The matches, as they are stored.
const (
	Nobody   Match = iota // nobody of the HR file
	ByRule                // the rules are sure
	ByHand                // a human decided; no import changes it
	Doubtful              // a human is to decide
)

// agent is somebody of the HR file who has an account.
type agent struct {
	account  int64
	login    string
	display  string
	birth    string
	names    []string // slugs: birth name, usage name
	forename string   // slug of the first
	schools  []string // where they hold a function that has not ended
}

// agents finds agents by account and by name. Of 100,000 they are some 40 MB, while staff is matched.
type agents struct {
	byAccount map[int64]*agent
	byName    map[string][]*agent // slug of a name and of the first forename
}

func nameKey(name, forename string) string { return name + "." + forename }

// firstSlug is the slug of the first of some forenames.
func firstSlug(forenames string) string { return directory.Slug(directory.FirstForename(forenames)) }

// loadAgents reads everybody of the HR file.
func loadAgents(ctx context.Context, tx *store.Tx) (*agents, error) {
	all := &agents{byAccount: map[int64]*agent{}, byName: map[string][]*agent{}}
	people := map[int64]*agent{}
	if err := each(ctx, tx, func(row scanner) error {
		a := &agent{}
		var person int64
		var birthName, usageName, forenames string
		if err := row.Scan(&person, &a.account, &a.login, &a.display, &birthName, &usageName, &forenames, &a.birth); err != nil {
			return err
		}
		a.forename = firstSlug(forenames)
		for _, name := range []string{birthName, usageName} {
			if slug := directory.Slug(name); slug != "" && !slices.Contains(a.names, slug) {
				a.names = append(a.names, slug)
				all.byName[nameKey(slug, a.forename)] = append(all.byName[nameKey(slug, a.forename)], a)
			}
		}
		people[person], all.byAccount[a.account] = a, a
		return nil
	}, `SELECT p.person_id, a.account_id, a.login, a.display_name, p.birth_name, p.usage_name, p.forenames, p.birth_date
		FROM person p JOIN account a ON a.person_id = p.person_id ORDER BY a.account_id`); err != nil {
		return nil, fmt.Errorf("read people of the HR file: %w", err)
	}
	err := each(ctx, tx, func(row scanner) error {
		var person int64
		var uai string
		err := row.Scan(&person, &uai)
		if a := people[person]; a != nil {
			a.schools = append(a.schools, uai)
		}
		return err
	}, `SELECT person_id, uai FROM function WHERE ended_at = 0 AND uai <> ''`)
	if err != nil {
		return nil, fmt.Errorf("read functions: %w", err)
	}
	return all, nil
}

// candidate is somebody of AAF's staff who is to be matched.
type candidate struct {
	civil
	id      int64
	degree  int
	key     string
	account int64
	matched Match
	byMail  int64    // account that the address is of, 0 for none
	schools []string // of the posts, of the years that are not locked
}

// names are the slugs of the names that AAF has of them.
func (c *candidate) names() []string {
	return slices.DeleteFunc([]string{directory.Slug(c.BirthName), directory.Slug(c.UsageName)}, func(s string) bool { return s == "" })
}

// forenames are the slugs of what AAF gives as the forename: all of it, which may be a compound written with a space, and
// the first of several.
func (c *candidate) forenames() []string {
	return slices.Compact([]string{directory.Slug(c.Forename), firstSlug(c.Forename)})
}

// sharesName and sharesForename compare with an agent.
func (c *candidate) sharesName(a *agent) bool {
	return slices.ContainsFunc(c.names(), func(name string) bool { return slices.Contains(a.names, name) })
}

func (c *candidate) sharesForename(a *agent) bool {
	return slices.Contains(c.forenames(), a.forename)
}

// judge says who a candidate is, or why that is a doubt, and who they could be.
func (all *agents) judge(c *candidate) (who *agent, why string, could []*agent) {
	birth := c.Birth
	byName := all.named(c)
	var byBoth []*agent
	for _, a := range byName {
		if birth != "" && a.birth == birth {
			byBoth = append(byBoth, a)
		}
	}
	if owner := all.byAccount[c.byMail]; owner != nil {
		return judgeOwner(c, owner, byBoth)
	}
	switch {
	case len(byBoth) == 1:
		return byBoth[0], "", nil
	case len(byBoth) > 1:
		return nil, "plusieurs agents ont ce nom et cette date de naissance", byBoth
	case birth == "" && len(byName) > 0:
		return nil, "seul le nom concorde : l'AAF ne donne pas de date de naissance", byName
	}
	same := slices.DeleteFunc(byName, func(a *agent) bool {
		return !slices.ContainsFunc(a.schools, func(uai string) bool { return slices.Contains(c.schools, uai) })
	})
	if len(same) > 0 {
		return nil, "même nom et même établissement, mais une autre date de naissance", same
	}
	return nil, "", nil
}

// named gives the agents who have a candidate's name and forename.
func (all *agents) named(c *candidate) (found []*agent) {
	for _, name := range c.names() {
		for _, forename := range c.forenames() {
			for _, a := range all.byName[nameKey(name, forename)] {
				if !slices.Contains(found, a) {
					found = append(found, a)
				}
			}
		}
	}
	return found
}

// judgeOwner judges a candidate whose address is an agent's.
func judgeOwner(c *candidate, owner *agent, byBoth []*agent) (*agent, string, []*agent) {
	other := slices.DeleteFunc(slices.Clone(byBoth), func(a *agent) bool { return a == owner })
	could := append([]*agent{owner}, other...)
	birth := c.Birth
	switch {
	case birth != "" && owner.birth != birth:
		return nil, "l'adresse est d'un agent, la date de naissance n'est pas la sienne", could
	case birth == "" && !(c.sharesName(owner) && c.sharesForename(owner)):
		return nil, "l'adresse est d'un agent qui a un autre nom", could
	case !c.sharesName(owner) && !c.sharesForename(owner):
		return nil, "l'adresse et la date de naissance sont d'un agent qui a un autre nom", could
	}
	return owner, "", nil
}

// candidates reads staff of a condition on s, with who has their address.
func candidates(ctx context.Context, tx *store.Tx, where string, args ...any) ([]*candidate, error) {
	var list []*candidate
	byID := map[int64]*candidate{}
	if err := each(ctx, tx, func(row scanner) error {
		c := &candidate{}
		i := &c.civil
		err := row.Scan(&c.id, &c.degree, &c.key, &i.BirthName, &i.UsageName, &i.Forename, &i.Birth, &i.Mail, &c.account, &c.matched, &c.byMail)
		list, byID[c.id] = append(list, c), c
		return err
	}, `SELECT s.staff_id, s.degree, s.jointure, s.birth_name, s.usage_name, s.forename, s.birth_date, s.mail, s.account_id, s.matched, COALESCE(a.account_id, 0)
		FROM staff s LEFT JOIN address a ON a.address = s.mail WHERE `+where+` ORDER BY s.degree, s.jointure`, args...); err != nil {
		return nil, fmt.Errorf("read staff: %w", err)
	}
	err := each(ctx, tx, func(row scanner) error {
		var id int64
		var uai string
		err := row.Scan(&id, &uai)
		byID[id].schools = append(byID[id].schools, uai)
		return err
	}, `SELECT DISTINCT s.staff_id, e.uai FROM staff s JOIN staff_post e ON e.staff_id = s.staff_id WHERE `+unlocked+` AND `+where+
		` ORDER BY s.staff_id, e.uai`, args...)
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	return list, nil
}

// undecided is the condition that nobody said yet who somebody of the staff is.
const undecided = `s.absent_at = 0 AND s.matched IN (0, 3)`

// verdict is what was found of one candidate.
type verdict struct {
	id      int64
	account int64
	matched Match
}

// judgeAll judges whoever is undecided, and some more by id; it gives those whose place changes.
func (s *Service) judgeAll(ctx context.Context, more []int64) (changed []verdict, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		changed = nil
		set, arg := tx.Dialect().IntSet(1, more)
		list, err := candidates(ctx, tx, `(`+undecided+` OR s.matched = 1 AND s.staff_id IN (`+set+`))`, arg)
		if err != nil || len(list) == 0 {
			return err
		}
		all, err := loadAgents(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range list {
			v := verdict{id: c.id}
			switch who, why, _ := all.judge(c); {
			case who != nil:
				v.account, v.matched = who.account, ByRule
			case why != "":
				v.matched = Doubtful
			}
			if v.account != c.account || v.matched != c.matched {
				changed = append(changed, v)
			}
		}
		return nil
	})
	return changed, err
}

// writeVerdicts stores them, but not over what a human decided meanwhile.
func writeVerdicts(ctx context.Context, tx *store.Tx, list []verdict) error {
	rows := make([][]int64, len(list))
	for i, v := range list {
		rows[i] = []int64{v.id, v.account, int64(v.matched)}
	}
	staged, arg := tx.Dialect().Rows(1, []string{"staff_id", "account_id", "matched"}, rows)
	_, err := tx.Exec(ctx, `UPDATE staff SET account_id = s.account_id, matched = s.matched FROM (`+staged+`) AS s
		WHERE staff.staff_id = s.staff_id AND staff.matched <> 2`, arg)
	if err != nil {
		return fmt.Errorf("match staff: %w", err)
	}
	return nil
}

// applyMatches finds who the staff are, and counts.
func (r *run) applyMatches(ctx context.Context) error {
	var changed []int64
	for some := range slices.Chunk(r.changed.staff, chunk) {
		list, err := read[staff](r.spool, some)
		if err != nil {
			return err
		}
		for i := range list {
			changed = append(changed, r.staff.list[list[i].At].id)
		}
	}
	verdicts, err := r.judgeAll(ctx, changed)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(verdicts, chunk) {
		if err := r.write(ctx, func(tx *store.Tx) error { return writeVerdicts(ctx, tx, some) }); err != nil {
			return err
		}
	}
	if err := r.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT COALESCE(sum(CASE WHEN account_id <> 0 THEN 1 ELSE 0 END), 0), COALESCE(sum(CASE WHEN matched = 3 THEN 1 ELSE 0 END), 0),
			COALESCE(sum(CASE WHEN account_id = 0 AND matched <> 3 THEN 1 ELSE 0 END), 0) FROM staff WHERE degree = $1 AND absent_at = 0`, r.degree).
			Scan(&r.report.Matched, &r.report.Doubtful, &r.report.Unknown)
	}); err != nil {
		return fmt.Errorf("count staff: %w", err)
	}
	r.report.Doubts, err = r.Doubts(ctx)
	return err
}

// Doubt is somebody of AAF's staff of whom it is not sure who they are.
type Doubt struct {
	Degree  int
	Key     string // ENTPersonJointure
	Name    string
	Schools []string
	Why     string   // French
	Could   []string // « login (Nom) » of agents
}

// String says it on one line.
func (d Doubt) String() string {
	return fmt.Sprintf("%s (degré %d) %s, %s : %s ; candidats : %s", d.Key, d.Degree, d.Name, strings.Join(d.Schools, " "), d.Why, strings.Join(d.Could, ", "))
}

// Doubts lists whom a human is to decide about, by degree and join key.
func (s *Service) Doubts(ctx context.Context) (doubts []Doubt, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		doubts = nil
		list, err := candidates(ctx, tx, `s.absent_at = 0 AND s.matched = 3`)
		if err != nil || len(list) == 0 {
			return err
		}
		all, err := loadAgents(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range list {
			_, why, could := all.judge(c)
			d := Doubt{Degree: c.degree, Key: c.key, Name: c.Forename + " " + c.UsageName, Schools: c.schools,
				Why: cmp.Or(why, "les règles sont sûres depuis : la prochaine importation décide")}
			for _, a := range could {
				d.Could = append(d.Could, fmt.Sprintf("%s (%s)", a.login, a.display))
			}
			doubts = append(doubts, d)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list doubtful staff: %w", err)
	}
	return doubts, nil
}
