package mailing

import (
	"context"
	"fmt"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// Preview is who a message to a group would reach, before it is sent.
type Preview struct {
	People  []Person `json:"people"`  // by name: reached, or missing; Bounced where the last message came back
	Copies  int      `json:"copies"`  // mailboxes: a shared one counts once
	Missing int      `json:"missing"` // people of whom no address is known
	Bounced int      `json:"bounced"`
}

// Preview gives who a message of an account to a group would reach today, by pupil, without an address.
func (s *Service) Preview(ctx context.Context, account, group int64) (Preview, error) {
	if s.cfg.Right == nil || s.cfg.Groups == nil {
		return Preview{}, failure.New(failure.Denied, "ce groupe ne vous est pas ouvert / this group is not open to you")
	}
	if err := s.cfg.Right(ctx, account, group); err != nil {
		return Preview{}, err
	}
	members, err := s.cfg.Groups.Members(ctx, group)
	if err != nil {
		return Preview{}, fmt.Errorf("members of group %d: %w", group, err)
	}
	var p Preview
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = s.preview(ctx, tx, members)
		return err
	})
	return p, err
}

func (s *Service) preview(ctx context.Context, tx *store.Tx, members []Member) (Preview, error) {
	p := Preview{People: []Person{}}
	var pupils, marks []int64
	for _, m := range members {
		pupils = append(pupils, m.Pupils...)
		if mark := s.mark(directory.MatchKey(m.Address)); mark != 0 {
			marks = append(marks, mark)
		}
	}
	names, err := pupilNames(ctx, tx, pupils)
	if err != nil {
		return p, err
	}
	back, err := cameBack(ctx, tx, marks)
	if err != nil {
		return p, err
	}
	boxes := map[any]bool{}
	for _, m := range members {
		one := Person{Name: label(kindOf(m), "", namesOf(names, m.Pupils)), State: "reached"}
		key := directory.MatchKey(m.Address)
		switch {
		case m.Account != 0:
			boxes[m.Account] = true
		case key == "":
			one.State = "missing"
			p.Missing++
		default:
			boxes[key] = true
			if one.Status, one.Bounced = back[s.mark(key)], has(back, s.mark(key)); one.Bounced {
				p.Bounced++
			}
		}
		p.People = append(p.People, one)
	}
	p.Copies = len(boxes)
	sortByName(p.People)
	return p, nil
}

func has(m map[int64]string, key int64) bool {
	_, ok := m[key]
	return ok
}

// cameBack gives the mailboxes, by their marks, of which the last copy that went out came back, with its status.
func cameBack(ctx context.Context, tx *store.Tx, marks []int64) (map[int64]string, error) {
	back := map[int64]string{}
	set, arg := tx.Dialect().IntSet(1, marks)
	rows, err := tx.Query(ctx, `SELECT c.mark, c.status FROM mailing_copy c WHERE c.mark IN (`+set+`) AND c.state = 3
		AND NOT EXISTS (SELECT 1 FROM mailing_copy l WHERE l.mark = c.mark AND l.mailing_id > c.mailing_id AND l.state = 2)`, arg)
	if err != nil {
		return nil, fmt.Errorf("look for what came back: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var mark int64
		var status string
		if err := rows.Scan(&mark, &status); err != nil {
			return nil, err
		}
		back[mark] = enhanced(status)
	}
	return back, rows.Err()
}

// Print is a preview as it is printed, one person a line.
func (p Preview) Print() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d copies, %d sans adresse connue, %d dont le dernier message est revenu\n\n", p.Copies, p.Missing, p.Bounced)
	for _, one := range p.People {
		b.WriteString(one.Name)
		switch {
		case one.State == "missing":
			b.WriteString(" — sans adresse connue")
		case one.Bounced:
			fmt.Fprintf(&b, " — dernier message revenu : %s", reason(one.Status))
		}
		b.WriteString("\n")
	}
	return b.String()
}
