package group

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"navette/internal/audit"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/store"
)

// Format is how groups are published to an ENT.
type Format string

// The formats.
const (
	SCIM Format = "scim" // a ListResponse of Groups, as RFC 7644 §3.4.2 and RFC 7643 §4.2 shape it
	CSV  Format = "csv"  // one line a member
)

// The schemas of RFC 7643 and RFC 7644.
const (
	schemaGroup = "urn:ietf:params:scim:schemas:core:2.0:Group"
	schemaList  = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
)

// scimList is a ListResponse.
type scimList struct {
	Schemas      []string    `json:"schemas"`
	TotalResults int         `json:"totalResults"`
	StartIndex   int         `json:"startIndex"`
	ItemsPerPage int         `json:"itemsPerPage"`
	Resources    []scimGroup `json:"Resources"`
}

type scimGroup struct {
	Schemas     []string     `json:"schemas"`
	ID          string       `json:"id"`
	ExternalID  string       `json:"externalId"` // the group's address
	DisplayName string       `json:"displayName"`
	Members     []scimMember `json:"members"`
	Meta        scimMeta     `json:"meta"`
}

type scimMember struct {
	Value   string `json:"value"` // "account:42", "guardian:17", "pupil:3"
	Display string `json:"display"`
	Type    string `json:"type"`
	Email   string `json:"email,omitempty"`
}

type scimMeta struct {
	ResourceType string `json:"resourceType"`
	Location     string `json:"location"`
}

// published is a group with its members, as they leave the house.
type published struct {
	Group
	lines []Line
}

// Export writes the groups of a school and who is in them, for an ENT. It is for operators, and for who may write to
// everybody of the school: failure.Denied. Addresses of guardians and pupils are in it for who maintains them alone
// (reach.Rights.Sees), so an operator's has none. Agents of the liste rouge are never in it: it leaves the house, whoever
// asks. It goes into the journal, with how many addresses there were.
func (s *Service) Export(ctx context.Context, v Viewer, by identity.By, uai string, f Format, w io.Writer) error {
	r, err := s.cfg.Reach.Rights(ctx, v.account)
	if err != nil {
		return err
	}
	if !v.operator && !r.School(uai) {
		return failure.New(failure.Denied, "vous n'écrivez pas à tout cet établissement / this school is not all yours to write to")
	}
	groups, addresses, err := s.published(ctx, uai, r.Sees(uai))
	if err != nil {
		return fmt.Errorf("export groups of %s: %w", uai, err)
	}
	detail, err := json.Marshal(map[string]any{"format": f, "groups": len(groups), "addresses": addresses})
	if err != nil {
		return err
	}
	// Journalled before anything leaves: what was to be given away is known even if the reader breaks off.
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "group.export", Subject: "uai:" + uai, Reason: by.Reason, Detail: string(detail)})
	})
	if err != nil {
		return fmt.Errorf("journal an export: %w", err)
	}
	if f == CSV {
		return writeCSV(w, groups)
	}
	return writeSCIM(w, groups)
}

// published reads the groups of a school in one snapshot, and counts the addresses of guardians and pupils among them.
func (s *Service) published(ctx context.Context, uai string, with bool) (out []published, addresses int, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		out, addresses = nil, 0
		set, arg := tx.Dialect().IntSet(2, nil)
		groups, err := s.read(tx.Query(ctx, columns(set)+`WHERE q.uai = $1 AND q.scope <> 3 ORDER BY q.local`, uai, arg))
		if err != nil {
			return err
		}
		for _, g := range groups {
			if g.Scope != OfSchool && g.divisionID == 0 {
				continue
			}
			lines, err := s.people(ctx, tx, g, true, with)
			if err != nil {
				return err
			}
			if with && g.Kind.Holds() != guard.Staff {
				for _, l := range lines {
					if l.Addressed {
						addresses++
					}
				}
			}
			out = append(out, published{g, lines})
		}
		return nil
	})
	return out, addresses, err
}

// reference names a member for an ENT: the same in every export.
func reference(h guard.Holds, id int64) string {
	return map[guard.Holds]string{guard.Staff: "account", guard.Guardians: "guardian", guard.Pupils: "pupil"}[h] + ":" + strconv.FormatInt(id, 10)
}

func writeSCIM(w io.Writer, groups []published) error {
	list := scimList{Schemas: []string{schemaList}, TotalResults: len(groups), StartIndex: 1, ItemsPerPage: len(groups), Resources: []scimGroup{}}
	for _, g := range groups {
		one := scimGroup{Schemas: []string{schemaGroup}, ID: strconv.FormatInt(g.ID, 10), ExternalID: g.Address, DisplayName: g.Name,
			Members: []scimMember{}, Meta: scimMeta{"Group", "Groups/" + strconv.FormatInt(g.ID, 10)}}
		for _, l := range g.lines {
			one.Members = append(one.Members, scimMember{reference(g.Kind.Holds(), l.ID), l.Name, "User", l.Address})
		}
		list.Resources = append(list.Resources, one)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

func writeCSV(w io.Writer, groups []published) error {
	c := csv.NewWriter(w)
	c.Comma = ';'
	if err := c.Write([]string{"groupe", "adresse_du_groupe", "membre", "nom", "adresse", "eleves"}); err != nil {
		return err
	}
	for _, g := range groups {
		for _, l := range g.lines {
			record := []string{g.Name, g.Address, reference(g.Kind.Holds(), l.ID), l.Name, l.Address, strings.Join(l.Pupils, ", ")}
			for i := range record {
				record[i] = plain(record[i])
			}
			if err := c.Write(record); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

// plain keeps a spreadsheet from reading a name as a formula.
func plain(field string) string {
	if field != "" && strings.ContainsRune("=+-@\t\r", rune(field[0])) {
		return "'" + field
	}
	return field
}
