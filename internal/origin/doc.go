// Package origin says of mail that comes from outside what its readers should see: that it comes from outside, and
// where its sender looks like somebody of ours.
//
// # What is written
//
// Reception puts one field before each message, in its prefix, which only Navette writes (internal/forgery takes forged
// ones out of the content):
//
//	X-Navette-Origine: exterieur; nom-agent; domaine-voisin
//
// Read gives it back to whoever shows the message. A client's APPEND may hold such a field too, in its content: it proves
// nothing, so Read is for prefixes alone.
//
// # What it claims
//
// A sign is what was seen and never an accusation: a parent may bear an agent's name, and an agent writes from home.
// So nothing is refused or moved for it, and the sentences say « le nom affiché est aussi celui d'un agent », not
// « fraude ». What is not seen: a name with a letter wrong (« Martine » for « Martin » is somebody else), and names of
// the liste rouge, for the mark would tell that they are agents.
//
// # What it costs
//
// No query a message: names stand in memory as two hashes each, read again from the annuaire when that has changed.
// 250,000 people take some 28 MB (BENCHMARKS.md has the times).
package origin
