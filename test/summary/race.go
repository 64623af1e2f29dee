package main

import (
	"path"
	"strings"
)

// raceFrames is how many calls of a stack are told: who touched the memory, and on whose behalf.
const raceFrames = 8

// condense puts each stack of the race detector's reports on one line, so that a report says who raced with whom
// where only a part of a long output is kept:
//
//	Previous write at 0x00c0001f0190 by goroutine 7: f (a.go:12) < g (b.go:3)
//
// Other lines stay as they are.
func condense(lines []string) []string {
	var out, frames []string
	var heading string
	end := func() {
		if heading != "" {
			out = append(out, heading+" "+strings.Join(frames[:min(len(frames), raceFrames)], " < ")+"\n")
		}
		heading, frames = "", nil
	}
	inRace := false
	for _, line := range lines {
		text := strings.TrimSpace(line)
		switch {
		case text == "WARNING: DATA RACE":
			inRace = true
			out = append(out, line)
		case !inRace:
			out = append(out, line)
		case strings.HasPrefix(text, "====="):
			end()
			inRace = false
		case strings.HasSuffix(text, ":") && !strings.HasPrefix(line, " "):
			end()
			heading = text
		case strings.HasPrefix(text, "/") && len(frames) > 0:
			place, _, _ := strings.Cut(text, " ") // behind it, an offset
			frames[len(frames)-1] += " (" + path.Base(place) + ")"
		case text != "":
			frames = append(frames, strings.TrimSuffix(text, "()"))
		}
	}
	end()
	return out
}

// races is the reports among lines, condensed. The detector writes a report into the output of whichever test runs at the
// moment: often one that passes, while others are told only that a race was.
func races(lines []string) []string {
	var out []string
	within := false
	for _, line := range condense(lines) {
		text := strings.TrimSpace(line)
		within = text == "WARNING: DATA RACE" || within && strings.Contains(text, " by ") || within && strings.Contains(text, "created at:")
		if within {
			out = append(out, line)
		}
	}
	return out
}
