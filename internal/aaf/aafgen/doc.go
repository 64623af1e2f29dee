// Package aafgen invents AAF exports: an académie of any size, fictional, the same to the octet for the same options.
//
// Each thing draws from a place of its own, given by the seed, its kind and its number, so nothing has to be remembered
// to write the next one: memory grows with the schools, not with the people. Families lie in blocks of neighbouring
// pupils, whatever school those attend: brothers and sisters go to schools near each other, and people answer for
// several pupils.
//
// What real exports trouble their readers with is in it: separated parents, households with one mailbox, missing
// addresses, dots in Gmail's, homonyms, accents, classes with spaces, contacts who are no legal guardians, schools that
// still use the old codes of links, values written twice.
//
// Nobody is meant. Domains end in .example (RFC 2606), but for addresses at gmail.com, whose local parts are longer
// than Gmail lets any be.
package aafgen
