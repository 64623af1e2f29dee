package annuaire

import "navette/internal/directory"

// Kind is what an entry is of.
type Kind uint8

// The kinds.
const (
	Person  Kind = iota + 1
	Box          // functional: an establishment's, a service's
	Vacancy      // a post that nobody holds; Address is that of the establishment's box, or ""
)

// Entry is what the directory shows of somebody, or of a post.
type Entry struct {
	Kind      Kind
	Account   int64  // of a person or a box; 0 for a vacancy. The identity of the entry for protocols.
	Name      string // « Claire MARTIN », « Collège Mathilde-Vauquelin », « Principal — poste vacant »
	Address   string // primary; "" only for the vacancy of an establishment without a box
	Functions []Function
	Guarantee Guarantee // of people; zero for the others
	Colleague bool      // works where who asks works
	Hidden    bool      // on the liste rouge: whoever sees this is entitled, and must not pass it on
}

// Function is a post as it is shown.
type Function struct {
	Title         string // « Principal », « Enseignement »; in French
	Code          string // of the feed: DIR, ENS…
	Corps         string // as HR writes it, or ""
	Discipline    string // what is taught, as HR writes it, or ""
	Establishment Establishment
	From          directory.Date // of what begins later; zero for what is held today
}

// Establishment is where. An establishment that the directory does not know has its UAI alone.
type Establishment struct{ UAI, Name, City, Department string }

// Guarantee says who vouches for a person's identity. It is zero for what is nobody's.
type Guarantee struct {
	Verified bool           // by HR; else a head vouches for a provisional account
	Document string         // that HR gave as its reference, or ""
	Since    directory.Date // when the identity came into the directory as it is
}

// Sentence is the guarantee as it is shown, in French: « Identité garantie par les services RH (ARR-1, enregistré le
// 03/09/2026) ».
func (g Guarantee) Sentence() string {
	return g.tell("Identité non vérifiée (compte provisoire)", "Identité garantie par les services RH", "enregistré le ")
}

// English is Sentence in English.
func (g Guarantee) English() string {
	return g.tell("Identity not verified (provisional account)", "Identity guaranteed by human resources", "registered on ")
}

func (g Guarantee) tell(provisional, verified, since string) string {
	switch {
	case g.Since.IsZero():
		return ""
	case !g.Verified:
		return provisional
	case g.Document == "":
		return verified + " (" + since + g.Since.French() + ")"
	}
	return verified + " (" + g.Document + ", " + since + g.Since.French() + ")"
}
