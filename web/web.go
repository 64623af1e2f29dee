// Package web holds the pages of Navette as they are built, so that the program is one file.
//
// dist keeps one committed page, index.html, so that a bare `go build` works without Node.js; `make pages` builds the
// others beside it: portal.html and what it refers to.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Dist returns the built pages, or index.html alone.
func Dist() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err) // only an invalid name fails, and "dist" is valid
	}
	return dist
}
