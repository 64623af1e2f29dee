package demo

import (
	"fmt"
	"time"
)

// at gives an instant in Paris. The demo's mail runs over one school year and the autumn after it.
func at(year int, month time.Month, day, hour, minute int) time.Time {
	// The offset of a day is that of its noon: nobody writes while clocks change.
	zone := time.FixedZone("CET", 3600)
	if summerTime(time.Date(year, month, day, 12, 0, 0, 0, time.UTC)) {
		zone = time.FixedZone("CEST", 7200)
	}
	return time.Date(year, month, day, hour, minute, 0, 0, zone)
}

// summerTime follows directive 2000/84/EC: from the last Sunday of March to that of October.
func summerTime(t time.Time) bool {
	start, end := lastSunday(t.Year(), time.March), lastSunday(t.Year(), time.October)
	return !t.Before(start) && t.Before(end)
}

func lastSunday(year int, month time.Month) time.Time {
	last := time.Date(year, month+1, 0, 1, 0, 0, 0, time.UTC)
	return last.AddDate(0, 0, -int(last.Weekday()))
}

// workday moves a week-end forward to Monday, same hour.
func workday(t time.Time) time.Time {
	switch t.Weekday() {
	case time.Saturday:
		t = t.AddDate(0, 0, 2)
	case time.Sunday:
		t = t.AddDate(0, 0, 1)
	}
	return at(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute())
}

// daytime moves what would be written at night to the morning after, and a week-end to Monday.
func daytime(t time.Time) time.Time {
	switch hour := t.Hour(); {
	case hour < 7:
		t = t.Add(time.Duration(8-hour) * time.Hour)
	case hour > 20:
		t = t.Add(time.Duration(32-hour) * time.Hour)
	}
	return workday(t)
}

// french writes a day as a person would: « mardi 16 septembre ».
func french(t time.Time) string {
	days := list("dimanche,lundi,mardi,mercredi,jeudi,vendredi,samedi")
	months := list("janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,novembre,décembre")
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s %s", days[t.Weekday()], day, months[t.Month()-1])
}
