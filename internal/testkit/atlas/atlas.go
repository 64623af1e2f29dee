// Package atlas makes maps of countries for tests, of the networks of documentation.
package atlas

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// File makes a map of what each network has, in the shape that shape gives it, and returns its path.
func File(tb testing.TB, shape func(code string) mmdbtype.Map, networks map[string]string) string {
	tb.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test-Country", IncludeReservedNetworks: true})
	if err != nil {
		tb.Fatal(err)
	}
	for network, code := range networks {
		_, prefix, err := net.ParseCIDR(network)
		if err != nil {
			tb.Fatal(err)
		}
		if err := tree.Insert(prefix, shape(code)); err != nil {
			tb.Fatal(err)
		}
	}
	path := filepath.Join(tb.TempDir(), "countries.mmdb")
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := tree.WriteTo(f); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return path
}

// Flat is the plainest shape.
func Flat(code string) mmdbtype.Map { return mmdbtype.Map{"country_code": mmdbtype.String(code)} }
