package mail

import (
	"strconv"
	"strings"
	"time"
)

// ParseDate reads a Date field (RFC 5322 §3.3 and §4.3) and what else occurs there: no weekday, no seconds, no zone,
// two-digit years, asctime's order, ISO 8601. ok is false if there is no date in it. A missing zone is UTC.
func ParseDate(s string) (t time.Time, ok bool) {
	var d dateParts
	d.month, d.hour = 0, -1
	for s = withoutComments(s); ; {
		s = strings.TrimLeft(s, " \t,\r\n")
		if s == "" {
			break
		}
		end := strings.IndexAny(s, " \t,\r\n")
		if end < 0 {
			end = len(s)
		}
		if !d.word(s[:end]) {
			return time.Time{}, false
		}
		s = s[end:]
	}
	return d.time()
}

// dateParts gathers the words of a date in whatever order they come.
type dateParts struct {
	day, month, year     int
	hour, minute, second int // hour is -1 until the time is seen
	zone                 int // seconds east of UTC
}

func (d *dateParts) word(w string) bool {
	switch {
	case strings.Count(w, ":") >= 1 && w[0] >= '0' && w[0] <= '9' && len(w) <= 8:
		return d.clock(w)
	case w[0] == '+' || (w[0] == '-' && len(w) > 1):
		return d.offset(w)
	case w[0] >= '0' && w[0] <= '9':
		return d.number(w)
	}
	if len(w) >= 3 {
		if at := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", strings.ToLower(w[:3])); at >= 0 && at%3 == 0 && d.month == 0 {
			d.month = at/3 + 1
			return true
		}
	}
	if hours, known := namedZone(w); known && d.hour >= 0 {
		d.zone = hours * 3600
	}
	return true // a weekday, "at", anything else
}

// number is a day, a year, or a date in one word: 2024-03-12, 12-Mar-2024, 2024-03-12T10:00:00Z.
func (d *dateParts) number(w string) bool {
	if strings.IndexByte(w, '-') > 0 {
		return d.joined(w)
	}
	n, err := strconv.Atoi(strings.TrimRight(w, "."))
	if err != nil || n > 9999 {
		return err == nil
	}
	switch {
	case d.day == 0 && n >= 1 && n <= 31 && len(w) <= 2:
		d.day = n
	case d.year == 0:
		d.year = fullYear(n, len(w))
	}
	return true
}

func (d *dateParts) joined(w string) bool {
	if at := strings.IndexAny(w, "Tt"); at == 10 {
		t, err := time.Parse(time.RFC3339, strings.ToUpper(w))
		if err != nil {
			return false
		}
		_, d.zone = t.Zone()
		d.year, d.month, d.day = t.Year(), int(t.Month()), t.Day()
		d.hour, d.minute, d.second = t.Clock()
		return true
	}
	parts := strings.Split(w, "-")
	if len(parts) != 3 {
		return true
	}
	first, err1 := strconv.Atoi(parts[0])
	last, err3 := strconv.Atoi(parts[2])
	middle, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err3 != nil {
		return true
	}
	if err2 != nil {
		d.day, d.year = first, fullYear(last, len(parts[2]))
		return d.word(parts[1])
	}
	d.month = middle
	if len(parts[0]) == 4 {
		d.year, d.day = first, last
	} else {
		d.day, d.year = first, fullYear(last, len(parts[2]))
	}
	return true
}

// fullYear completes years of two and three digits (RFC 5322 §4.3).
func fullYear(n, digits int) int {
	switch {
	case digits == 2 && n < 50:
		return n + 2000
	case digits <= 3:
		return n + 1900
	}
	return n
}

func (d *dateParts) clock(w string) bool {
	hour, rest, _ := strings.Cut(w, ":")
	minute, second, hasSecond := strings.Cut(rest, ":")
	var err1, err2, err3 error
	d.hour, err1 = strconv.Atoi(hour)
	d.minute, err2 = strconv.Atoi(minute)
	if hasSecond {
		d.second, err3 = strconv.Atoi(second)
	}
	return err1 == nil && err2 == nil && err3 == nil
}

func (d *dateParts) offset(w string) bool {
	digits := strings.ReplaceAll(w[1:], ":", "")
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) < 3 || len(digits) > 4 {
		return true // -0000 and dirt: UTC
	}
	d.zone = (n/100*60 + n%100) * 60
	if d.zone > 24*3600 {
		d.zone = 0
	}
	if w[0] == '-' {
		d.zone = -d.zone
	}
	return true
}

// namedZone gives hours east of UTC. RFC 5322 §4.3 names the American zones; the European ones are seen in France.
func namedZone(w string) (hours int, known bool) {
	switch strings.ToUpper(w) {
	case "UT", "UTC", "GMT", "Z":
		return 0, true
	case "CET", "MET":
		return 1, true
	case "CEST", "MEST", "EET":
		return 2, true
	case "EDT":
		return -4, true
	case "EST", "CDT":
		return -5, true
	case "CST", "MDT":
		return -6, true
	case "MST", "PDT":
		return -7, true
	case "PST":
		return -8, true
	}
	return 0, false
}

func (d *dateParts) time() (time.Time, bool) {
	if d.day < 1 || d.day > 31 || d.month < 1 || d.month > 12 || d.year < 1 || d.year > 9999 ||
		d.hour > 24 || d.minute < 0 || d.minute > 59 || d.second < 0 || d.second > 60 {
		return time.Time{}, false
	}
	zone := time.UTC
	if d.zone != 0 {
		zone = time.FixedZone("", d.zone)
	}
	return time.Date(d.year, time.Month(d.month), d.day, max(d.hour, 0), d.minute, d.second, 0, zone), true
}

// withoutComments removes parentheses with what they hold.
func withoutComments(s string) string {
	if strings.IndexByte(s, '(') < 0 {
		return s
	}
	var b strings.Builder
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '(':
			depth++
		case s[i] == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
