package box

import (
	"time"

	"navette/internal/directory"
)

// Rules say how long an interim lasts. They are data, as the field has them.
type Rules struct {
	// SummerFrom and InterimLast bound the part of the year in which a post of head that falls vacant is a matter of the
	// rentrée: the successor is being named, and the interim lasts to InterimLast of that year at most. At other times
	// there is none: an order of interim comes with its own line in the HR file, and until then the alarm tells.
	SummerFrom  Day
	InterimLast Day
}

// Day is a day of every year.
type Day struct {
	Month time.Month
	Day   int
}

// DefaultRules are: vacancies from 1 June on, interim until 31 October.
func DefaultRules() Rules {
	return Rules{SummerFrom: Day{time.June, 1}, InterimLast: Day{time.October, 31}}
}

// interimUntil gives the last day of the interim of a post that is vacant since a day; the zero date where there is
// none.
func (r Rules) interimUntil(vacant directory.Date) directory.Date {
	first, last := r.SummerFrom.in(vacant.Year), r.InterimLast.in(vacant.Year)
	if vacant.Compare(first) < 0 || vacant.Compare(last) > 0 {
		return directory.Date{}
	}
	return last
}

func (d Day) in(year int) directory.Date {
	return directory.Date{Year: year, Month: d.Month, Day: d.Day}
}
