package directory

import (
	"errors"
	"fmt"
	"time"
)

// ErrDate says that a text is no calendar date in a form the HR file allows.
var ErrDate = errors.New("date attendue sous la forme JJ/MM/AAAA ou AAAA-MM-JJ")

// Date is a day of the civil calendar, without hour or zone: a birth date, the
// first or last day of a function. The zero Date means "not given".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads JJ/MM/AAAA or ISO 8601 (AAAA-MM-JJ). The day must exist:
// 30/02/1980 is refused. Years run from 1900 to 2199, which catches two-digit
// years and shifted columns.
func ParseDate(s string) (Date, error) {
	var day, month, year string
	switch {
	case len(s) == 10 && s[2] == '/' && s[5] == '/':
		day, month, year = s[0:2], s[3:5], s[6:10]
	case len(s) == 10 && s[4] == '-' && s[7] == '-':
		year, month, day = s[0:4], s[5:7], s[8:10]
	default:
		return Date{}, ErrDate
	}
	d, okDay := digits(day)
	m, okMonth := digits(month)
	y, okYear := digits(year)
	if !okDay || !okMonth || !okYear {
		return Date{}, ErrDate
	}
	if y < 1900 || y > 2199 {
		return Date{}, fmt.Errorf("année %d hors de 1900-2199", y)
	}
	date := Date{Year: y, Month: time.Month(m), Day: d}
	if DateOf(date.UTC()) != date {
		return Date{}, fmt.Errorf("ce jour n'existe pas : %s", s)
	}
	return date, nil
}

// digits reads a text made of ASCII digits only.
func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, len(s) > 0
}

// DateOf gives the day of t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

// IsZero reports that no date was given.
func (d Date) IsZero() bool { return d == Date{} }

// UTC gives midnight UTC of the day.
func (d Date) UTC() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Compare is negative when d comes before other, positive when it comes after.
func (d Date) Compare(other Date) int { return d.UTC().Compare(other.UTC()) }

// AddDays gives the day that comes n days later, or earlier for a negative n.
func (d Date) AddDays(n int) Date { return DateOf(d.UTC().AddDate(0, 0, n)) }

// DaysAfter gives how many days d comes after other; negative when it comes before.
func (d Date) DaysAfter(other Date) int { return int(d.UTC().Sub(other.UTC()).Hours() / 24) }

// String gives ISO 8601 (AAAA-MM-JJ), or the empty text for the zero Date: the
// form that is stored, and that sorts.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// French gives JJ/MM/AAAA, the form an agent reads.
func (d Date) French() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d/%02d/%04d", d.Day, int(d.Month), d.Year)
}
