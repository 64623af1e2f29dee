package directory

import (
	"strconv"
	"strings"
)

// GroupLocal gives the local part of a computed group's address: a word for its members, the slug of the class or group
// that they are of ("" for a whole school), and the UAI: parents.4e3.0759001b. n numbers groups whose names make the same
// slug: 0 gives the bare one, 1 gives parents.4e3-2.0759001b, and so on. No person, box or list can have such a local
// part (Reserved).
func GroupLocal(word, slug, uai string, n int) string {
	suffix := ""
	if n > 0 {
		suffix = "-" + strconv.Itoa(n+1)
	}
	uai = strings.ToLower(uai)
	if slug == "" && n == 0 {
		return word + "." + uai
	}
	room := MaxLocal - len(word) - len(uai) - len("..") - len(suffix)
	return word + "." + strings.TrimPrefix(shorten(slug, room)+suffix, "-") + "." + uai
}

// IsGroupLocal tells the local parts that are kept for computed groups: those whose last word has the form of a UAI, after
// a dot.
func IsGroupLocal(local string) bool {
	dot := strings.LastIndexByte(local, '.')
	if dot < 0 || len(local)-dot-1 != 8 {
		return false
	}
	_, number := digits(local[dot+1 : len(local)-1])
	key := local[len(local)-1]
	return number && (key >= 'a' && key <= 'z' || key >= 'A' && key <= 'Z')
}
