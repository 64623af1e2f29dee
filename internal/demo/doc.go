// Package demo invents an académie: schools, people, their HR file and a school year of mail,
// all fictional, all from a seed.
//
// The same seed gives the same académie to the byte. Each kind of thing (names, births,
// NUMEN, posts, mail…) draws from a stream of its own, and each thing from its own place in that
// stream: what a later version adds changes nobody, and the first N of a larger académie are those
// of the smaller one. New kinds of things take a new stream name; existing names never change.
//
// Accounts that are ready from the start share one generated secret, and have no date for a second factor: on that day the
// secret would stop opening their mail. Who activates an account of fresh.csv has one, as in an académie.
//
// Every domain ends in .example (RFC 2606), every UAI is one of a block that no school has, and no
// person, brand or school is meant.
package demo
