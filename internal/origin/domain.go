package origin

import (
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"navette/internal/directory"
)

// domain is one of ours, in the forms in which it is looked for in others.
type domain struct {
	name   string   // ac-paris.fr
	looks  string   // its skeleton
	labels int      // 2
	stem   []string // its words but for the last label, as skeletons: ac, paris
	glued  string   // acparis
}

func newDomain(e eye, name string) domain {
	head := name
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		head = name[:dot]
	}
	d := domain{name: name, looks: e.sees(name), labels: strings.Count(name, ".") + 1, stem: tokens(e.sees(head))}
	d.glued = strings.Join(d.stem, "")
	return d
}

func tokens(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(".-_+", r) })
}

// under reports a name that is a domain or lies below it.
func under(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// ministry reports the domains of the other académies and of the ministry (DOMAIN §2.5), which resemble ours by right.
// It is no proof of anything: From is what a sender writes.
func ministry(host string) bool {
	label, tld, found := strings.Cut(host, ".")
	if rest := strings.SplitN(host, ".", -1); len(rest) > 2 {
		label, tld = rest[len(rest)-2], rest[len(rest)-1]
	}
	switch {
	case !found:
		return false
	case under(host, "education.gouv.fr"):
		return true
	case tld == "nc", tld == "pf", tld == "wf":
		return slices.Contains([]string{"ac-noumea", "ac-polynesie", "ac-wf"}, label)
	}
	return tld == "fr" && slices.Contains(academies(), label)
}

func academies() []string {
	return strings.Fields(`ac-aix-marseille ac-amiens ac-besancon ac-bordeaux ac-caen ac-clermont ac-corse ac-creteil ac-dijon ac-grenoble
		ac-guadeloupe ac-guyane ac-lille ac-limoges ac-lyon ac-martinique ac-mayotte ac-montpellier ac-nancy-metz ac-nantes ac-nice
		ac-normandie ac-orleans-tours ac-paris ac-poitiers ac-reims ac-rennes ac-reunion ac-rouen ac-strasbourg ac-toulouse
		ac-versailles ac-spm`)
}

// host gives a domain as it is compared, and as it is read: an IDNA name in its own letters (RFC 5891).
func host(written string) (ascii, shown string) {
	ascii, err := directory.NormalDomain(written)
	if err != nil {
		ascii = strings.ToLower(strings.TrimSuffix(written, "."))
	}
	shown, err = idna.Punycode.ToUnicode(ascii)
	if err != nil {
		shown = ascii
	}
	return ascii, shown
}

// resembles reports that a domain, which is not below this one, is made to be taken for it: the same to the eye, a letter
// more, less, wrong or out of its place; or it borrows the name under another ending, before another domain, or among
// the words of a label.
func (d domain) resembles(e eye, shown string) bool {
	seen := e.sees(shown)
	labels := strings.Split(seen, ".")
	last := strings.Join(labels[max(0, len(labels)-d.labels):], ".")
	if last == d.looks || len(d.looks) > minNear && near(last, d.looks) {
		return true
	}
	for _, label := range labels {
		if contains(tokens(label), d.stem) || glued(label) == d.glued || glued(label) == glued(d.looks) {
			return true
		}
	}
	return contains(tokens(strings.Join(labels[:len(labels)-1], ".")), d.stem) && len(d.stem) > 1
}

// minNear is the length from which one letter of difference is no accident: « ac-lyon.fr » is ten letters long.
const minNear = 8

func glued(s string) string { return strings.NewReplacer("-", "", ".", "", "_", "").Replace(s) }

// near reports that two texts differ by one letter more, less, wrong, or by two that changed places.
func near(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	restX, restY := x[i:], y[i:]
	switch len(y) - len(x) {
	case 0:
		if len(restX) == 0 {
			return false // the same
		}
		swapped := len(restX) > 1 && restX[0] == restY[1] && restX[1] == restY[0] && slices.Equal(restX[2:], restY[2:])
		return swapped || slices.Equal(restX[1:], restY[1:])
	case 1:
		return slices.Equal(restX, restY[1:])
	}
	return false
}
