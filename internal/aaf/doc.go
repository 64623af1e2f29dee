// Package aaf reads the exports of the Annuaire académique fédérateur: the establishments, pupils, guardians, staff,
// subjects and kinds of training of an académie, as XML files in a folder or an archive (SDET, DOMAIN §1).
//
// The two dialects, 1D of the écoles and 2D of the collèges and lycées, come out as one set of types. What Navette has
// no use for (postal addresses, telephones, grants, meals) is read over and leaves the reader nowhere.
//
// The package is pure: what it reads is handed in. It keeps one record in memory at a time, resolves nothing outside
// the file, and has a limit for everything that a file can make large (Limits).
//
// No text of an error or a doubt quotes a value: what AAF holds of people is personal data, and a mail address of a
// guardian is protected (invariant 5). Join keys, attribute names and positions are what they tell.
package aaf
