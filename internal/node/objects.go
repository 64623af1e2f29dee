package node

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"navette/internal/blob"
	"navette/internal/failure"
	"navette/internal/safeio"
	"navette/internal/store"
)

// objectsMark is the file in the folder of objects that says which database they belong to.
const objectsMark = "store-id"

// bindObjects makes sure that a folder of objects and a database belong together: a second server on the same
// database with a folder of its own would lose, for the other, every large message that it accepts. The first start
// marks both with the same number; the folder first, so that a crash between leaves a folder that still fits.
func bindObjects(ctx context.Context, db *store.DB, blobs blob.Store, dir string) error {
	path := filepath.Join(dir, objectsMark)
	mark, err := readMark(path)
	if err != nil {
		return err
	}
	var bound int64
	err = db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT COALESCE(max(value), 0) FROM store_meta WHERE name = 'objects'`).Scan(&bound)
	})
	switch {
	case err != nil:
		return fmt.Errorf("read which objects the database has: %w", err)
	case bound != 0 && bound != mark:
		return failure.New(failure.Permanent, "the large messages of this database are not in %s: several servers on one database need the same folder", dir)
	case bound != 0:
		return nil
	case mark == 0:
		var raw [8]byte
		rand.Read(raw[:]) //nolint:errcheck // crypto/rand never fails
		mark = int64(binary.BigEndian.Uint64(raw[:])>>2) + 1
		if err := safeio.WriteFile(path, []byte(strconv.FormatInt(mark, 10)+"\n")); err != nil {
			return fmt.Errorf("mark the objects: %w", err)
		}
	}
	if used, err := hasObjects(ctx, blobs); err != nil {
		return err
	} else if used {
		return failure.New(failure.Permanent, "%s holds large messages of another database, which this one would collect as garbage", dir)
	}
	err = db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO store_meta (name, value) VALUES ('objects', $1)`, mark)
		return err
	})
	if err != nil {
		return fmt.Errorf("mark the database: %w", err)
	}
	return nil
}

// hasObjects tells whether there is any object.
func hasObjects(ctx context.Context, blobs blob.Store) (bool, error) {
	found := errors.New("found")
	err := blobs.Walk(ctx, func(string, int64, time.Time) error { return found })
	if errors.Is(err, found) {
		return true, nil
	}
	return false, err
}

func readMark(path string) (int64, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the mark of the objects: %w", err)
	}
	mark, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || mark <= 0 {
		return 0, failure.New(failure.Permanent, "%s does not hold the number of a database", path)
	}
	return mark, nil
}
