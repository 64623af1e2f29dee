package frame_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/frame"
	"navette/internal/identity"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// The page's own example: the president writes to the elected parents, who see each other because they agreed to.
func TestThoseWhoAgreedAreSeenTogetherAndNobodyElseIs(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		if w.mayWrite(w.teacher, karim, sonia) {
			w.t.Error("families are seen together before anybody asked them")
		}
		w.agreed(id, w.karim)
		if w.mayWrite(w.teacher, karim, sonia) {
			w.t.Error("one agreed, the other is seen too")
		}
		token := w.agreed(id, w.sonia)
		if !w.mayWrite(w.teacher, strings.ToUpper(karim), sonia) {
			w.t.Error("both agreed, and they are not seen together")
		}
		if n := w.seen(w.other, karim); n != 0 {
			w.t.Errorf("another school's head sees them in %d frames", n)
		}
		_, err := w.Answer(t.Context(), token, frame.Withdraw)
		w.check(err)
		if w.mayWrite(w.teacher, karim, sonia) {
			w.t.Error("who withdrew is seen")
		}
	})
}

func TestWhatEndsAConsent(t *testing.T) {
	worlds(t, func(w *world) {
		for what, end := range map[string]func(id int64, token string){
			"the day after the election": func(int64, string) { w.on("2027-10-16") },
			"a withdrawal": func(_ int64, token string) {
				_, err := w.Answer(t.Context(), token, frame.Withdraw)
				w.check(err)
			},
			"the head takes them out":  func(id int64, _ string) { w.check(w.Remove(t.Context(), as(w.head), id, 1)) },
			"the head closes it":       func(id int64, _ string) { w.check(w.Close(t.Context(), as(w.head), id)) },
			"their address is another": func(int64, string) { w.karim.Moves("karim.nouveau@perso.example") },
		} {
			w.on("2026-11-24")
			id := w.made()
			token := w.agreed(id, w.karim)
			address := w.karim.Address
			if w.seen(w.teacher, address) != 1 {
				w.t.Errorf("%s: not seen before", what)
			}
			end(id, token)
			if n := w.seen(w.teacher, w.karim.Address); n != 0 {
				w.t.Errorf("%s: seen in %d frames after", what, n)
			}
			w.on("2026-11-24")
			if err := w.Close(t.Context(), frame.AsOperator(by()), id); err != nil && what != "the head closes it" {
				w.t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func by() identity.By {
	return identity.By{Actor: "cli:durand", Reason: "demande du chef d'établissement"}
}

func TestOnTheLastDayAConsentStillHolds(t *testing.T) {
	worlds(t, func(w *world) {
		w.agreed(w.made(), w.karim)
		w.on("2027-10-15")
		if w.seen(w.teacher, karim) != 1 {
			w.t.Error("over a day too early")
		}
	})
}

func TestOnlyTheHeadKeepsFrames(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		for who, c := range map[string]struct {
			actor frame.Actor
			may   bool
		}{
			"the head":                   {as(w.head), true},
			"an operator":                {frame.AsOperator(by()), true},
			"the deputy":                 {as(w.deputy), false},
			"a teacher":                  {as(w.teacher), false},
			"the head of another school": {as(w.other), false},
			"nobody":                     {frame.Actor{By: by()}, false},
			"nobody who has an account":  {frame.Actor{By: by(), Account: 999_999}, false},
		} {
			acts := map[string]error{}
			_, acts["make"] = w.Make(t.Context(), c.actor, w.elected())
			_, acts["propose"] = w.Propose(t.Context(), c.actor, id, frame.Proposal{Name: who, Address: fmt.Sprintf("x%d@y.example", len(who))})
			_, acts["list"] = w.List(t.Context(), c.actor, "0759001B")
			_, _, acts["show"] = w.Show(t.Context(), c.actor, id)
			_, acts["search"] = w.Search(t.Context(), c.actor, "0759001B", "lea")
			for act, err := range acts {
				if c.may && err != nil || !c.may && !failure.Is(err, failure.NotFound) {
					w.t.Errorf("%s, %s: %v", who, act, err)
				}
			}
		}
	})
}

func TestAHeadWhoseOfficeIsOverKeepsNothing(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		w.head.Ends(w.school, "2026-11-23")
		if _, _, err := w.Show(t.Context(), as(w.head), id); !failure.Is(err, failure.NotFound) {
			w.t.Errorf("the former head: %v", err)
		}
	})
}

func TestAFrameSaysWhatItIsForAndUntilWhen(t *testing.T) {
	worlds(t, func(w *world) {
		good := w.elected()
		for what, change := range map[string]func(f *frame.Frame){
			"no name":           func(f *frame.Frame) { f.Name = "  " },
			"no purpose":        func(f *frame.Frame) { f.Purpose = "" },
			"a long name":       func(f *frame.Frame) { f.Name = strings.Repeat("é", 121) },
			"a name in two":     func(f *frame.Frame) { f.Name = "a\r\nBcc: x@y.example" },
			"an end today":      func(f *frame.Frame) { f.Until = date(w.t, "2026-11-24") },
			"an end far away":   func(f *frame.Frame) { f.Until = date(w.t, "2028-10-15") },
			"no end":            func(f *frame.Frame) { f.Until = frame.Frame{}.Until },
			"an unknown school": func(f *frame.Frame) { f.UAI = "0759009X" },
		} {
			f := good
			change(&f)
			if _, err := w.Make(t.Context(), frame.AsOperator(by()), f); !failure.Is(err, failure.Permanent) && !failure.Is(err, failure.NotFound) {
				w.t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestWhoMayBeAsked(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		mute := w.school.Class("5A").Pupil("Zoé", "NOËL").Guardian("Aline", "")
		for what, c := range map[string]struct {
			p    frame.Proposal
			want failure.Kind
		}{
			"a guardian":                    {frame.Proposal{Guardian: w.karim.ID}, 0},
			"somebody by address":           {frame.Proposal{Name: "M. le Président", Address: typed}, 0},
			"a guardian without an address": {frame.Proposal{Guardian: mute.ID}, failure.Permanent},
			"nobody's number":               {frame.Proposal{Guardian: 999_999}, failure.NotFound},
			"an address without a name":     {frame.Proposal{Address: "x@y.example"}, failure.Permanent},
			"a name without an address":     {frame.Proposal{Name: "X"}, failure.Permanent},
			"nonsense":                      {frame.Proposal{Name: "X", Address: "pas une adresse"}, failure.Permanent},
		} {
			_, err := w.Propose(t.Context(), as(w.head), id, c.p)
			if failure.KindOf(err) != c.want || c.want == 0 && err != nil {
				w.t.Errorf("%s: %v", what, err)
			}
		}
		_, members, err := w.Show(t.Context(), as(w.head), id)
		w.check(err)
		var got []string
		for _, m := range members {
			got = append(got, m.Name+" "+m.State.French())
		}
		slices.Sort(got)
		if !slices.Equal(got, []string{"Karim BENALI sans réponse", "M. le Président sans réponse"}) {
			w.t.Errorf("asked %q", got)
		}
	})
}

// groups knows those of parents.
type groups struct{}

func (groups) ByAddress(_ context.Context, address string) (int64, bool, error) {
	return 7, strings.HasPrefix(address, "parents."), nil
}

// A link is one person's: an address behind which many read is written to nowhere, whoever's school it is of, and is no
// member. What is told of it holds no address.
func TestAGroupIsNotAskedForItsConsent(t *testing.T) {
	worlds(t, func(w *world) {
		w.house.Delivery.OnGroups(groups{})
		id := w.made()
		p := frame.Proposal{Name: "Les parents", Address: "parents.0759002c@" + house.Domain}
		_, asked := w.Propose(t.Context(), as(w.head), id, p)
		_, signed := w.Paper(t.Context(), as(w.head), id, p, date(w.t, "2026-11-20"), "classeur")
		w.karim.Moves(p.Address) // what AAF has is looked at too
		_, ofAAF := w.Propose(t.Context(), as(w.head), w.made(), frame.Proposal{Guardian: w.karim.ID})
		for what, err := range map[string]error{"asked": asked, "on paper": signed, "from AAF": ofAAF} {
			if !failure.Is(err, failure.Permanent) || strings.Contains(err.Error(), "@") || !strings.Contains(err.Error(), "groupe") {
				w.t.Errorf("%s: %v", what, err)
			}
		}
		if _, members, err := w.Show(t.Context(), as(w.head), id); err != nil || len(members) != 0 {
			w.t.Errorf("%d members, %v", len(members), err)
		}
		if n := stores.Column(t, w.house.DB, `SELECT CAST(count(*) AS TEXT) FROM delivery`); n[0] != "0" {
			w.t.Errorf("%s letters", n[0])
		}
	})
}

func TestWhoWasAskedIsNotAskedAgainWithinAnHour(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		first := w.asked(id, w.karim)
		w.clock.Add(time.Hour - time.Second)
		if _, err := w.Propose(t.Context(), as(w.head), id, frame.Proposal{Guardian: w.karim.ID}); !failure.Is(err, failure.Policy) {
			w.t.Errorf("asked again within the hour: %v", err)
		}
		if _, err := w.Read(t.Context(), first); err != nil {
			w.t.Errorf("the link that they have: %v", err)
		}
		w.clock.Add(time.Second)
		if again := w.asked(id, w.karim); again == first {
			w.t.Error("no second letter after the hour")
		}
	})
}

func TestWhoSaidNoIsLeftInPeaceForAMonth(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		first := w.asked(id, w.karim)
		_, err := w.Answer(t.Context(), first, frame.Refuse)
		w.check(err)
		if _, err := w.Propose(t.Context(), as(w.head), id, frame.Proposal{Guardian: w.karim.ID}); !failure.Is(err, failure.Policy) {
			w.t.Errorf("asked again at once: %v", err)
		}
		w.on("2026-12-25")
		again := w.asked(id, w.karim)
		if _, err := w.Read(t.Context(), first); !failure.Is(err, failure.NotFound) {
			w.t.Errorf("the first link still opens: %v", err)
		}
		_, err = w.Answer(t.Context(), again, frame.Accept)
		w.check(err)
		if _, err := w.Propose(t.Context(), as(w.head), id, frame.Proposal{Guardian: w.karim.ID}); !failure.Is(err, failure.Conflict) {
			w.t.Errorf("asked while in it: %v", err)
		}
		if _, members, err := w.Show(t.Context(), as(w.head), id); err != nil || len(members) != 1 {
			w.t.Errorf("%d members, %v", len(members), err)
		}
	})
}

// A signature is recorded with its day and its place; whoever signed is told, and may withdraw by the link.
func TestConsentOnPaper(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		for what, c := range map[string]struct{ day, kept string }{
			"tomorrow": {"2026-11-25", "classeur"}, "nowhere": {"2026-11-20", " "},
		} {
			if _, err := w.Paper(t.Context(), as(w.head), id, frame.Proposal{Guardian: w.karim.ID}, date(w.t, c.day), c.kept); !failure.Is(err, failure.Permanent) {
				w.t.Errorf("%s: %v", what, err)
			}
		}
		_, err := w.Paper(t.Context(), as(w.head), id, frame.Proposal{Guardian: w.karim.ID}, date(w.t, "2026-11-20"), "classeur « élections », bureau du principal")
		w.check(err)
		_, members, err := w.Show(t.Context(), as(w.head), id)
		w.check(err)
		if m := members[0]; m.State != frame.OnPaper || m.Paper != "2026-11-20 classeur « élections », bureau du principal" {
			w.t.Errorf("recorded %+v", m)
		}
		if w.seen(w.teacher, karim) != 1 {
			w.t.Error("who signed is not in the frame")
		}
		if text := w.letter(karim); !strings.Contains(text, "sur papier le 20/11/2026") || strings.Contains(text, "classeur") {
			w.t.Errorf("the letter says %q", text)
		}
		_, err = w.Answer(t.Context(), w.link(karim), frame.Withdraw)
		w.check(err)
		if w.seen(w.teacher, karim) != 0 {
			w.t.Error("who withdrew is in the frame")
		}
	})
}

func TestTheHeadFindsGuardiansByTheirChildAndSeesNoAddress(t *testing.T) {
	worlds(t, func(w *world) {
		w.karim.Leaves()
		w.school.Class("5A").Pupil("Zoé", "NOËL").Guardian("Aline", "")
		for text, want := range map[string]string{
			"diallo":     "Sonia DIALLO? Tom DIALLO (4E3) true",
			"tom":        "Sonia DIALLO? Tom DIALLO (4E3) true",
			"noel zoe":   "Aline NOËL? Zoé NOËL (5A) false",
			"lea benali": "",
			"  ":         "",
			"xyz":        "",
		} {
			list, err := w.Search(t.Context(), as(w.head), "0759001B", text)
			w.check(err)
			var got []string
			for _, c := range list {
				got = append(got, fmt.Sprintf("%s? %s %v", c.Name, c.Of, c.Mail))
			}
			if strings.Join(got, "; ") != want {
				w.t.Errorf("%q finds %q, want %q", text, got, want)
			}
		}
	})
}

func TestNothingButTheMembersListNamesAnAddress(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		token := w.agreed(id, w.karim)
		_, err := w.Answer(t.Context(), token, frame.Withdraw)
		w.check(err)
		w.check(w.Remove(t.Context(), as(w.head), id, 1))
		got := stores.Column(w.t, w.house.DB, `SELECT actor || ' ' || action || ' ' || subject || ' ' || reason || ' ' || detail FROM journal ORDER BY seq`)
		want := []string{
			fmt.Sprintf(`%s frame.make frame:%d depuis les pages {"uai":"0759001B","until":"2027-10-15"}`, w.head.Login, id),
			fmt.Sprintf("%s frame.propose frame:%d/1 depuis les pages ", w.head.Login, id),
			fmt.Sprintf("lien frame.accept frame:%d/1  ", id),
			fmt.Sprintf("lien frame.withdraw frame:%d/1  ", id),
			fmt.Sprintf("%s frame.remove frame:%d/1 depuis les pages ", w.head.Login, id),
		}
		if !slices.Equal(got, want) {
			w.t.Errorf("the journal has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestTheAddressesOfAnOldFrameAreForgotten(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		w.agreed(id, w.karim)
		w.on("2028-10-14")
		n, err := w.Prune(t.Context())
		w.check(err)
		if n != 0 {
			w.t.Errorf("%d forgotten within the year", n)
		}
		w.on("2028-10-16")
		n, err = w.Prune(t.Context())
		w.check(err)
		_, members, err := w.Show(t.Context(), frame.AsOperator(by()), id)
		w.check(err)
		if n != 1 || members[0].Address != "" || members[0].State != frame.Agreed {
			w.t.Errorf("%d forgotten: %+v", n, members[0])
		}
	})
}

// Two who ask at once ask different people under different numbers.
func TestProposalsAtTheSameTimeAreAllKept(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		const each = 5
		done := make(chan error)
		for who := range 2 {
			go func() {
				var err error
				for i := range each {
					if err == nil {
						_, err = w.Propose(t.Context(), as(w.head), id, frame.Proposal{Name: "X", Address: fmt.Sprintf("x%d.%d@y.example", who, i)})
					}
				}
				done <- err
			}()
		}
		for range 2 {
			if err := <-done; err != nil {
				w.t.Error(err)
			}
		}
		_, members, err := w.Show(t.Context(), as(w.head), id)
		w.check(err)
		addresses := map[string]bool{}
		for _, m := range members {
			addresses[m.Address] = true
		}
		if len(members) != 2*each || len(addresses) != 2*each {
			w.t.Errorf("%d members with %d addresses", len(members), len(addresses))
		}
	})
}
