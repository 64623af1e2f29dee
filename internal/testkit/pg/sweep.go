package pg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// dirPrefix begins the name of every cluster's folder.
const dirPrefix = "navette-pg-"

// claim puts into dir the file "owner", under a lock that the kernel drops when
// this process ends: as long as it holds, the folder is somebody's. The file
// gets its name after its lock, so that nobody sees it without.
func claim(dir string) (*os.File, error) {
	fresh := filepath.Join(dir, "owner.new")
	f, err := os.OpenFile(fresh, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("pg: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("pg: lock %s: %w", fresh, err), f.Close())
	}
	if err := os.Rename(fresh, filepath.Join(dir, "owner")); err != nil {
		return nil, errors.Join(fmt.Errorf("pg: %w", err), f.Close())
	}
	return f, nil
}

// sweep removes the folders below tmp whose owner died without removing them.
// What it cannot remove (another user's, a server still ending) it leaves to
// a later start.
func sweep(tmp string) {
	dirs, err := filepath.Glob(filepath.Join(tmp, dirPrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		if abandoned(dir) {
			_ = os.RemoveAll(dir)
		}
	}
}

// abandoned tells whether neither an owner nor a server lives for dir.
func abandoned(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "owner"))
	if err != nil {
		return false
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		return true // shut down in order, or never started
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	return err != nil || !alive(pid)
}
