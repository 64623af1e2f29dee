// Package country tells in which country an Internet address is, by a file that the académie chooses: a database in
// MaxMind's format, as DB-IP, IPinfo, MaxMind and others give away. None ships with the program, for none may stay as it is
// for years.
package country

import (
	"fmt"
	"net/netip"

	"github.com/oschwald/maxminddb-golang/v2"
)

// Map is an open file. Its methods may be called from many goroutines; the nil Map knows no country.
type Map struct{ db *maxminddb.Reader }

// Open opens the file at path, and refuses one that does not tell countries.
func Open(path string) (*Map, error) {
	db, err := maxminddb.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the map of countries: %w", err)
	}
	m := &Map{db}
	for result := range db.Networks() {
		if m.read(result) != "" {
			return m, nil
		}
	}
	_ = db.Close()
	return nil, fmt.Errorf("open the map of countries: %s names no country", path)
}

// Of gives the country of an address, as two capital letters (ISO 3166-1 alpha-2); "" where it is not known.
func (m *Map) Of(a netip.Addr) string {
	if m == nil || !a.IsValid() {
		return ""
	}
	return m.read(m.db.Lookup(a.Unmap().WithZone("")))
}

// read finds the code where the makers of such files put it.
func (m *Map) read(found maxminddb.Result) string {
	for _, path := range [][]any{{"country", "iso_code"}, {"country_code"}, {"registered_country", "iso_code"}} {
		var code string
		if err := found.DecodePath(&code, path...); err == nil && len(code) == 2 {
			return code
		}
	}
	return ""
}

// Close gives the file back.
func (m *Map) Close() error {
	if m == nil {
		return nil
	}
	return m.db.Close()
}
