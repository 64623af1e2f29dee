package aaf

// Limits bound what a container and its files can make us hold and do. A zero field takes its default.
type Limits struct {
	Record     int   // octets of one request
	Attributes int   // in a request
	Values     int   // in an attribute
	Text       int   // octets of a value
	File       int64 // octets of a file
	Total      int64 // octets of all files of a container, uncompressed
	Entries    int   // files and folders in a container
	Ratio      int64 // octets that one of an archive may become, past the first Grace
}

// The defaults. The largest record of an export is a lycée with its classes and groups, some 200 kB; XML of this kind
// compresses to a fifteenth.
const (
	defaultRecord     = 1 << 20
	defaultAttributes = 500
	defaultValues     = 5000
	defaultText       = 16 << 10
	defaultFile       = 8 << 30
	defaultTotal      = 32 << 30
	defaultEntries    = 10_000
	defaultRatio      = 150
)

// grace is how much an archive may hold before its ratio is looked at: a small file may be of one letter.
const grace = 16 << 20

// withDefaults fills the fields that are not set.
func (l Limits) withDefaults() Limits {
	l.Record = orDefault(l.Record, defaultRecord)
	l.Attributes = orDefault(l.Attributes, defaultAttributes)
	l.Values = orDefault(l.Values, defaultValues)
	l.Text = orDefault(l.Text, defaultText)
	l.File = orDefault(l.File, defaultFile)
	l.Total = orDefault(l.Total, defaultTotal)
	l.Entries = orDefault(l.Entries, defaultEntries)
	l.Ratio = orDefault(l.Ratio, defaultRatio)
	return l
}

func orDefault[T int | int64](n, otherwise T) T {
	if n <= 0 {
		return otherwise
	}
	return n
}
