package guard

import (
	_ "embed"
	"fmt"
	"strings"

	"navette/internal/directory"
)

// providers is the list that ships with the program.
//
//go:embed providers.txt
var providers string

// NewProviders returns the domains that ship with the program, changed by a configuration: each word is a domain more,
// or after "-" one less. An error names the word that is no domain.
func NewProviders(changes []string) (Providers, error) {
	p := Providers{}
	for line := range strings.Lines(providers) {
		if line, _, _ = strings.Cut(line, "#"); strings.TrimSpace(line) != "" {
			p[strings.TrimSpace(line)] = true
		}
	}
	for _, word := range changes {
		name, less := strings.CutPrefix(word, "-")
		domain, err := directory.NormalDomain(name)
		if err != nil {
			return nil, fmt.Errorf("personal provider %q: %w", word, err)
		}
		if less {
			delete(p, domain)
		} else {
			p[domain] = true
		}
	}
	return p, nil
}

// Has tells whether a match key (directory.MatchKey) is of an address at one of them.
func (p Providers) Has(key string) bool {
	_, domain, found := strings.Cut(key, "@")
	return found && p[domain]
}
