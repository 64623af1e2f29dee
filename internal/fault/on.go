//go:build faultpoints

package fault

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

var left = func() *atomic.Int64 {
	n := new(atomic.Int64)
	_, count, _ := strings.Cut(os.Getenv("NAVETTE_FAULT"), ":")
	v, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		v = 1
	}
	n.Store(v)
	return n
}()

// Point kills the process with SIGKILL the n-th time it is passed, where NAVETTE_FAULT is NAME:n.
func Point(name string) {
	want, _, _ := strings.Cut(os.Getenv("NAVETTE_FAULT"), ":")
	if want == name && left.Add(-1) == 0 {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}
