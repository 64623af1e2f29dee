package guard_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
)

// cast is everybody of the tests, and some more families.
func cast() []someone {
	return slices.Concat(personal(7), []someone{
		claire, ownBox, head, cpe, dsden, vieScol, colleague, psyEN, anne, marc, lea, karim, president, sonia, yann, inBoth, elsewhere, fatherAtWork,
		fatherAtHome, unknown, alias(unknown, "mere.de.5b@gmail.com"), alias(unknown, "pere.de.5b@orange.fr"), lawyer, townHall,
		parents4E3, pupils4E3, teachers4E3, parents5A, staffAfar, list, listOutside,
	})
}

// anyLetter draws a letter: who gets it, in which fields, who is shown besides, what it answers and quotes. Nobody stands in it twice.
func anyLetter(t *rapid.T) letter {
	people := rapid.Permutation(cast()).Draw(t, "people")[:rapid.IntRange(0, 9).Draw(t, "how many")]
	fields := []guard.Field{guard.Hidden, guard.To, guard.Cc, guard.Other, guard.Words}
	var parts []part
	for _, p := range people {
		field := rapid.SampledFrom(fields).Draw(t, "field")
		if rapid.IntRange(0, 5).Draw(t, "without a copy") == 0 && field != guard.Hidden {
			parts = append(parts, shown(field, p))
		} else {
			parts = append(parts, in(field, []someone{p}))
		}
	}
	thread := rapid.SliceOf(rapid.SampledFrom(cast())).Draw(t, "thread")
	if rapid.Bool().Draw(t, "all were in it") {
		thread = append(thread, people...)
	}
	switch rapid.IntRange(0, 5).Draw(t, "answers") {
	case 0, 1:
		parts = append(parts, answers(thread...))
	case 2:
		parts = append(parts, answersAgent(thread...))
	case 3:
		parts = append(parts, hadByCci(thread...))
	}
	if rapid.IntRange(0, 4).Draw(t, "quotes") == 0 {
		parts = append(parts, quoting(rapid.SliceOf(rapid.SampledFrom([]someone{anne, marc, lea})).Draw(t, "quoted")...))
	}
	l := write(t, parts...)
	l.Apart = rapid.IntRange(0, 6).Draw(t, "apart") == 0
	l.Rules.Separates = rapid.IntRange(0, 3).Draw(t, "separates") == 0
	return l
}

func anyDoor(t *rapid.T) guard.Door {
	return rapid.SampledFrom(slices.Sorted(maps.Values(doors))).Draw(t, "door")
}

// told is all that a sender learns.
type told struct {
	Verdicts []guard.Decision // without the recipients
	Concerns []guard.Concern
	Refusal  string
	Asked    string
}

func learns(d guard.Decisions) told {
	out := told{Concerns: d.Concerns(), Refusal: textOf(d)}
	_, err := d.Clear(false)
	out.Asked = failure.TextOf(err, "")
	for _, one := range d.Told() {
		one.Recipient = guard.Recipient{}
		out.Verdicts = append(out.Verdicts, one)
	}
	return out
}

func TestEveryRecipientHasOneAnswerInTheirOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, door := anyLetter(t), anyDoor(t)
		d := l.through(door)
		for name, list := range map[string][]guard.Decision{"decided": d.List(), "told": d.Told()} {
			var got []guard.Recipient
			for _, one := range list {
				got = append(got, one.Recipient)
				if one.Verdict < guard.Deliver || one.Verdict > guard.Refuse {
					t.Errorf("%s: verdict %d", name, one.Verdict)
				}
			}
			if diff := cmp.Diff(l.Recipients, got); diff != "" {
				t.Errorf("%s (-recipients +answered)\n%s", name, diff)
			}
		}
	})
}

// Invariant 4, first half.
func TestTheOrderOfRecipientsDecidesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, door := anyLetter(t), anyDoor(t)
		want := byAddress(l.through(door))
		turned := l
		turned.Recipients, turned.Shown = slices.Clone(l.Recipients), slices.Clone(l.Shown)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		random.Shuffle(len(turned.Recipients), func(i, j int) {
			turned.Recipients[i], turned.Recipients[j] = turned.Recipients[j], turned.Recipients[i]
		})
		slices.Reverse(turned.Shown)
		if diff := cmp.Diff(want, byAddress(turned.through(door))); diff != "" {
			t.Errorf("(-in order +in another)\n%s", diff)
		}
	})
}

func byAddress(d guard.Decisions) map[string]guard.Decision {
	out := map[string]guard.Decision{}
	for _, one := range d.List() {
		out[one.Recipient.Address] = one
	}
	for _, c := range d.Concerns() {
		out[c.Reason.String()] = guard.Decision{Text: c.Text}
	}
	return out
}

// Invariant 4, second half.
func TestWhoIsMovedToCciMakesNothingWorse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, door := anyLetter(t), anyDoor(t)
		before := badness(l.through(door))
		for i, r := range l.Recipients {
			if r.Class != guard.Protected || !r.Entitled || r.Field == guard.Hidden {
				continue
			}
			moved := l
			moved.Recipients = slices.Clone(l.Recipients)
			moved.Recipients[i].Field = guard.Hidden
			if after := badness(moved.through(door)); after > before {
				t.Errorf("%s in Cci: %s\nbefore: %s", r.Address, outcome(moved.through(door)), outcome(l.through(door)))
			}
		}
	})
}

// badness orders outcomes: sent, told afterwards, asked, refused.
func badness(d guard.Decisions) int {
	if textOf(d) != "" {
		return 3
	}
	if _, err := d.Clear(false); err != nil {
		return 2
	}
	return min(len(d.Notices()), 1)
}

// Invariant 3: what the sender learns is the same, and where the school is none of theirs, what is done is too.
func TestAGuardianWhomTheSenderMayNotKnowIsLikeAnyExternalAddress(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := anyLetter(t)
		door := rapid.SampledFrom([]guard.Door{guard.Submission, guard.Webmail}).Draw(t, "door")
		plain := l
		plain.Recipients, plain.Shown = asExternal(l.Recipients), asExternal(l.Shown)
		if diff := cmp.Diff(learns(plain.through(door)), learns(l.through(door))); diff != "" {
			t.Errorf("the sender can tell (-external +guardian)\n%s", diff)
		}
		l.Schools, plain.Schools = []string{lycee}, []string{lycee}
		if diff := cmp.Diff(outcome(plain.through(door)), outcome(l.through(door))); diff != "" {
			t.Errorf("a stranger is answered otherwise (-external +guardian)\n%s", diff)
		}
	})
}

func asExternal(list []guard.Recipient) []guard.Recipient {
	out := slices.Clone(list)
	for i, r := range out {
		if r.Class == guard.Protected && !r.Entitled {
			out[i].Standing = guard.Standing{}
		}
	}
	return out
}

// Invariant 2.
func TestNoTextHoldsAnAddressOrTellsWhatTheSenderMayNotKnow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, door := anyLetter(t), anyDoor(t)
		known := len(l.Quoted) > 0 || l.Answered != nil && l.Answered.ByProtected
		everybody := slices.Concat(l.Recipients, l.Shown)
		for _, r := range everybody {
			known = known || r.Class == guard.Protected && r.Entitled
		}
		for _, text := range textsOf(l.through(door)) {
			if french, english, both := strings.Cut(text, " / "); !both || french == "" || english == "" || strings.Contains(english, " / ") {
				t.Errorf("not in two languages: %q", text)
			}
			for _, r := range everybody {
				local, domain, _ := strings.Cut(r.Address, "@")
				if strings.Contains(text, "@") || strings.Contains(text, local) || strings.Contains(text, domain) {
					t.Errorf("%q names %s", text, r.Address)
				}
			}
			for _, word := range []string{"responsable", "élève", "guardian", "pupil"} {
				if !known && strings.Contains(text, word) {
					t.Errorf("%q tells who is a guardian", text)
				}
			}
		}
	})
}

func textsOf(d guard.Decisions) []string {
	var out []string
	for _, one := range slices.Concat(d.List(), d.Told()) {
		if one.Text != "" {
			out = append(out, one.Text)
		} else if one.Verdict == guard.Refuse || one.Verdict == guard.Confirm {
			out = append(out, "a refusal without a text")
		}
	}
	for _, c := range d.Concerns() {
		out = append(out, c.Text)
	}
	return out
}

// Invariant 1, by the readers: whoever gets a plain copy reads no protected address but their own, unless they work for
// the school, share a frame, or are a colleague beside the only one that is shown.
func TestNoPlainCopyShowsAProtectedAddressToWhomTheTableDoesNotGiveIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := anyLetter(t)
		door := rapid.SampledFrom([]guard.Door{guard.Submission, guard.Webmail, guard.LMTP, guard.System}).Draw(t, "door")
		d := l.through(door)
		cleared, err := d.Clear(true)
		if err != nil {
			return
		}
		for _, reader := range cleared.Recipients() {
			if reader.Verdict == guard.Separate || reader.Recipient.Own {
				continue
			}
			for _, whom := range slices.Concat(l.Recipients, l.Shown) {
				if whom.Class == guard.Protected && whom.Field != guard.Hidden && d.Shows(whom.Address) && !mayRead(reader.Recipient, whom, l) {
					t.Errorf("%s reads %s: %s", reader.Recipient.Address, whom.Address, outcome(d))
				}
			}
		}
	})
}

func mayRead(reader, whom guard.Recipient, l letter) bool {
	switch {
	case directory.MatchKey(reader.Address) == directory.MatchKey(whom.Address), share(reader.Frames, whom.Frames):
		return true
	case reader.Class == guard.Protected, reader.Class == guard.External, reader.Class == guard.Presumed, reader.Outside:
		return false
	case share(reader.Schools, whom.Schools):
		return true
	}
	return reader.Field != guard.Hidden || reader.Class == guard.Group // it was confirmed, or the sender is told
}

func share[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}

// A remedy is one click: the message that comes of it is not refused for the same, nor for anything else of the kind.
func TestEveryRemedyHeals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := anyLetter(t)
		door := rapid.SampledFrom([]guard.Door{guard.Submission, guard.Webmail}).Draw(t, "door")
		d := l.through(door)
		if refused := reasonsRefused(d); len(refused) == 0 || refused[guard.GroupClosed] {
			return
		}
		separate := l
		separate.Apart = true
		if text := textOf(separate.through(door)); text != "" {
			t.Errorf("« Envoyer séparément » is refused: %s", text)
		}
		if text := textOf(moved(l, d).through(door)); text != "" {
			t.Errorf("« Mettre en Cci » is refused: %s\nbefore: %s", text, outcome(d))
		}
	})
}

func reasonsRefused(d guard.Decisions) map[guard.Reason]bool {
	out := map[guard.Reason]bool{}
	for _, one := range d.List() {
		if one.Verdict == guard.Refuse {
			out[one.Reason] = true
		}
	}
	return out
}

// moved is the letter once « Mettre en Cci » was chosen for those who are refused; nobody is shown without a copy.
func moved(l letter, d guard.Decisions) letter {
	l.Recipients, l.Shown = slices.Clone(l.Recipients), nil
	for i, one := range d.List() {
		if one.Verdict == guard.Refuse {
			l.Recipients[i].Field = guard.Hidden
		}
	}
	return l
}
