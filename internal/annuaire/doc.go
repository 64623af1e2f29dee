// Package annuaire is the directory as people search it: who works where, which posts are vacant, and where to write.
// Every door that shows people (pages, JMAP contacts, CardDAV, LDAP, the composer's completion) asks this one package.
//
// # Who is shown
//
//   - People who have an address and have not departed: by the name that they use and their primary address alone. A
//     former address, a birth name beside a usage name and further forenames are neither shown nor found: each may be a
//     deadname or tell of a divorce. Birth dates, id_rh and the NUMEN are not even read here; the login of a person, with
//     which they sign in, is kept nowhere.
//   - Whoever is appointed is shown before the first log-in: the address is theirs from that day and receives. Nothing
//     tells them from others, for an account that nobody has activated is one that somebody else may try to. Nor does
//     a suspension show, which is no colleague's business.
//   - Functions of today. What begins later is shown only of those who have none today, with its day: a directory does
//     not announce that somebody will move. Without any (the time of grace) the name and the address stay.
//   - Functional boxes.
//   - Vacant posts: what somebody held within the last year and nobody holds today, with the establishment's box.
//
// # Liste rouge
//
// An agent under threat is hidden (Hide). The directory then says to everybody what it would say if they had never
// been in it: their entry stands in another index, which those who are not entitled never search, and their functions,
// of the past too, count for no vacancy. So a post that only a hidden person holds may be called vacant, with the box
// of the establishment to write to, which is where such mail should go. Entitled are the person, whoever directs an
// establishment in which the person works (they know already, and must be able to write), and the operators of the
// command line. There are no other roles yet, so RH and the DSI ask through that.
//
// # Index
//
// Each node keeps all of it in memory, read from the database and caught up by the counter `directory` of store_meta,
// which every transaction takes that changes the directory: rows of the history bear it. Terms in the database were
// the other way, and were not tried: « professeur » names half of everybody, and to rank 100,000 rows would take either
// engine longer than the 20 ms there are; the order would have to be the same on both; and an import would write ten
// more rows a person. What the index takes is measured in BENCHMARKS.md.
//
//	view       what is searched at an instant, immutable, swapped as a whole
//	 base      nearly everybody; rebuilt when the others have grown
//	 recent    whoever changed since, in place of their entry in base
//	 vacant    the vacant posts
//	 reserved  the liste rouge
//
// # Tables
//
//	annuaire_hidden   the liste rouge
//	annuaire_use      how many entries an account was shown, by the hour
//
// # Invariants
//
//  1. For who is not entitled, no answer depends on a hidden person.
//  2. Answers depend on the database, the day and the asker, in order too, and neither on the engine nor on the node, nor
//     on how the index came to be: read at once, or caught up change by change.
//  3. A change is seen within CatchUpEvery, or three times as long as the last catching up took (an import keeps a node
//     busy). Where the database has not been read for staleAfter, a search fails rather than show what may be hidden by
//     now.
package annuaire
