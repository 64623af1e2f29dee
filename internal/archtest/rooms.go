// Package archtest holds the plan of the house, which room lies on which floor, and the test that the imports follow
// it: arrows run down only, doors -> services -> storage -> model.
//
// A new package below internal/ gets its line in [rooms]; until then the test fails. Packages below a room belong to
// it (internal/imap/wire to imap), and so do its test helpers.
package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// floor is the height of a room. A room may import its own floor and those below it.
type floor int

const (
	model    floor = iota // pure: values and rules, no I/O
	storage               // what keeps bytes and rows
	services              // what the académie does
	doors                 // protocols and pages
	top                   // commands and the composition root
	testOnly              // imported by tests, never by the program
)

func (f floor) String() string {
	return [...]string{"model", "storage", "services", "doors", "top", "test-only"}[f]
}

// room is one package below internal/.
type room struct {
	floor floor
	// tables is true for rooms that own tables and so may import store, which doc.go of store lists.
	tables bool
}

// rooms is the whole house; DESIGN and ARCHITECTURE.md say what each room is for.
var rooms = map[string]room{
	"aaf":       {floor: model},
	"audience":  {floor: model},
	"directory": {floor: model},
	"failure":   {floor: model},
	"fault":     {floor: model},
	"forgery":   {floor: model},
	"imap":      {floor: model},
	"mail":      {floor: model},
	"password":  {floor: model},

	"blob":    {floor: storage},
	"bus":     {floor: storage},
	"country": {floor: storage},
	"safeio":  {floor: storage},
	"search":  {floor: storage, tables: true},
	"store":   {floor: storage},

	"activation": {floor: services, tables: true},
	"annuaire":   {floor: services, tables: true},
	"audit":      {floor: services, tables: true},
	"autoreply":  {floor: services, tables: true},
	"box":        {floor: services, tables: true},
	"check":      {floor: services, tables: true},
	"career":     {floor: services, tables: true},
	"content":    {floor: services, tables: true},
	"delivery":   {floor: services, tables: true},
	"dropfolder": {floor: services},
	"disclosure": {floor: services, tables: true},
	"egress":     {floor: services},
	"enrolment":  {floor: services, tables: true},
	"factor":     {floor: services, tables: true},
	"group":      {floor: services, tables: true},
	"forward":    {floor: services, tables: true},
	"frame":      {floor: services, tables: true},
	"guard":      {floor: services},
	"history":    {floor: services, tables: true},
	"identity":   {floor: services, tables: true},
	"incident":   {floor: services, tables: true},
	"limits":     {floor: services},
	"list":       {floor: services, tables: true},
	"mailbox":    {floor: services, tables: true},
	"mailing":    {floor: services, tables: true},
	"notice":     {floor: services},
	"origin":     {floor: services},
	"outbound":   {floor: services, tables: true},
	"proof":      {floor: services, tables: true},
	"reach":      {floor: services, tables: true},
	"roster":     {floor: services, tables: true},
	"session":    {floor: services, tables: true},
	"signin":     {floor: services, tables: true},
	"sasl":       {floor: services},
	"submission": {floor: services, tables: true},
	"ticket":     {floor: services, tables: true},

	"imapd": {floor: doors},
	"opsd":  {floor: doors},
	"smtpd": {floor: doors},
	"webd":  {floor: doors},

	"admin":  {floor: top},
	"cli":    {floor: top},
	"config": {floor: top},
	"demo":   {floor: top},
	"node":   {floor: top, tables: true},

	"archtest": {floor: testOnly},
	"testkit":  {floor: testOnly},
}

// pure lists what the model must not import: a package that reads or writes outside the program. The io package is
// fine, since a reader may be handed in.
var pure = []string{"database/sql", "io/ioutil", "net", "net/http", "os", "os/exec", "syscall"}

// module begins the import path of every package of ours.
const module = "navette/"

// pkg is what `go list -json` says of a package, as far as the rules go.
type pkg struct {
	ImportPath string
	Imports    []string // of the program, not of its tests
}

// roomOf returns the name of the room that an import path lies in, "" for what is not below internal/. A folder named
// *test below a room (store/storetest) is one of test helpers.
func roomOf(path string) (name string, helper bool) {
	rest, ok := strings.CutPrefix(path, module+"internal/")
	if !ok {
		return "", false
	}
	parts := strings.Split(rest, "/")
	return parts[0], len(parts) > 1 && strings.HasSuffix(parts[len(parts)-1], "test")
}

// check returns one sentence for each breach of the plan, sorted.
func check(pkgs []pkg) []string {
	var breaches []string
	for _, p := range pkgs {
		name, helper := roomOf(p.ImportPath)
		if name == "" {
			breaches = append(breaches, checkOutside(p)...)
			continue
		}
		r, known := rooms[name]
		if !known {
			breaches = append(breaches, fmt.Sprintf(
				"internal/%s is in no room: add it to the table in internal/archtest/rooms.go, on the floor where it belongs", name))
			continue
		}
		for _, imported := range p.Imports {
			if why := forbidden(name, r, helper, imported); why != "" {
				breaches = append(breaches, fmt.Sprintf("%s imports %s: %s",
					strings.TrimPrefix(p.ImportPath, module), strings.TrimPrefix(imported, module), why))
			}
		}
	}
	slices.Sort(breaches)
	return slices.Compact(breaches)
}

// checkOutside holds packages that lie in no room (cmd, web, bench, test): the program starts in cmd, which knows the
// command line alone; the others are handed to the rooms, or stand beside them.
func checkOutside(p pkg) []string {
	var breaches []string
	for _, imported := range p.Imports {
		name, _ := roomOf(imported)
		switch {
		case name == "":
		case strings.HasPrefix(p.ImportPath, module+"cmd/") && name != "cli":
			breaches = append(breaches, fmt.Sprintf("%s imports internal/%s: a command calls internal/cli and nothing else",
				strings.TrimPrefix(p.ImportPath, module), name))
		case p.ImportPath == module+"web":
			breaches = append(breaches, fmt.Sprintf("web imports internal/%s: it holds pages, and knows no room", name))
		}
	}
	return breaches
}

// forbidden says why a package of the room name must not import another, or "".
func forbidden(name string, r room, helper bool, imported string) string {
	test := r.floor == testOnly || helper
	if r.floor == model && !test && slices.Contains(pure, imported) {
		return "the model is pure"
	}
	if r.floor == doors && !test && imported == "database/sql" {
		return "doors never see SQL"
	}
	target, targetHelper := roomOf(imported)
	t, known := rooms[target]
	switch {
	case target == "", !known: // an unknown room is reported once, as itself
		return ""
	case test:
		return "" // tests may use the whole house
	case targetHelper || t.floor == testOnly:
		return "only tests may use it"
	case target == name:
		return ""
	case r.floor == doors && t.floor == doors:
		return "doors never call each other"
	case target == "store" && r.floor == doors:
		return "doors never see SQL"
	case target == "store" && r.floor > storage && !r.tables:
		return fmt.Sprintf("%s owns no table; the table in internal/archtest/rooms.go says who does", name)
	case t.floor > r.floor:
		return fmt.Sprintf("an arrow upwards, from %s to %s", r.floor, t.floor)
	}
	return ""
}
