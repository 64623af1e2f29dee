// Package directory is the model of who works in an académie and how they are
// reached: persons, their accounts, the addresses those accounts hold, the
// functions they exercise and the establishments they exercise them in.
//
// It is pure: no input or output, no clock, no randomness. The HR feed
// (package roster) writes what is described here, the doors read it.
//
// The naming rules are the heart of the package. An address, once issued, is
// never issued to anybody else (invariant 4), so every rule here takes "n", the
// homonym number, and leaves it to the caller to know which names were ever
// taken. FirstFree ties the two together.
package directory
