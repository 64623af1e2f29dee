// Command navette is the mail system of an académie.
package main

import (
	"os"

	"navette/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
