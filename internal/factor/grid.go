package factor

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"strings"

	"navette/internal/identity"
	"navette/internal/store"
)

// A printed grid is for who has neither a telephone at work nor a key: ten columns and seven lines of four digits, of
// which three cells are asked. The same three are asked until they were typed rightly, so that asking again does not
// help who has seen a few.
const (
	gridColumns = 10
	gridLines   = 7
	cellDigits  = 4
	cellsAsked  = 3

	useGrid    = "grid"
	useGridAsk = "grid ask"
)

// MakeGrid draws a grid and shows it, once; an earlier one is void.
func (s *Service) MakeGrid(ctx context.Context, o identity.Owner) (Grid, error) {
	digits, err := s.digits(gridColumns * gridLines * cellDigits)
	if err != nil {
		return Grid{}, err
	}
	sealed, err := s.cfg.Identity.Seal(useGrid, o.Account, []byte(digits))
	if err != nil {
		return Grid{}, err
	}
	f, err := s.add(ctx, o, newFactor{kind: KindGrid, label: "Grille imprimée", data: sealed, step: 1}, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM factor WHERE account_id = $1 AND kind = 'grid'`, o.Account)
		return err
	})
	if err != nil {
		return Grid{}, err
	}
	g := Grid{ID: f.ID}
	for line := range gridLines {
		var row []string
		for column := range gridColumns {
			row = append(row, cellOf(digits, line*gridColumns+column))
		}
		g.Rows = append(g.Rows, row)
	}
	return g, nil
}

func cellOf(digits string, cell int) string { return digits[cell*cellDigits : (cell+1)*cellDigits] }

// digits draws n decimal digits, all equally likely.
func (s *Service) digits(n int) (string, error) {
	out := make([]byte, 0, n)
	var b [64]byte
	for len(out) < n {
		if _, err := io.ReadFull(s.cfg.Random, b[:]); err != nil {
			return "", fmt.Errorf("draw digits: %w", err)
		}
		for _, x := range b {
			if x < 250 && len(out) < n {
				out = append(out, '0'+x%10)
			}
		}
	}
	return string(out), nil
}

// GridAsks names the cells that a sign-in asks for; none where the account has no grid.
func (s *Service) GridAsks(ctx context.Context, account int64) ([]string, error) {
	found, err := s.stored(ctx, account, KindGrid)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	cells, err := s.asked(account, found[0])
	if err != nil {
		return nil, err
	}
	var names []string
	for _, cell := range cells {
		names = append(names, fmt.Sprintf("%c%d", 'A'+cell%gridColumns, cell/gridColumns+1))
	}
	return names, nil
}

// asked derives the cells from the grid and the number of its uses, under the pepper: nobody foresees them.
func (s *Service) asked(account int64, f stored) ([]int, error) {
	var cells []int
	for n := 0; len(cells) < cellsAsked; n++ {
		digest, err := s.cfg.Identity.Digest(useGridAsk, account, fmt.Sprintf("%d %d %d", f.id, f.step, n))
		if err != nil {
			return nil, err
		}
		var x uint32
		if _, err := fmt.Sscanf(digest[:8], "%x", &x); err != nil {
			return nil, fmt.Errorf("choose cells of a grid: %w", err)
		}
		cell := int(x % (gridColumns * gridLines))
		if !strings.Contains(fmt.Sprint(cells), fmt.Sprint(cell)) {
			cells = append(cells, cell)
		}
	}
	return cells, nil
}

// ProveGrid tells whether these are the asked cells, in their order; spaces do not matter.
func (s *Service) ProveGrid(ctx context.Context, account int64, code string) (bool, error) {
	found, err := s.stored(ctx, account, KindGrid)
	if err != nil || len(found) == 0 {
		return false, err
	}
	f := found[0]
	digits, err := s.cfg.Identity.Unseal(useGrid, account, f.data)
	if err != nil {
		return false, err
	}
	cells, err := s.asked(account, f)
	if err != nil {
		return false, err
	}
	want := ""
	for _, cell := range cells {
		want += cellOf(string(digits), cell)
	}
	if subtle.ConstantTimeCompare([]byte(strings.Join(strings.Fields(code), "")), []byte(want)) != 1 {
		return false, nil
	}
	return s.advance(ctx, account, f, f.step+1)
}
