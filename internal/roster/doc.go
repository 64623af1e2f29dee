// Package roster turns the HR feed into the directory: joiners, changes and ends of functions.
//
// The feed is a complete file, one line a function held, which ends with the number of its
// data lines. Open reads a whole file without believing it: encoding, header, trailer and the
// agreement of the lines about each person are settled before the first record is given, so
// that a truncated or garbled file changes nothing. Wrong lines are told, by number and
// reason, and the others go on.
//
// What a manager reads in a report is French.
package roster
