package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date. Files are append-only: what has run anywhere is never edited. On PostgreSQL
// an advisory lock lets one node of many do it; SQLite's file lock of the process does the same.
func migrate(ctx context.Context, db *sql.DB, d Dialect) error {
	steps, err := loadMigrations(d)
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	opts := []goose.ProviderOption{goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true)}
	if d == PostgreSQL {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, db, nil, opts...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// prepareSchema migrates, or for a reader makes sure that the schema is the one this program knows.
func prepareSchema(ctx context.Context, db *sql.DB, d Dialect, opt Options) error {
	if !opt.ReadOnly {
		return migrate(ctx, db, d)
	}
	steps, err := loadMigrations(d)
	if err != nil {
		return err
	}
	var version int64
	if err := db.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version`).Scan(&version); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if want := steps[len(steps)-1].Version; version != want {
		return fmt.Errorf("the database has schema %d, this program knows %d: run the server's own version", version, want)
	}
	return nil
}

func loadMigrations(d Dialect) ([]*goose.Migration, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	var out []*goose.Migration
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		base := strings.TrimPrefix(name, "migrations/")
		number, _, _ := strings.Cut(base, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: its name must begin with a number", base)
		}
		schema := d.render(string(text))
		out = append(out, goose.NewGoMigration(version, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, schema)
				return err
			},
		}, nil))
	}
	return out, nil
}
