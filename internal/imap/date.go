package imap

import "time"

const (
	dateLayout     = "2-Jan-2006"
	dateTimeLayout = "_2-Jan-2006 15:04:05 -0700"
)

// date reads a day as SEARCH writes it, at midnight UTC.
func (d *Decoder) date() time.Time {
	text := d.astring("a date such as 1-Sep-2026")
	t, err := time.Parse(dateLayout, text)
	if err != nil {
		d.fail("%s is not a date such as 1-Sep-2026", printable([]byte(text)))
	}
	return t
}

// dateTime reads the quoted date of APPEND.
func (d *Decoder) dateTime() time.Time {
	text := d.quoted()
	t, err := time.Parse(dateTimeLayout, text)
	if err != nil {
		d.fail("%s is not a date such as \" 1-Sep-2026 08:00:00 +0200\"", printable([]byte(text)))
	}
	return t
}

// FormatInternalDate writes an INTERNALDATE without its quotes.
func FormatInternalDate(t time.Time) string { return t.Format("02-Jan-2006 15:04:05 -0700") }
