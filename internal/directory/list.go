package directory

import "strings"

// listOwnerSuffix ends the local part at which the owners of a distribution list are
// written to, and reports of non-delivery come in: profs-owner@ for profs@.
const listOwnerSuffix = "-owner"

// ListOwnerLocal gives the local part of a list's owners.
func ListOwnerLocal(local string) string { return local + listOwnerSuffix }

// IsListOwnerAddress tells which of a list's addresses is that of its owners; the
// others are those of its members.
func IsListOwnerAddress(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	return strings.HasSuffix(local, listOwnerSuffix)
}
