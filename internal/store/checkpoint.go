package store

import (
	"context"
	"os"
	"time"
)

// Checkpoints run on a connection of their own, so the committer never waits for them, unless the log has grown past
// walLimit because readers or writers never paused: then one holds writers up until the readers of that moment are
// done, or for checkpointWait.
const (
	checkpointEvery = 250 * time.Millisecond
	walSoft         = 8 << 20
	walLimit        = 256 << 20
	checkpointWait  = "PRAGMA busy_timeout(500)" // milliseconds
)

func (e *sqliteEngine) checkpointLoop() {
	defer e.done.Done()
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-tick.C:
		}
		info, err := os.Stat(e.path + "-wal")
		if err != nil || info.Size() < walSoft {
			continue
		}
		if err := e.checkpoint(info.Size() > walLimit); err != nil {
			e.opt.Log.Warn("checkpoint", "error", err)
		}
	}
}

// checkpoint moves the log into the database; blocking empties it too.
func (e *sqliteEngine) checkpoint(blocking bool) error {
	ctx := context.Background()
	c, err := e.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.ExecContext(ctx, checkpointWait); err != nil {
		return err
	}
	mode := "PRAGMA wal_checkpoint(PASSIVE)"
	if blocking {
		mode = "PRAGMA wal_checkpoint(TRUNCATE)"
	}
	_, err = c.ExecContext(ctx, mode)
	return err
}
