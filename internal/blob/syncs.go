package blob

import (
	"sync"

	"navette/internal/safeio"
)

// sharedSyncs is a disk on which those who want a folder synced while it is being synced wait for the next sync
// together: one flush makes the names of all of them durable. A sync that began before a rename promises nothing
// about it, so nobody is answered by the one under way.
type sharedSyncs struct {
	safeio.Disk

	mu      sync.Mutex
	folders map[string]*folderSyncs // by path; those being synced
}

// folderSyncs is a folder that is being synced.
type folderSyncs struct{ next *syncRound } // nil while nobody waits

// syncRound is one sync to come, and who waits for it.
type syncRound struct {
	done chan struct{}
	err  error // set before done is closed
}

func newSharedSyncs(disk safeio.Disk) *sharedSyncs {
	return &sharedSyncs{Disk: disk, folders: map[string]*folderSyncs{}}
}

// SyncDir returns when a sync of the folder that began after the call has ended, with its error.
func (s *sharedSyncs) SyncDir(dir string) error {
	s.mu.Lock()
	if f := s.folders[dir]; f != nil {
		if f.next == nil {
			f.next = &syncRound{done: make(chan struct{})}
		}
		round := f.next
		s.mu.Unlock()
		<-round.done
		return round.err
	}
	f := &folderSyncs{}
	s.folders[dir] = f
	s.mu.Unlock()

	err := s.Disk.SyncDir(dir)
	s.goOn(dir, f)
	return err
}

// goOn begins the sync for whoever came while the last one ran, or ends.
func (s *sharedSyncs) goOn(dir string, f *folderSyncs) {
	s.mu.Lock()
	defer s.mu.Unlock()
	round := f.next
	f.next = nil
	if round == nil {
		delete(s.folders, dir)
		return
	}
	go func() { // the caller has what it wanted, and waits for nobody
		round.err = s.Disk.SyncDir(dir)
		close(round.done)
		s.goOn(dir, f)
	}()
}
