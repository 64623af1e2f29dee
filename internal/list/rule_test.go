package list_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"navette/internal/audience"
	"navette/internal/audience/audiencetest"
	"navette/internal/failure"
	"navette/internal/list"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

func (f *fixture) rule(local, expression string) list.List {
	return list.List{Local: local, Kind: list.Rule, Owners: f.agents[:1],
		Settings: list.Settings{Display: local, Expression: expression, Posting: list.ByAgents, Hidden: true}}
}

func TestARuleFollowsTheDirectory(t *testing.T) {
	t.Parallel()
	onEngines(t, 5, func(f *fixture) {
		f.holds(f.agents[1], 1, "ENS2D", "Professeur certifié", "ENS", "0750001U", "2020-09-01", "")
		f.holds(f.agents[2], 1, "ens2d", "PROFESSEUR AGREGE", "ENS", "0750001U", "2020-09-01", "2026-11-24")
		f.holds(f.agents[3], 1, "ENS2D", "Professeur certifié", "ENS", "0750001U", "2026-11-26", "")
		f.holds(f.agents[4], 1, "DIEO", "Personnel de direction", "DIR", "0750001U", "2020-09-01", "")
		f.create(f.rule("profs-0750001u", "CATEGORY = enseignants ET établissement = 0750001u"))
		if got := f.texts(`SELECT expression FROM list`); got[0] != "catégorie = enseignant et établissement = 0750001U" {
			f.t.Errorf("stored as %q", got[0])
		}
		f.agent(0, at("profs-0750001u"))
		f.got("on the last day of one, before the first of another", "01100")
		f.now = f.now.AddDate(0, 0, 2)
		f.agent(0, at("profs-0750001u"))
		f.got("two days later", "02110")
		f.write(`UPDATE function SET ended_at = 1 WHERE person_id = $1`, f.agents[1])
		f.write(`UPDATE account SET state = 'departed' WHERE account_id = $1`, f.agents[3])
		f.refused("when all have gone", f.post(f.agents[0], house.Address(f.agents[0]), at("profs-0750001u")), failure.Policy, "aucun membre")
	})
}

func TestMembersOfARuleMayWriteWhereMembersMay(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		f.holds(f.agents[1], 1, "ENS2D", "", "ENS", "0750001U", "2020-09-01", "")
		f.holds(f.agents[2], 1, "ATSS", "", "ADF", "0750001U", "2020-09-01", "")
		l := f.rule("profs", "catégorie = enseignant")
		l.Posting = list.ByMembers
		f.create(l)
		f.agent(1, at("profs"))
		f.refused("somebody else", f.post(f.agents[2], house.Address(f.agents[2]), at("profs")), failure.Policy, "ses membres")
		f.got("a member's post", "010")
	})
}

func TestAnAudienceIsExplainedAndCountedBeforeAnybodyWrites(t *testing.T) {
	t.Parallel()
	onEngines(t, 4, func(f *fixture) {
		f.write(`INSERT INTO establishment (uai, name, nature, department, city, created_at) VALUES ('0750001U', 'Collège Mathilde-Vauquelin', '340', '075', 'Paris', 0)`)
		f.holds(f.agents[0], 1, "ENS2D", "", "ENS", "0750001U", "2020-09-01", "")
		f.holds(f.agents[0], 2, "ENS2D", "", "ENS", "0750002V", "2020-09-01", "") // counts once in all, once in each school
		f.holds(f.agents[1], 1, "ENS2D", "", "ENS", "0750001U", "2020-09-01", "")
		f.holds(f.agents[2], 1, "ENS1D", "", "ENS", "0750002V", "2020-09-01", "")
		f.holds(f.agents[3], 1, "DIEO", "", "DIR", "0750001U", "2020-09-01", "")
		x, err := f.Explain(f.t.Context(), "catégorie = enseignant et département = 75")
		f.done("explain", err)
		want := list.Explanation{Expression: "catégorie = enseignant et département = 75",
			French:     "Les agents dont une fonction en cours remplit cette condition : la catégorie est enseignant (ENS1D, ENS1DPR, ENS2D, ENS2DPR) et le département est 75.",
			English:    "Staff one of whose current functions satisfies this: the category is enseignant (ENS1D, ENS1DPR, ENS2D, ENS2DPR) and the department is 75.",
			People:     3,
			Categories: []list.Count{{Name: "ENS2D", People: 2}, {Name: "ENS1D", People: 1}},
			Schools:    []list.Count{{Name: "0750001U", Label: "Collège Mathilde-Vauquelin", People: 2}, {Name: "0750002V", People: 2}}}
		if diff := cmp.Diff(want, x); diff != "" {
			f.t.Errorf("(-want +got)\n%s", diff)
		}
		_, err = f.Explain(f.t.Context(), "catégorie = enseignent")
		f.refused("a misspelt value", err, failure.Policy, "vouliez-vous dire « enseignant » ?")
	})
}

// Whatever the directory and the expression, the statement finds exactly whom audience.Matches says, on both engines.
func TestTheStatementAgreesWithTheLanguage(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		const people = 40
		f := newFixture(t, db, people)
		for _, account := range f.agents {
			f.holds(account, 0, "", "", "", "", "2030-01-01", "") // the person; a function that has not begun
		}
		rapid.Check(t, func(rt *rapid.T) {
			held := map[int64][]audience.Function{}
			f.write(`DELETE FROM function`)
			var rows [][]any
			for _, account := range f.agents {
				for n := range rapid.IntRange(0, 3).Draw(rt, "functions") {
					fn := audiencetest.Function(rt)
					starts, ends, ended := "2026-09-01", "", 0
					switch rapid.IntRange(0, 5).Draw(rt, "when") {
					case 0:
						starts = "2026-11-25"
					case 1:
						ends = "2026-11-23"
					case 2:
						ended = 1
					case 3:
						ends = "2026-11-24"
						held[account] = append(held[account], fn)
					default:
						held[account] = append(held[account], fn)
					}
					rows = append(rows, []any{account, n, fn.Corps, fn.Category, fn.Fonction, fn.UAI, fn.Discipline, starts, ends, ended})
				}
			}
			f.insertFunctions(rows)
			v := audience.NewVocabulary(audience.Known{})
			for range 5 {
				text := audiencetest.Expression(rt)
				e, err := audience.Parse(text, v)
				if err != nil {
					rt.Fatal(err)
				}
				var want []int64
				for _, account := range f.agents {
					if slices.ContainsFunc(held[account], func(fn audience.Function) bool { return audience.Matches(e, fn) }) {
						want = append(want, account)
					}
				}
				got, err := f.Audience(f.t.Context(), text)
				if err != nil {
					rt.Fatal(err)
				}
				if !slices.Equal(got, want) {
					rt.Fatalf("%s: the statement finds %v, the language %v", text, got, want)
				}
			}
		})
	})
}

func (f *fixture) insertFunctions(rows [][]any) {
	f.t.Helper()
	if len(rows) == 0 {
		return
	}
	err := f.DB.Write(f.t.Context(), store.Bulk, func(tx *store.Tx) error {
		var values []string
		var args []any
		for _, row := range rows {
			n := len(args)
			values = append(values, fmt.Sprintf(`($%d, $%d, $%d, $%d, $%d, $%d, $%d, $%d, $%d, '', $%d)`,
				n+1, n+2, n+3, n+4, n+5, n+6, n+7, n+8, n+9, n+10))
			args = append(args, row...)
		}
		_, err := tx.Exec(f.t.Context(), `INSERT INTO function (person_id, function_id, corps, category, function, uai, discipline, starts, ends, reference, ended_at) VALUES `+
			strings.Join(values, ", "), args...)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
}
