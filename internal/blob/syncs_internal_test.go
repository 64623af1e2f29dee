package blob

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"navette/internal/safeio"
)

// slowDisk is a disk whose syncs wait for the test.
type slowDisk struct {
	safeio.Disk
	results chan error // what each sync ends with, in turn

	mu    sync.Mutex
	syncs int
}

func (d *slowDisk) SyncDir(string) error {
	d.mu.Lock()
	d.syncs++
	d.mu.Unlock()
	return <-d.results
}

func (d *slowDisk) begun() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.syncs
}

func TestWhoComesDuringASyncSharesTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		disk := &slowDisk{results: make(chan error)}
		shared := newSharedSyncs(disk)
		failed := errors.New("the disk failed")
		told := make(chan error, 100)
		ask := func(n int, dir string) {
			for range n {
				go func() { told <- shared.SyncDir(dir) }()
			}
			synctest.Wait()
		}
		want := func(syncs, answers int, err error) {
			t.Helper()
			synctest.Wait()
			if got := disk.begun(); got != syncs || len(told) != answers {
				t.Fatalf("%d syncs have begun and %d callers are answered, want %d and %d", got, len(told), syncs, answers)
			}
			for range answers {
				if got := <-told; !errors.Is(got, err) {
					t.Errorf("a caller was told %v, want %v", got, err)
				}
			}
		}
		ask(1, "a")
		ask(63, "a")
		want(1, 0, nil)
		disk.results <- nil
		want(2, 1, nil) // the first alone: the others came after its sync began
		ask(5, "a")
		ask(1, "b") // another folder waits for nobody
		want(3, 0, nil)
		disk.results <- failed // of one of the two that run
		disk.results <- failed
		want(4, 64, failed) // 63 and b: a failed sync is told to all who waited for it
		disk.results <- nil
		want(4, 5, nil)
		ask(1, "a")
		want(5, 0, nil)
		disk.results <- nil
		want(5, 1, nil)
		if len(shared.folders) != 0 {
			t.Errorf("%d folders are remembered", len(shared.folders))
		}
	})
}
