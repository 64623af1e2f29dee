package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// network lists what opens a connection or asks the DNS, by import path. An empty list stands for the whole package.
// Listening is not among them, and neither are clients that take a connection which somebody else has opened.
var network = map[string]struct {
	name  string // of the package, where an import gives it no other
	items []string
}{
	"net": {"net", []string{"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer", "Resolver", "DefaultResolver",
		"LookupAddr", "LookupCNAME", "LookupHost", "LookupIP", "LookupMX", "LookupNS", "LookupPort", "LookupSRV", "LookupTXT",
		"ResolveIPAddr", "ResolveTCPAddr", "ResolveUDPAddr"}},
	"net/http":                        {"http", []string{"Client", "DefaultClient", "DefaultTransport", "Transport", "Get", "Head", "Post", "PostForm"}},
	"crypto/tls":                      {"tls", []string{"Dial", "DialWithDialer", "Dialer"}},
	"net/textproto":                   {"textproto", []string{"Dial"}},
	"net/rpc":                         {"rpc", nil},
	"net/rpc/jsonrpc":                 {"jsonrpc", nil},
	"net/smtp":                        {"smtp", nil},
	"syscall":                         {"syscall", []string{"Connect", "Sendto", "Socket"}},
	"golang.org/x/sys/unix":           {"unix", []string{"Connect", "Sendto", "Socket"}},
	"golang.org/x/crypto/ssh":         {"ssh", []string{"Dial"}},
	"golang.org/x/net/proxy":          {"proxy", nil},
	"golang.org/x/net/websocket":      {"websocket", []string{"Dial", "DialConfig"}},
	"github.com/emersion/go-smtp":     {"smtp", []string{"Dial", "DialTLS", "DialStartTLS"}},
	"github.com/jackc/pgx/v5":         {"pgx", []string{"Connect", "ConnectConfig", "ConnectWithOptions"}},
	"github.com/jackc/pgx/v5/pgconn":  {"pgconn", []string{"Connect", "ConnectConfig", "ConnectWithOptions"}},
	"github.com/jackc/pgx/v5/pgxpool": {"pgxpool", nil},
	"github.com/jackc/pgx/v5/stdlib":  {"stdlib", []string{"GetConnector", "OpenDB", "OpenDBFromPool", "RegisterConnConfig"}},
}

// dials is one place where a room reaches for the network.
type dials struct{ room, item string }

// mayDial holds the places other than internal/egress, each with its reason. All else goes through egress, which
// resolves once, dials what it resolved, and refuses addresses that are not the world's (DESIGN §5).
var mayDial = map[dials]string{
	{"admin", "net.Dialer"}:                            "commands reach the server through its Unix socket",
	{"admin", "net/http.Client"}:                       "on that socket alone",
	{"admin", "net/http.Transport"}:                    "on that socket alone",
	{"node", "net.DefaultResolver"}:                    "handed to egress, which asks it",
	{"store", "github.com/jackc/pgx/v5/stdlib.OpenDB"}: "the database that the configuration names",
}

// reaches returns what a file uses of the network, as "import/path.Item" and in its order; "import/path.*" for a package
// whose names it takes over without saying which (import .).
func reaches(file *ast.File) []string {
	names := map[string]string{} // of this file, to import paths
	var out []string
	for _, spec := range file.Imports {
		from, err := strconv.Unquote(spec.Path.Value)
		net, listed := network[from]
		switch {
		case err != nil || !listed:
		case spec.Name == nil:
			names[net.name] = from
		case spec.Name.Name == ".":
			out = append(out, from+".*")
		default:
			names[spec.Name.Name] = from
		}
	}
	for node := range ast.Preorder(file) {
		used, ok := node.(*ast.SelectorExpr)
		if !ok {
			continue
		}
		pkg, ok := used.X.(*ast.Ident)
		if !ok {
			continue
		}
		from, listed := names[pkg.Name]
		if items := network[from].items; listed && (len(items) == 0 || slices.Contains(items, used.Sel.Name)) {
			out = append(out, from+"."+used.Sel.Name)
		}
	}
	return out
}

// source is one parsed file of the program; its path has slashes and begins at the module's root.
type source struct {
	path string
	file *ast.File
}

// checkDialing returns a sentence for each place that reaches for the network and may not, and for each permission that
// nobody uses any more, sorted.
func checkDialing(sources []source) []string {
	unused := map[dials]bool{}
	for d := range mayDial {
		unused[d] = true
	}
	var breaches []string
	for _, s := range sources {
		room, _, _ := strings.Cut(strings.TrimPrefix(s.path, "internal/"), "/") // cmd counts as one
		if room == "egress" || rooms[room].floor == testOnly {
			continue
		}
		for _, item := range reaches(s.file) {
			d := dials{room, item}
			delete(unused, d)
			if _, allowed := mayDial[d]; !allowed {
				breaches = append(breaches, fmt.Sprintf("%s uses %s: connections go out through internal/egress", s.path, item))
			}
		}
	}
	for d := range unused {
		breaches = append(breaches, fmt.Sprintf("%s no longer uses %s: take its line out of mayDial", d.room, d.item))
	}
	slices.Sort(breaches)
	return slices.Compact(breaches)
}
