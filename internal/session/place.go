package session

import (
	"context"
	"fmt"
	"net/netip"

	"navette/internal/store"
)

// Where an account is used from is told by the map of countries, if the académie has one: another operator in the same
// country is nothing new. Without a map, and where it does not know an address, a network of an operator's size stands for a
// country. Both are noted, so that a map that comes later, or goes, makes nobody a stranger.

// placeLetters is how long a country is among the places: no network is as short.
const placeLetters = 2

// notePlace notes where an account is used from, and tells whether it never was.
func (s *Service) notePlace(ctx context.Context, tx *store.Tx, account int64, peer netip.Addr) (isNew bool, err error) {
	network, country := placeOf(peer), s.cfg.Country(peer)
	var networks, countries, here int
	err = tx.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN network = $2 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN length(network) = $4 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN network = $3 THEN 1 ELSE 0 END), 0) FROM place WHERE account_id = $1`, account, network, country, placeLetters).
		Scan(&networks, &countries, &here)
	if err != nil {
		return false, err
	}
	for _, place := range []string{network, country} {
		if place == "" {
			continue
		}
		if _, err := tx.Exec(ctx, `INSERT INTO place (account_id, network, seen_at) VALUES ($1, $2, $3)
			ON CONFLICT (account_id, network) DO UPDATE SET seen_at = excluded.seen_at`, account, place, tx.NowMicros()); err != nil {
			return false, err
		}
	}
	if country != "" && countries > 0 {
		return here == 0, nil
	}
	return networks == 0, nil
}

// inCountry names the country of an address in a notice; "" where it is not known.
func (s *Service) inCountry(peer netip.Addr) string {
	country := s.cfg.Country(peer)
	if country == "" {
		return ""
	}
	return fmt.Sprintf(" (pays : %s)", country)
}
