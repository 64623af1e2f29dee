package career

import (
	"testing"

	"navette/internal/directory"
)

func day(t *testing.T, s string) directory.Date {
	t.Helper()
	d, err := directory.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestHowLongAnAccountWaitsForTheNextContract(t *testing.T) {
	t.Parallel()
	for last, departs := range map[string]string{
		"31/08/2026": "30/11/2026", // 90 days, to 29 November
		"15/08/2026": "14/11/2026",
		"30/09/2026": "30/12/2026",
		"14/08/2026": "14/09/2026", // 30 days
		"01/10/2026": "01/11/2026",
		"31/12/2026": "31/01/2027",
		"29/02/2028": "31/03/2028",
	} {
		if got := DefaultRules().departsOn(day(t, last)); got != day(t, departs) {
			t.Errorf("last day %s: departs on %s, want %s", last, got.French(), departs)
		}
	}
}

func TestWhichReminderIsDue(t *testing.T) {
	t.Parallel()
	closes := day(t, "01/03/2026")
	for _, c := range []struct {
		today    string
		reminded int
		want     int
	}{
		{"29/01/2026", 0, 0}, {"30/01/2026", 0, 30}, {"30/01/2026", 30, 0}, {"18/02/2026", 30, 0}, {"19/02/2026", 30, 10},
		{"19/02/2026", 0, 10}, {"20/02/2026", 10, 0}, {"28/02/2026", 30, 10}, {"01/03/2026", 0, 0},
	} {
		if got := DefaultRules().reminderDue(day(t, c.today), closes, c.reminded); got != c.want {
			t.Errorf("%s after %d: %d, want %d", c.today, c.reminded, got, c.want)
		}
	}
}
