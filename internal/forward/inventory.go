package forward

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// Report tells of an import. It names lines and logins, and no address: some are families'.
type Report struct {
	Inside   int        // taken over without an end
	Outside  int        // taken over for NoticeDays
	Known    int        // of accounts that have a forward already
	Rejected []Rejected // ascending by line
}

// Rejected is a line that was not taken over.
type Rejected struct {
	Line  int
	Login string
	Why   string // in French
}

// maxLines bounds an inventory: an académie has fewer agents.
const maxLines = 500_000

// row is one line of an inventory.
type row struct {
	line          int
	login, target string
}

// Import takes over what the former system forwarded: a CSV of login and address, parted by commas or semicolons, with
// or without a header. Inside goes on as it is; outside for NoticeDays, of which the holder is told. Who has a forward
// already keeps it, so a second run changes nothing. dry writes nothing and tells nobody. failure.Permanent where the
// file cannot be read.
func (s *Service) Import(ctx context.Context, by identity.By, file io.Reader, dry bool) (Report, error) {
	var report Report
	rows, err := readInventory(file)
	if err != nil {
		return report, err
	}
	for _, r := range rows {
		why, err := s.takeOver(ctx, r, dry, &report)
		if err != nil {
			return report, fmt.Errorf("line %d: %w", r.line, err)
		}
		if why != "" {
			report.Rejected = append(report.Rejected, Rejected{r.line, r.login, why})
		}
	}
	if dry || report.Inside+report.Outside == 0 {
		return report, nil
	}
	return report, s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "forward.import", Subject: "forwards", Reason: by.Reason,
			Detail: fmt.Sprintf(`{"inside":%d,"outside":%d,"known":%d,"rejected":%d}`, report.Inside, report.Outside, report.Known, len(report.Rejected))})
	})
}

// readInventory reads the lines of a file.
func readInventory(file io.Reader) (rows []row, err error) {
	in := bufio.NewReader(file)
	if bom, _ := in.Peek(3); string(bom) == "\ufeff" {
		in.Discard(3) //nolint:errcheck // they were there
	}
	first, err := in.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the inventory: %w", err)
	}
	r := csv.NewReader(in)
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	if line, _, _ := strings.Cut(string(first), "\n"); strings.Count(line, ";") > strings.Count(line, ",") {
		r.Comma = ';'
	}
	for len(rows) < maxLines {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, failure.Wrap(failure.Permanent, err, "ce fichier n'est pas un CSV login,adresse / this file is no CSV of login,address")
		}
		line, _ := r.FieldPos(0)
		if len(fields) < 2 {
			return nil, failure.New(failure.Permanent, "ligne %d : il faut un identifiant et une adresse / line %d: a login and an address are needed", line, line)
		}
		one := row{line, strings.TrimSpace(fields[0]), strings.TrimSpace(fields[1])}
		if len(rows) == 0 && !strings.Contains(one.target, "@") {
			continue // the header
		}
		rows = append(rows, one)
	}
	return nil, failure.New(failure.Permanent, "plus de %d lignes / more than %d lines", maxLines, maxLines)
}

// errKnown says that the account has a forward already.
var errKnown = errors.New("known")

// takeOver takes over one line; why says in French why not.
func (s *Service) takeOver(ctx context.Context, r row, dry bool, report *Report) (why string, err error) {
	account, found, err := s.find(ctx, r.login)
	if err != nil {
		return "", err
	}
	if !found {
		return "identifiant inconnu", nil
	}
	to, err := s.target(ctx, r.target)
	if failure.Is(err, failure.Permanent) {
		return failure.TextOf(err, "adresse refusée"), nil
	}
	if err != nil {
		return "", err
	}
	f := Forward{Account: account, Target: to.address, Outside: to.outside, Basis: Inventory}
	if to.outside {
		f.Until = s.today().AddDays(NoticeDays)
	}
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM forward WHERE account_id = $1`, account).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return errKnown
		}
		if err := s.mayForward(ctx, tx, f, to); err != nil || dry {
			return err
		}
		return insert(ctx, tx, f, NoticeDays)
	})
	switch {
	case errors.Is(err, errKnown):
		report.Known++
		return "", nil
	case failure.Is(err, failure.Policy), failure.Is(err, failure.Conflict), failure.Is(err, failure.NotFound):
		return failure.TextOf(err, "refusé"), nil
	case err != nil:
		return "", err
	case !to.outside:
		report.Inside++
		return "", nil
	}
	report.Outside++
	if dry {
		return "", nil
	}
	return "", s.tell(ctx, account, takenOver(f))
}

// find gives the account of a login, or of an address.
func (s *Service) find(ctx context.Context, login string) (account int64, found bool, err error) {
	address, err := directory.Normalize(login)
	if err != nil {
		address = ""
	}
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		account = 0
		return tx.QueryRow(ctx, `SELECT COALESCE(max(account_id), 0) FROM (
				SELECT account_id FROM account WHERE login = $1 UNION SELECT account_id FROM address WHERE address = $2) AS x`,
			strings.ToLower(login), address).Scan(&account)
	})
	if err != nil {
		return 0, false, fmt.Errorf("find an account: %w", err)
	}
	return account, account != 0, nil
}
