package mailbox

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"

	"navette/internal/mail"
	"navette/internal/store"
)

// ThreadHashes returns what makes a message belong to a thread: each of its Message-ID, In-Reply-To and References,
// together with its base subject (RFC 8621 §3: both must agree), hashed to 64 bits. None where it has no Message-ID
// and refers to nothing: it is then a thread of its own.
func ThreadHashes(f *mail.Facts) []int64 {
	ids := f.References
	if f.MessageID != "" {
		ids = append([]string{f.MessageID}, ids...)
	}
	out := make([]int64, 0, len(ids))
	for _, id := range ids {
		sum := sha256.Sum256([]byte(id + "\x00" + f.BaseSubject))
		out = append(out, int64(binary.BigEndian.Uint64(sum[:])))
	}
	return out
}

// joinThread returns the thread of a new email: the oldest one that any of its hashes is known for in the account, or
// a new one with the email's own id. The hashes that were new now lead there. Threads never merge later: their ids are
// immutable (RFC 8621 §3).
func joinThread(ctx context.Context, tx *store.Tx, account, email int64, hashes []int64) (int64, error) {
	if len(hashes) == 0 {
		return email, nil
	}
	set, arg := tx.Dialect().IntSet(2, hashes)
	var found sql.NullInt64
	err := tx.QueryRow(ctx, `SELECT min(thread_id) FROM thread_ref WHERE account_id = $1 AND hash IN (`+set+`)`, account, arg).Scan(&found)
	if err != nil {
		return 0, fmt.Errorf("find thread: %w", err)
	}
	thread := email
	if found.Valid {
		thread = found.Int64
	}
	set, arg = tx.Dialect().IntSet(3, hashes)
	_, err = tx.Exec(ctx, `INSERT INTO thread_ref (account_id, hash, thread_id)
		SELECT $1, h.value, $2 FROM (`+set+`) AS h WHERE true ON CONFLICT (account_id, hash) DO NOTHING`, account, thread, arg)
	if err != nil {
		return 0, fmt.Errorf("note thread: %w", err)
	}
	return thread, nil
}
