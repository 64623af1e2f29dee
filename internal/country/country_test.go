package country_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/maxmind/mmdbwriter/mmdbtype"

	"navette/internal/country"
	"navette/internal/testkit/atlas"
)

func TestAnAddressIsInItsCountryInEveryShapeOfSuchFiles(t *testing.T) {
	t.Parallel()
	for shape, of := range map[string]func(code string) mmdbtype.Map{
		"as MaxMind's": func(code string) mmdbtype.Map {
			return mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String(code)}}
		},
		"flat": func(code string) mmdbtype.Map { return mmdbtype.Map{"country_code": mmdbtype.String(code)} },
	} {
		m := open(t, atlas.File(t, of, map[string]string{"192.0.2.0/24": "FR", "198.51.100.0/24": "DE", "2001:db8:1::/48": "FR"}))
		for address, want := range map[string]string{"192.0.2.1": "FR", "::ffff:192.0.2.1": "FR", "198.51.100.255": "DE", "2001:db8:1::7": "FR",
			"203.0.113.1": "", "2001:db8:2::1": ""} {
			if got := m.Of(netip.MustParseAddr(address)); got != want {
				t.Errorf("%s: %s is in %q, want %q", shape, address, got, want)
			}
		}
		if got := m.Of(netip.Addr{}); got != "" {
			t.Errorf("%s: no address is in %q", shape, got)
		}
	}
}

func open(t *testing.T, path string) *country.Map {
	t.Helper()
	m, err := country.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func TestWithoutAMapNoCountryIsKnown(t *testing.T) {
	t.Parallel()
	var none *country.Map
	if got := none.Of(netip.MustParseAddr("192.0.2.1")); got != "" || none.Close() != nil {
		t.Errorf("in %q", got)
	}
}

func TestWhatIsNoMapOfCountriesIsRefused(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "countries.mmdb")
	if err := os.WriteFile(text, []byte("not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	networks := atlas.File(t, func(code string) mmdbtype.Map { return mmdbtype.Map{"network": mmdbtype.String(code)} }, map[string]string{"192.0.2.0/24": "AS1"})
	for what, path := range map[string]string{"text": text, "no file": text + "x", "a map of something else": networks} {
		if m, err := country.Open(path); err == nil {
			t.Errorf("%s is taken: %v", what, m.Close())
		}
	}
}
