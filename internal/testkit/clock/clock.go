// Package clock is a clock that tests set.
package clock

import (
	"sync/atomic"
	"time"
)

// Clock tells the time that a test gave it. It may be used from many goroutines.
type Clock struct{ now atomic.Pointer[time.Time] }

// New returns a clock that stands at a time.
func New(t time.Time) *Clock {
	c := &Clock{}
	c.Set(t)
	return c
}

// Now is what is handed to the program.
func (c *Clock) Now() time.Time { return *c.now.Load() }

// Set moves the clock.
func (c *Clock) Set(t time.Time) { c.now.Store(&t) }

// Add moves the clock on.
func (c *Clock) Add(d time.Duration) { c.Set(c.Now().Add(d)) }
