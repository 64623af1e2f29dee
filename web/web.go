// Package web holds the pages of Navette as they are built, so that the program is one file.
//
// dist keeps one committed page, so that a bare `go build` works without Node.js; building the pages replaces it.
package web

import (
	"embed"
	"io/fs"
)

//go:embed dist
var files embed.FS

// Dist returns the built pages: index.html and what it refers to.
func Dist() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err) // only an invalid name fails, and "dist" is valid
	}
	return dist
}
