// Command fsyncbench tells how fast a folder's disk makes small writes
// durable, the figure that bounds every mail server on it:
//
//	fsyncbench DIR
//
// It writes below DIR, in a folder that it makes and removes.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

const (
	block  = 8 << 10         // bytes of one small write
	period = 4 * time.Second // of one measurement
	bulk   = 1 << 30         // bytes of the sequential write
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: fsyncbench DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "fsyncbench:", err)
		os.Exit(1)
	}
}

func run(parent string) error {
	dir, err := os.MkdirTemp(parent, "fsyncbench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rate, err := appends(dir)
	if err != nil {
		return err
	}
	fmt.Printf("append %d kB and sync: %.0f/s\n", block>>10, rate)
	for _, writers := range []int{1, 4, 16, 64} {
		rate, err := files(filepath.Join(dir, fmt.Sprint(writers)), writers)
		if err != nil {
			return err
		}
		fmt.Printf("new file of %d kB, synced with its folder, %d writers: %.0f/s\n", block>>10, writers, rate)
	}
	rate, err = sequential(dir)
	if err != nil {
		return err
	}
	fmt.Printf("sequential write of %d MB and one sync: %.0f MB/s\n", bulk>>20, rate/1e6)
	return nil
}

// appends returns synced appends a second, to one file.
func appends(dir string) (float64, error) {
	f, err := os.Create(filepath.Join(dir, "append"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	data := make([]byte, block)
	start := time.Now()
	n := 0
	for ; time.Since(start) < period; n++ {
		if _, err := f.Write(data); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(start).Seconds(), nil
}

// files returns new durable files a second, made by several writers, each in a
// folder of its own.
func files(dir string, writers int) (float64, error) {
	var (
		wg    sync.WaitGroup
		made  atomic.Int64
		fault atomic.Pointer[error]
	)
	start := time.Now()
	for w := range writers {
		wg.Go(func() {
			folder := filepath.Join(dir, fmt.Sprint(w))
			err := os.MkdirAll(folder, 0o755)
			for n := 0; err == nil && time.Since(start) < period; n++ {
				if err = durableFile(folder, fmt.Sprint(n)); err == nil {
					made.Add(1)
				}
			}
			if err != nil {
				fault.Store(&err)
			}
		})
	}
	wg.Wait()
	if err := fault.Load(); err != nil {
		return 0, *err
	}
	return float64(made.Load()) / time.Since(start).Seconds(), nil
}

// durableFile writes one small file and syncs it and its folder.
func durableFile(folder, name string) error {
	f, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(make([]byte, block)); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// sequential returns bytes a second of one large write, synced at its end.
func sequential(dir string) (float64, error) {
	f, err := os.Create(filepath.Join(dir, "sequential"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(i*7 + i>>8)
	}
	start := time.Now()
	for range bulk / len(data) {
		if _, err := f.Write(data); err != nil {
			return 0, err
		}
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	return bulk / time.Since(start).Seconds(), nil
}
