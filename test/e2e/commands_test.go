package e2e

import (
	"encoding/json"
	"maps"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

func TestConfigPrintsTOML(t *testing.T) {
	t.Parallel()
	r := navette(t, 0, "config")
	var values map[string]any
	if _, err := toml.Decode(r.stdout, &values); err != nil {
		t.Fatal(err)
	}
	for _, section := range []string{"tls", "smtp", "imap", "outbound", "identity", "ops"} {
		if _, there := values[section].(map[string]any); !there {
			t.Errorf("it has no section [%s]", section)
		}
	}
	if r.stderr != "" {
		t.Errorf("it writes %q to standard error", r.stderr)
	}
}

func TestVersionIsOneLine(t *testing.T) {
	t.Parallel()
	if got := navette(t, 0, "version").stdout; !regexp.MustCompile(`^navette \S+ \(go\S+ linux/\w+\)\n$`).MatchString(got) {
		t.Errorf("it prints %q", got)
	}
}

func TestEveryCommandHasHelp(t *testing.T) {
	t.Parallel()
	where := []string{"--config=FILE", "--dir=DIR"}
	helps := map[string][]string{
		"":                 {"Usage: navette"},
		"serve":            {"--config=FILE"},
		"demo":             {"--dir=DIR", "--agents=", "--seed=", "--host=", "--database=URL", "--port-base="},
		"config":           nil,
		"import hr":        append([]string{"<file>", "--dry-run", "--report=FILE", "--force=CATEGORY|UAI", "--reason="}, where...),
		"import aaf":       append([]string{"<path>", "--dry-run", "--year=YEAR", "--report=FILE", "--force=UAI|all", "--reason="}, where...),
		"aaf status":       where,
		"aaf doubtful":     where,
		"aaf match":        append([]string{"<jointure>", "[<login>]", "--degree=", "--reason="}, where...),
		"aaf switch":       append([]string{"<year>", "--by=NAME", "--reason="}, where...),
		"aaf protect":      append([]string{"--uai=UAI", "--reason="}, where...),
		"aaf unprotect":    append([]string{"--uai=UAI", "--reason="}, where...),
		"generate aaf":     {"<out>", "--pupils=", "--guardians=", "--schools=", "--degree=", "--seed=", "--date=DAY", "--hr=FILE", "--latin", "--delta"},
		"account list":     where,
		"account password": append([]string{"<login>", "--reason="}, where...),
		"account suspend":  append([]string{"<login>", "--reason="}, where...),
		"account resume":   append([]string{"<login>", "--reason="}, where...),
		"account sheet":    append([]string{"<login>", "--reason="}, where...),

		"account reset-factors": append([]string{"<login>", "--reason="}, where...),
		"account history":       append([]string{"<who>"}, where...),
		"person twins":          where,
		"person merge":          append([]string{"<kept>", "<gone>", "--reference=", "--reason="}, where...),
		"person split":          append([]string{"<from>", "--id-rh=", "--birth-name=", "--birth-date=", "--function=", "--reference="}, where...),
		"person sponsor":        append([]string{"<sponsor>", "--uai=", "--birth-name=", "--birth-date=", "--reason="}, where...),
		"person died":           append([]string{"<login>", "--day=", "--reference=", "--reason="}, where...),
		"list list":             where,
		"list show":             append([]string{"<list>"}, where...),
		"list members":          append([]string{"<list>"}, where...),
		"list count":            append([]string{"<list>"}, where...),
		"list explain":          append([]string{"<list>"}, where...),
		"list create": append([]string{"<local>", "--display=", "--owner=", "--rule=EXPRESSION", "--member=", "--posting=", "--[no-]hidden", "--archive",
			"--leaving", "--max-size=", "--reference=", "--reason="}, where...),
		"list post-rules":    append([]string{"<list>", "<posting>", "--reason="}, where...),
		"list set":           append([]string{"<list>", "--display=", "--rule=EXPRESSION", "--[no-]hidden", "--[no-]archive", "--[no-]leaving", "--max-size=", "--reason="}, where...),
		"list add":           append([]string{"<list>", "<who>", "--reason="}, where...),
		"list remove":        append([]string{"<list>", "<who>", "--reason="}, where...),
		"list add-owner":     append([]string{"<list>", "<who>", "--reason="}, where...),
		"list remove-owner":  append([]string{"<list>", "<who>", "--reason="}, where...),
		"list waiting":       append([]string{"<list>"}, where...),
		"list archive":       append([]string{"<list>"}, where...),
		"list approve":       append([]string{"<list>", "<number>", "--reason="}, where...),
		"list reject":        append([]string{"<list>", "<number>", "--reason="}, where...),
		"list orphans":       where,
		"group list":         append([]string{"--uai=UAI"}, where...),
		"group show":         append([]string{"<group>"}, where...),
		"group members":      append([]string{"<group>"}, where...),
		"group export":       append([]string{"--uai=UAI", "--format=", "--output=FILE", "--reason="}, where...),
		"delegate give":      append([]string{"<receiver>", "--uai=UAI", "--teacher=WHO", "--division=NAME", "--from=DAY", "--to=DAY", "--reason="}, where...),
		"delegate list":      append([]string{"--uai=UAI"}, where...),
		"delegate withdraw":  append([]string{"<number>", "--reason="}, where...),
		"relay add":          append([]string{"<name>", "--network=CIDR", "--sender=DOMAIN", "--uai=UAI", "--reason="}, where...),
		"relay remove":       append([]string{"<name>", "--reason="}, where...),
		"relay list":         where,
		"box list":           where,
		"box show":           append([]string{"<box>"}, where...),
		"box members":        append([]string{"<box>"}, where...),
		"box add":            append([]string{"<box>", "<who>", "--role=", "--reason="}, where...),
		"box remove":         append([]string{"<box>", "<who>", "--reason="}, where...),
		"box create":         append([]string{"<local>", "--display=NAME", "--alias=LOCAL", "--uai=UAI", "--owner=WHO", "--reference=TEXT", "--reason="}, where...),
		"box orphans":        where,
		"establishment list": where,
		"establishment set":  append([]string{"<uai>", "--name=NAME", "--nature=CODE", "--city=TEXT", "--reason="}, where...),
		"audience explain":   append([]string{"<expression>"}, where...),
		"annuaire search":    append([]string{"<words>", "--uai=", "--limit="}, where...),
		"annuaire hide":      append([]string{"<login>", "--reason="}, where...),
		"annuaire show":      append([]string{"<login>", "--reason="}, where...),
		"forward list":       where,
		"forward set":        append([]string{"<login>", "<target>", "--until=", "--reason="}, where...),
		"forward clear":      append([]string{"<login>", "--reason="}, where...),
		"forward import":     append([]string{"<file>", "--dry-run", "--reason="}, where...),
		"frame list":         append([]string{"<uai>"}, where...),
		"frame show":         append([]string{"<frame>"}, where...),
		"frame search":       append([]string{"<uai>", "<words>"}, where...),
		"frame make":         append([]string{"<uai>", "--name=", "--purpose=", "--until=", "--reason="}, where...),
		"frame propose":      append([]string{"<frame>", "--guardian=N", "--name=NAME", "--address=ADDRESS", "--reason="}, where...),
		"frame paper":        append([]string{"<frame>", "--guardian=N", "--name=NAME", "--address=ADDRESS", "--on=", "--kept=", "--reason="}, where...),
		"frame remove":       append([]string{"<frame>", "<member>", "--reason="}, where...),
		"frame close":        append([]string{"<frame>", "--reason="}, where...),
		"incident list":      where,
		"incident declare":   append([]string{"--delivery=N", "--what=", "--aware=", "--happened=", "--exposed=N", "--others=N", "--reason="}, where...),
		"incident decide":    append([]string{"<number>", "--notified=", "--informed=", "--measures=TEXT", "--reason="}, where...),
		"incident export":    where,
		"proof keys":         where,
		"proof rotate":       append([]string{"--reason="}, where...),
		"verify":             append([]string{"<file>"}, where...),
		"check":              append([]string{"--deep"}, where...),
		"version":            nil,
	}
	root := navette(t, 0, "--help").stdout
	listed := regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z-]+)?)  `).FindAllStringSubmatch(root, -1)
	if len(listed) != len(helps)-1 {
		t.Errorf("--help lists %d commands, this test knows %d", len(listed), len(helps)-1)
	}
	for _, c := range listed {
		if _, known := helps[c[1]]; !known {
			t.Errorf("this test does not know the command %q", c[1])
		}
	}
	for words, flags := range helps {
		r := navette(t, 0, append(strings.Fields(words), "--help")...)
		for _, want := range append(flags, "--help") {
			if !strings.Contains(r.stdout, want) {
				t.Errorf("navette %s --help does not tell of %s:\n%s", words, want, r.stdout)
			}
		}
		if r.stderr != "" {
			t.Errorf("navette %s --help writes %q to standard error", words, r.stderr)
		}
	}
	if got := navette(t, 0).stdout; got != root {
		t.Errorf("without words it prints\n%s", got)
	}
}

// DESIGN §6: each door of a demo is the base and an offset of its own.
func TestADemoListensAtItsPortBase(t *testing.T) {
	t.Parallel()
	base := freeBase(t)
	dir := filepath.Join(t.TempDir(), "demo")
	p := startServer(t, "demo", "--dir", dir, "--agents", "12", "--port-base", strconv.Itoa(base))
	want := maps.Clone(doorOffsets)
	for door, offset := range want {
		want[door] = base + offset
		conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(base+offset)))
		if err != nil {
			t.Errorf("%s: %v", door, err)
			continue
		}
		conn.Close()
	}
	var ports map[string]int
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(dir, "ports.json"))), &ports); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, ports); diff != "" {
		t.Errorf("ports.json (-want +got):\n%s", diff)
	}
	if err := p.stop(); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, tail(p.stderr.String()))
	}
}
