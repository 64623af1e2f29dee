package career

import (
	"time"

	"navette/internal/directory"
)

// Rules say how long things last after somebody's last function. They are data: DefaultRules is what the field does
// (contracts end on 31 August and are renewed in September, with the papers weeks behind), and an académie changes
// them in its configuration.
type Rules struct {
	// Grace is how many days after the last day of the last function the account stays as it is.
	Grace int
	// Summer are the windows of the year in which a last day gets SummerGrace instead: the end of a function is then
	// most often a gap between two contracts.
	Summer      []Window
	SummerGrace int
	// ReadOnly is how many days the mailbox stays readable after the departure, and the automatic reply answers; then
	// the account is closed.
	ReadOnly int
	// Reminders are how many days before the closing the person is reminded, the most first.
	Reminders []int
	// Provisional is how many days an account lasts that a head has vouched for.
	Provisional int
}

// Window is a part of the year, its two days included.
type Window struct {
	FromMonth time.Month
	FromDay   int
	ToMonth   time.Month
	ToDay     int
}

// DefaultRules are 30 days of grace, 90 when the last day lies between 15 August and 30 September (contract ends of
// 31 August, late contracts of September), 60 days of reading with reminders 30 and 10 days before the end, and 30 days
// for a provisional account.
func DefaultRules() Rules {
	return Rules{Grace: 30, Summer: []Window{{time.August, 15, time.September, 30}}, SummerGrace: 90, ReadOnly: 60,
		Reminders: []int{30, 10}, Provisional: 30}
}

// has reports that a day lies in the window.
func (w Window) has(d directory.Date) bool {
	at := int(d.Month)*100 + d.Day
	return int(w.FromMonth)*100+w.FromDay <= at && at <= int(w.ToMonth)*100+w.ToDay
}

// departsOn gives the day of departure after a last day: the first day on which sending is closed.
func (r Rules) departsOn(last directory.Date) directory.Date {
	days := r.Grace
	for _, w := range r.Summer {
		if w.has(last) {
			days = r.SummerGrace
		}
	}
	return last.AddDays(days + 1)
}

// closesOn gives the day of closing after a departure.
func (r Rules) closesOn(departed directory.Date) directory.Date { return departed.AddDays(r.ReadOnly) }

// reminderDue gives the reminder that is due on a day, in days before the closing, when the last one sent was of
// reminded days (0 for none); 0 where none is. After a standstill only the latest that is due is sent.
func (r Rules) reminderDue(today, closes directory.Date, reminded int) int {
	left := closes.DaysAfter(today)
	due := 0
	for _, days := range r.Reminders {
		if left > 0 && left <= days && (reminded == 0 || days < reminded) && (due == 0 || days < due) {
			due = days
		}
	}
	return due
}
