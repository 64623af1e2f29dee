package box

import (
	"context"
	"encoding/json"
	"fmt"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/store"
)

// alteration is a role that somebody gets, changes or loses.
type alteration struct {
	box, member  int64
	source       Source
	was, is      Role // "" for none
	since, until directory.Date
}

func insertRole(ctx context.Context, tx *store.Tx, a alteration) error {
	_, err := tx.Exec(ctx, `INSERT INTO box_member (account_id, member_id, source, role, since, until) VALUES ($1, $2, $3, $4, $5, $6)`,
		a.box, a.member, a.source, a.is, a.since.String(), a.until.String())
	return err
}

func deleteRole(ctx context.Context, tx *store.Tx, a alteration) error {
	_, err := tx.Exec(ctx, `DELETE FROM box_member WHERE account_id = $1 AND member_id = $2 AND source = $3 AND role = $4`,
		a.box, a.member, a.source, a.was)
	return err
}

// note writes alterations into the histories of their boxes, and together as one entry into the journal, last.
func (s *Service) note(ctx context.Context, tx *store.Tx, first int64, by identity.By, action string, done []alteration) error {
	type entry struct {
		Box    int64  `json:"box"`
		Member int64  `json:"member"`
		Source Source `json:"source"`
		Was    Role   `json:"was,omitempty"`
		Is     Role   `json:"is,omitempty"`
	}
	names, err := namesOf(ctx, tx, done)
	if err != nil {
		return err
	}
	rows, entries := make([]history.Row, len(done)), make([]entry, len(done))
	for i, a := range done {
		entries[i] = entry{a.box, a.member, a.source, a.was, a.is}
		tx.Hint(a.box, 0) // who has it open looks at once whether they still may
		rows[i] = history.Row{Account: a.box, Kind: history.BoxMember, Subject: names[a.member], Before: a.told(a.was), After: a.told(a.is), Actor: by.Actor}
	}
	if err := history.Append(ctx, tx, first, rows); err != nil {
		return err
	}
	detail, err := json.Marshal(entries)
	if err != nil {
		return fmt.Errorf("encode roles: %w", err)
	}
	subject := fmt.Sprintf("account:%d", done[0].box)
	return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: action, Subject: subject, Reason: by.Reason, Detail: string(detail)})
}

// French is the membership as people read it: « propriétaire par intérim jusqu'au 31/10/2027 ».
func (m Membership) French() string {
	text := m.Role.French() + m.Source.french()
	if !m.Until.IsZero() {
		text += " jusqu'au " + m.Until.French()
	}
	return text
}

// told is a role as the history says it.
func (a alteration) told(r Role) string {
	if r == "" {
		return ""
	}
	m := Membership{Role: r, Source: a.source}
	if r == a.is {
		m.Until = a.until
	}
	return m.French()
}

// namesOf gives the members' names with their logins.
func namesOf(ctx context.Context, tx *store.Tx, done []alteration) (map[int64]string, error) {
	ids := make([]int64, len(done))
	for i, a := range done {
		ids[i] = a.member
	}
	set, arg := tx.Dialect().IntSet(1, ids)
	rows, err := tx.Query(ctx, `SELECT account_id, display_name, login FROM account WHERE account_id IN (`+set+`)`, arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names := map[int64]string{}
	for rows.Next() {
		var id int64
		var name, login string
		if err := rows.Scan(&id, &name, &login); err != nil {
			return nil, err
		}
		names[id] = name + " (" + login + ")"
	}
	return names, rows.Err()
}

// French is the role as members read it.
func (r Role) French() string {
	switch r {
	case Reader:
		return "membre en lecture seule"
	case Member:
		return "membre"
	case Owner:
		return "propriétaire"
	}
	return string(r)
}

func (s Source) french() string {
	switch s {
	case ByFunction:
		return " par sa fonction"
	case ByInterim:
		return " par intérim"
	case ByHand:
	}
	return ""
}
