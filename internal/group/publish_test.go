package group_test

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"navette/internal/failure"
	"navette/internal/group"
	"navette/internal/identity"
	"navette/internal/testkit/school"
)

var by = identity.By{Actor: "cli:dsi", Reason: "ENT"}

// published is a school with one family, and who looks at it.
type published struct {
	*world
	head, cpe, teacher, aed *school.Agent
}

func publishing(t *testing.T, test func(t *testing.T, p *published)) {
	t.Helper()
	worlds(t, func(t *testing.T, w *world) {
		s := w.school("0759001B")
		c := s.Class("4E3")
		lea := c.Pupil("Léa", "DUPONT").Writes("lea@example.net")
		lea.Guardian("Anne", "anne@example.net")
		lea.Guardian("=Paul", "")
		p := &published{w, s.Head("Hélène", "PETIT"), s.CPE("Ali", "SAÏD"), s.Teacher("Eva", "SIMON", c), s.Agent("Tom", "PION", "AED")}
		w.exec(`INSERT INTO annuaire_hidden (account_id) VALUES ($1)`, p.teacher.Account)
		w.derive()
		test(t, p)
	})
}

func (p *published) export(v group.Viewer, f group.Format) string {
	p.t.Helper()
	var out strings.Builder
	if err := p.Export(p.t.Context(), v, by, "0759001B", f, &out); err != nil {
		p.t.Fatal(err)
	}
	return out.String()
}

func TestAnExportHoldsAddressesOnlyForWhoMaintainsThem(t *testing.T) {
	t.Parallel()
	publishing(t, func(t *testing.T, p *published) {
		for who, c := range map[string]struct {
			viewer group.Viewer
			with   bool
		}{"the DSI": {group.AsOperator(), false}, "the head": {group.As(p.head.Account), true}, "the CPE": {group.As(p.cpe.Account), false}} {
			for _, f := range []group.Format{group.SCIM, group.CSV} {
				out := p.export(c.viewer, f)
				for _, address := range []string{"anne@example.net", "lea@example.net"} {
					if strings.Contains(out, address) != c.with {
						t.Errorf("%s, %s: %s is in it: %t", who, f, address, !c.with)
					}
				}
				if !strings.Contains(out, p.cpe.Address) {
					t.Errorf("%s, %s: the address of an agent is missing", who, f)
				}
				if strings.Contains(out, p.teacher.Address) || strings.Contains(out, "SIMON") {
					t.Errorf("%s, %s: an agent of the liste rouge is in it", who, f)
				}
			}
		}
		for who, account := range map[string]int64{"a teacher": p.teacher.Account, "an AED": p.aed.Account, "nobody": 0} {
			if err := p.Export(t.Context(), group.As(account), by, "0759001B", group.CSV, &strings.Builder{}); !failure.Is(err, failure.Denied) {
				t.Errorf("%s: %v", who, err)
			}
		}
		journal := p.column(`SELECT detail FROM journal WHERE action = 'group.export' ORDER BY detail`)
		if len(journal) != 6 || !strings.Contains(strings.Join(journal, " "), `"addresses":4`) || strings.Contains(strings.Join(journal, " "), "@") {
			t.Errorf("journal: %q", journal)
		}
	})
}

func TestTheFormatsOfAnExport(t *testing.T) {
	t.Parallel()
	publishing(t, func(t *testing.T, p *published) {
		var list struct {
			Schemas      []string
			TotalResults int
			Resources    []struct {
				Schemas                     []string
				ID, ExternalID, DisplayName string
				Members                     []struct{ Value, Display, Type, Email string }
			}
		}
		if err := json.Unmarshal([]byte(p.export(group.AsOperator(), group.SCIM)), &list); err != nil {
			t.Fatal(err)
		}
		if list.TotalResults != 10 || len(list.Resources) != 10 || !slices.Equal(list.Schemas, []string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}) {
			t.Errorf("%+v", list)
		}
		for _, g := range list.Resources {
			if g.ExternalID == "parents.4e3.0759001b@ac-paris.example" && (g.DisplayName != "Parents de la 4e3" || len(g.Members) != 2 ||
				!strings.HasPrefix(g.Members[0].Value, "guardian:") || g.Members[1].Display != "Mme Anne DUPONT" && g.Members[0].Display != "Mme Anne DUPONT") {
				t.Errorf("%+v", g)
			}
		}
		r := csv.NewReader(strings.NewReader(p.export(group.AsOperator(), group.CSV)))
		r.Comma = ';'
		records, err := r.ReadAll()
		if err != nil || records[0][0] != "groupe" {
			t.Fatal(err)
		}
		for _, record := range records {
			if strings.ContainsAny(record[3][:1], "=+-@") {
				t.Errorf("a spreadsheet would run %q", record[3])
			}
		}
	})
}

func TestWhoIsInAGroupIsShownToWhoMayWriteToIt(t *testing.T) {
	t.Parallel()
	publishing(t, func(t *testing.T, p *published) {
		for _, c := range []struct {
			viewer group.Viewer
			group  string
			want   string
		}{
			{group.As(p.head.Account), "parents.4e3", "Mme =Paul DUPONT <> for Léa DUPONT; Mme Anne DUPONT <anne@example.net> for Léa DUPONT"},
			{group.As(p.teacher.Account), "parents.4e3", "Mme =Paul DUPONT <> for Léa DUPONT; Mme Anne DUPONT <…> for Léa DUPONT"},
			{group.AsOperator(), "eleves.4e3", "Léa DUPONT <…>"},
			{group.As(p.aed.Account), "parents.4e3", "denied"},
			{group.As(p.aed.Account), "enseignants", ""}, // she is on the liste rouge
			{group.AsOperator(), "enseignants", "Eva SIMON <eva.simon@ac-paris.example>"},
		} {
			if got := p.people(c.viewer, c.group); got != c.want {
				t.Errorf("%s: %q, want %q", c.group, got, c.want)
			}
		}
	})
}

// people says who is in a group, as a viewer sees them.
func (p *published) people(v group.Viewer, name string) string {
	p.t.Helper()
	lines, err := p.People(p.t.Context(), v, p.id(name+".0759001b"))
	if failure.Is(err, failure.Denied) {
		return "denied"
	}
	if err != nil {
		p.t.Fatal(err)
	}
	var out []string
	for _, l := range lines {
		address := l.Address
		if address == "" && l.Addressed {
			address = "…"
		}
		text := l.Name + " <" + address + ">"
		if len(l.Pupils) > 0 {
			text += " for " + strings.Join(l.Pupils, ", ")
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestGroupsThatSomebodyMayWriteToWithTheirCounts(t *testing.T) {
	t.Parallel()
	publishing(t, func(t *testing.T, p *published) {
		for _, c := range []struct {
			account int64
			words   string
			want    []string
		}{
			{p.teacher.Account, "", []string{"Parents de la 4e3 2/1", "Élèves de la 4e3 1/0", "Enseignants du collège Jean Exemple 1/0",
				"Enseignants de la 4e3 1/0", "Personnels du collège Jean Exemple 4/0", "Professeurs principaux du collège Jean Exemple 0/0",
				"Professeurs principaux de la 4e3 0/0", "Personnels de direction du collège Jean Exemple 1/0"}},
			{p.head.Account, "par", []string{"Parents du collège Jean Exemple 2/1", "Parents de la 4e3 2/1"}},
			{p.aed.Account, "parents", nil},
			{0, "", nil},
		} {
			list, err := p.For(t.Context(), c.account, c.words)
			var got []string
			for _, g := range list {
				got = append(got, g.Name+" "+g.Count.String())
			}
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%q: %q, %v; want %q", c.words, got, err, c.want)
			}
		}
	})
}
