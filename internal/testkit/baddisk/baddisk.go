// Package baddisk is a real disk whose calls a test lets fail.
package baddisk

import (
	"errors"
	"sync/atomic"

	"navette/internal/safeio"
)

// Operation is one kind of call.
type Operation string

// The operations.
const (
	Create  Operation = "create"
	Write   Operation = "write"
	Sync    Operation = "sync"
	Close   Operation = "close"
	Rename  Operation = "rename"
	SyncDir Operation = "sync of the folder"
	Remove  Operation = "remove"
)

// Operations are all of them.
var Operations = []Operation{Create, Write, Sync, Close, Rename, SyncDir, Remove}

// ErrFailed is what a failing call gives.
var ErrFailed = errors.New("the disk failed")

// Disk is the machine's file system, but for the calls that fail.
type Disk struct {
	real safeio.OS
	bad  atomic.Value // Operation
}

var _ safeio.Disk = (*Disk)(nil)

// New returns a disk that works.
func New() *Disk {
	d := &Disk{}
	d.Heal()
	return d
}

// Fail lets all calls of a kind fail until Heal.
func (d *Disk) Fail(op Operation) { d.bad.Store(op) }

// Heal lets all calls work.
func (d *Disk) Heal() { d.bad.Store(Operation("")) }

func (d *Disk) err(op Operation) error {
	if d.bad.Load() == op {
		return ErrFailed
	}
	return nil
}

// Create makes a file, or fails.
func (d *Disk) Create(dir, prefix string) (safeio.Handle, error) {
	if err := d.err(Create); err != nil {
		return nil, err
	}
	h, err := d.real.Create(dir, prefix)
	return handle{h, d}, err
}

// Rename renames a file, or fails.
func (d *Disk) Rename(from, to string) error {
	if err := d.err(Rename); err != nil {
		return err
	}
	return d.real.Rename(from, to)
}

// Remove removes a file, or fails.
func (d *Disk) Remove(name string) error {
	if err := d.err(Remove); err != nil {
		return err
	}
	return d.real.Remove(name)
}

// SyncDir syncs a folder, or fails.
func (d *Disk) SyncDir(dir string) error {
	if err := d.err(SyncDir); err != nil {
		return err
	}
	return d.real.SyncDir(dir)
}

type handle struct {
	safeio.Handle
	d *Disk
}

func (h handle) Write(p []byte) (int, error) {
	if err := h.d.err(Write); err != nil {
		n, _ := h.Handle.Write(p[:len(p)/2]) // a full disk takes a part
		return n, err
	}
	return h.Handle.Write(p)
}

func (h handle) Sync() error {
	if err := h.d.err(Sync); err != nil {
		return err
	}
	return h.Handle.Sync()
}

func (h handle) Close() error { return errors.Join(h.d.err(Close), h.Handle.Close()) }
