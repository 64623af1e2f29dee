package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestARaceIsToldInALineAStack(t *testing.T) {
	t.Parallel()
	const report = `before
==================
WARNING: DATA RACE
Read at 0x00c0001f0190 by goroutine 481:
  encoding/json.structEncoder.encode()
      /usr/local/go/src/encoding/json/encode.go:725 +0xef
  encoding/json.(*encodeState).reflectValue()
      /usr/local/go/src/encoding/json/encode.go:367 +0x83

Previous write at 0x00c0001f0190 by goroutine 7:
  navette/internal/outbound.(*Folder).write()
      /x/folder.go:54 +0x1

Goroutine 481 (running) created at:
  sync.(*WaitGroup).Go()
      /usr/local/go/src/sync/waitgroup.go:1 +0x1
==================
after
`
	want := []string{
		"before\n",
		"==================\n",
		"WARNING: DATA RACE\n",
		"Read at 0x00c0001f0190 by goroutine 481: encoding/json.structEncoder.encode (encode.go:725) < encoding/json.(*encodeState).reflectValue (encode.go:367)\n",
		"Previous write at 0x00c0001f0190 by goroutine 7: navette/internal/outbound.(*Folder).write (folder.go:54)\n",
		"Goroutine 481 (running) created at: sync.(*WaitGroup).Go (waitgroup.go:1)\n",
		"after\n",
	}
	if diff := cmp.Diff(want, condense(slices.Collect(strings.Lines(report)))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[2:6], races(slices.Collect(strings.Lines(report)))); diff != "" {
		t.Errorf("the report alone (-want +got):\n%s", diff)
	}
}
