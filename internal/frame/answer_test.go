package frame_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/failure"
	"navette/internal/frame"
	"navette/internal/testkit/stores"
)

// The page says what is asked, who would see, until when, and nothing about anybody else.
func TestALinkShowsWhatIsAskedAndChangesNothing(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		w.agreed(id, w.sonia)
		token := w.asked(id, w.karim)
		for range 3 { // a mail filter opens it before the guardian does
			q, err := w.Read(t.Context(), token)
			w.check(err)
			want := frame.Question{School: "Collège Jean Exemple", Frame: "Parents élus au conseil d'administration", Purpose: "Préparer les conseils ensemble.",
				Name: "Karim BENALI", Address: karim, Until: "2027-10-15", Others: 1, State: frame.Asked}
			if q != want {
				w.t.Errorf("the page shows %+v, want %+v", q, want)
			}
		}
		if w.seen(w.teacher, karim) != 0 {
			w.t.Error("to open the page is to agree")
		}
		letter := w.letter(karim)
		for _, said := range []string{"Parents élus", "Préparer les conseils", "15/10/2027", "24/12/2026"} {
			if !strings.Contains(letter, said) {
				w.t.Errorf("the letter does not say %q: %q", said, letter)
			}
		}
		if strings.Contains(letter, "sonia") {
			w.t.Errorf("the letter names somebody else: %q", letter)
		}
	})
}

func TestWhichAnswersALinkTakes(t *testing.T) {
	worlds(t, func(w *world) {
		for _, c := range []struct {
			said []frame.Answer
			want frame.State
			kind failure.Kind // of the last; 0: it is taken
		}{
			{[]frame.Answer{frame.Accept}, frame.Agreed, 0},
			{[]frame.Answer{frame.Accept, frame.Accept}, frame.Agreed, 0},
			{[]frame.Answer{frame.Accept, frame.Withdraw}, frame.Withdrawn, 0},
			{[]frame.Answer{frame.Accept, frame.Withdraw, frame.Withdraw}, frame.Withdrawn, 0},
			{[]frame.Answer{frame.Accept, frame.Withdraw, frame.Accept}, frame.Withdrawn, failure.Conflict},
			{[]frame.Answer{frame.Accept, frame.Refuse}, frame.Agreed, failure.Conflict},
			{[]frame.Answer{frame.Refuse}, frame.Refused, 0},
			{[]frame.Answer{frame.Refuse, frame.Refuse}, frame.Refused, 0},
			{[]frame.Answer{frame.Refuse, frame.Accept}, frame.Refused, failure.Conflict},
			{[]frame.Answer{frame.Refuse, frame.Withdraw}, frame.Refused, failure.Conflict},
			{[]frame.Answer{frame.Withdraw}, frame.Asked, failure.Conflict},
			{[]frame.Answer{"autre"}, frame.Asked, failure.Conflict},
		} {
			id := w.made()
			token := w.asked(id, w.karim)
			var err error
			for _, said := range c.said {
				_, err = w.Answer(t.Context(), token, said)
			}
			q, rerr := w.Read(t.Context(), token)
			w.check(rerr)
			if failure.KindOf(err) != c.kind || c.kind == 0 && err != nil || q.State != c.want {
				w.t.Errorf("%v: %v, then %q", c.said, err, q.State.French())
			}
			w.check(w.Close(t.Context(), as(w.head), id))
		}
	})
}

func TestHowLongALinkOpens(t *testing.T) {
	worlds(t, func(w *world) {
		id := w.made()
		waiting, agreed := w.asked(id, w.karim), w.agreed(id, w.sonia)
		for _, c := range []struct {
			day             string
			waiting, agreed bool
		}{
			{"2026-11-24", true, true}, {"2026-12-23", true, true}, {"2026-12-24", false, true}, {"2027-10-15", false, true}, {"2027-10-16", false, false},
		} {
			w.on(c.day)
			for token, opens := range map[string]bool{waiting: c.waiting, agreed: c.agreed, "AAAAAAAAAAAAAAAAAAAAAA": false, "": false} {
				if _, err := w.Read(t.Context(), token); (err == nil) != opens || err != nil && !failure.Is(err, failure.NotFound) {
					w.t.Errorf("on %s, a link that should open %v: %v", c.day, opens, err)
				}
			}
		}
	})
}

func TestTheDatabaseDoesNotHoldTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	token := w.asked(w.made(), w.karim)
	for _, text := range stores.Column(t, w.house.DB, `SELECT CAST(link_hash AS TEXT) FROM frame_member`) {
		if strings.Contains(text, token) {
			t.Error("the token stands in the database")
		}
	}
	if _, err := w.Read(t.Context(), strings.ToLower(token)); err == nil && token != strings.ToLower(token) {
		t.Error("a link opens in another case")
	}
}

// Whatever is answered in whatever order, an address is seen exactly while the last thing that its holder said, and that
// counted, was yes.
func TestAnAddressIsSeenExactlyWhileItsHolderAgrees(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stores.SQLite(t))
	rapid.Check(t, func(rt *rapid.T) {
		id := w.made()
		token := w.asked(id, w.karim)
		state := frame.Asked
		for range rapid.IntRange(1, 8).Draw(rt, "answers") {
			said := rapid.SampledFrom([]frame.Answer{frame.Accept, frame.Refuse, frame.Withdraw}).Draw(rt, "said")
			switch {
			case state == frame.Asked && said == frame.Accept:
				state = frame.Agreed
			case state == frame.Asked && said == frame.Refuse:
				state = frame.Refused
			case state == frame.Agreed && said == frame.Withdraw:
				state = frame.Withdrawn
			}
			w.Answer(t.Context(), token, said) //nolint:errcheck // what is no answer changes nothing
			if seen := w.seen(w.teacher, karim) == 1; seen != (state == frame.Agreed) {
				rt.Fatalf("after %q, state %q: seen %v", said, state.French(), seen)
			}
		}
		w.check(w.Close(t.Context(), as(w.head), id))
	})
}
