//go:build !race

package node

// underRace tells that the race detector is in this build.
const underRace = false
