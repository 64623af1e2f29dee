package node

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"navette/internal/failure"
)

// lock is the exclusive right to write in a data folder. The kernel gives it back when the process ends, however.
type lock struct{ f *os.File }

// takeLock takes the lock of a data folder; failure.Conflict where another process has it.
func takeLock(dir string) (*lock, error) {
	f, err := os.OpenFile(filepath.Join(dir, "navette.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, failure.Wrap(failure.Conflict, err, "another navette works in "+dir)
	}
	return &lock{f}, nil
}

// release gives the right back at once. Closing alone would not, where another goroutine is starting a program at this
// instant: its child holds a copy of the file until it has become that program.
func (l *lock) release() {
	_ = unix.Flock(int(l.f.Fd()), unix.LOCK_UN) // closing gives it back too, if later
	l.f.Close()
}
