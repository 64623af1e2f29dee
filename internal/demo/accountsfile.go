package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
)

// files writes who is there and how to sign in; accounts.csv comes last.
func (b *builder) files(context.Context) error {
	fresh := [][]string{{"login", "numen", "birth_date"}}
	for _, a := range b.academie.Fresh {
		fresh = append(fresh, []string{b.of(a).Login, a.NUMEN.Reveal(), a.Person.Birth.String()})
	}
	if err := b.writeCSV(FileFresh, fresh); err != nil {
		return err
	}
	accounts := [][]string{{"login", "address", "password", "category", "uai", "role"}}
	for _, a := range b.academie.Agents {
		i := b.of(a)
		accounts = append(accounts, []string{i.Login, i.Address, b.password, a.Category(), a.UAI(), string(a.Role)})
	}
	return b.writeCSV(FileAccounts, accounts)
}

func (b *builder) writeCSV(name string, rows [][]string) error {
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return b.writeFile(name, out.Bytes())
}
