//go:build race

package node

// underRace tells that the race detector is in this build: what it costs is spent on few rounds.
const underRace = true
