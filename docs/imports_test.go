// Package docs holds the documentation and the tests that keep it true: the table
// of rooms, and the printed pages.
package docs

import (
	"encoding/json"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/heyan-id/heyan/"

// rooms says which rooms of the house each room may import. It is DESIGN section 3
// as a table, and a statement of policy: DO NOT CHANGE IT TO FIX A BUILD. A room
// that is not listed may not exist, so a new one gets a line here, with thought.
//
// A name that ends in /* stands for the rooms below it. What a room may import, its
// inner rooms may too.
func rooms() map[string][]string {
	var (
		nouns  = []string{"engine/idv"}
		engine = []string{
			"engine/identity", "engine/route", "engine/dispatch", "engine/guard", "engine/telemetry",
			"engine/ledger", "engine/store", "engine/store/memory", "engine/cache",
			"policy", "policy/consent", "policy/abuse", "policy/keyring",
		}
		kept = []string{"engine/ledger", "policy/consent", "policy/abuse"} // what a store keeps
	)
	return map[string][]string{
		"engine/idv": nil,

		// One thing each. None knows another, so each can be read alone.
		"engine/identity":         nouns,
		"engine/route":            nouns,
		"engine/dispatch":         nouns,
		"engine/guard":            nouns,
		"engine/telemetry":        nouns,
		"engine/store":            append(nouns, kept...),
		"engine/cache":            nouns,
		"engine/ledger":           nouns,
		"engine/ledger/alert":     nouns,
		"engine/ledger/csvfile":   append(nouns, "engine/ledger"),
		"engine/ledger/reconcile": append(nouns, "engine/ledger/csvfile"),
		"engine/ledger/statement": append(nouns, "engine/ledger/reconcile"),
		"engine/ledger/forecast":  append(nouns, "engine/ledger/reconcile"),
		"engine/store/memory":     append(append(nouns, kept...), "engine/store"),
		"engine/store/sqlstore":   append(append(nouns, kept...), "engine/store"),
		"engine/store/storetest":  append(append(nouns, kept...), "engine/store"),

		// Policy sees no personal data; of its rooms, pseudonym alone handles people, by key.
		"policy":                 nouns,
		"policy/rules":           append(nouns, "policy"),
		"policy/abuse":           append(nouns, "policy"),
		"policy/keyring":         append(nouns, "policy/abuse"),
		"policy/consent":         nouns,
		"policy/consent/notice":  append(nouns, "policy/consent"),
		"policy/consent/lint":    append(nouns, "policy/consent", "policy/consent/notice"),
		"policy/consent/receipt": append(nouns, "policy/consent"),

		// The engine alone sees them all. It has never heard of a vendor, HTTP or SQL.
		"engine":            append(nouns, engine...),
		"engine/consents":   append(append(nouns, kept...), "policy", "policy/abuse", "engine/identity", "engine/store", "policy/keyring", "policy/consent/notice", "policy/consent/receipt"),
		"engine/enginetest": append(nouns, "engine", "engine/guard", "engine/route", "engine/store", "policy/consent", "policy/keyring"),

		// A vendor room has never heard of the engine, nor of another vendor.
		"providers":              nouns,
		"providers/sign":         append(nouns, "providers"),
		"providers/exchange":     append(nouns, "providers", "providers/sign"),
		"providers/strictjson":   nil,
		"providers/gateway":      append(nouns, "providers"),
		"providers/idcert":       append(nouns, "providers", "providers/gateway", "providers/strictjson"),
		"providers/catalogue":    append(nouns, "providers", "providers/idcert"),
		"providers/providertest": append(nouns, "providers", "providers/strictjson"),
		"providers/sandbox":      append(nouns, "providers", "providers/sign", "providers/strictjson"),

		// Plugins know neither the engine nor a vendor; a plugin's main knows its own.
		"plugins/proto/heyan/provider/v1": nil,
		"plugins/internal/wire":           append(nouns, "providers", "plugins/proto/heyan/provider/v1"),
		"plugins":                         append(nouns, "providers", "plugins/internal/wire", "plugins/proto/heyan/provider/v1"),
		"plugins/plugintest":              append(nouns, "providers", "plugins", "plugins/proto/heyan/provider/v1"),
		"plugins/idcert":                  {"plugins", "providers/idcert"},

		// The configuration is data; one place puts the house together.
		"config": append(nouns, "engine/route", "policy", "policy/consent", "policy/abuse"),
		"config/assemble": append(append(nouns, engine...), "engine", "config",
			"engine/consents", "engine/store/sqlstore", "policy/rules", "policy/consent/notice", "policy/consent/receipt", "providers", "providers/catalogue", "providers/exchange", "providers/sign", "plugins"),

		"cmd/*": {
			"engine/idv", "engine", "engine/*", "engine/ledger/*", "policy", "policy/*", "policy/consent/*", "config", "config/assemble",
			"providers", "providers/catalogue", "providers/sandbox", "providers/strictjson",
			"providers/providertest", "providers/exchange", "providers/sign", "plugins", "cmd/internal/*",
		},
		"docs":          nil,
		"docs/examples": nil,
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestRooms(t *testing.T) {
	table := rooms()
	seen := map[string]bool{}
	for _, p := range list(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		name, allowed, ok := lineOf(table, room)
		if !ok {
			t.Errorf("%s has no line in the table of rooms", room)
			continue
		}
		seen[name] = true
		for _, imported := range p.Imports {
			other, inHouse := strings.CutPrefix(imported, module)
			if inHouse && !allows(name, allowed, other) {
				t.Errorf("%s may not import %s", room, other)
			}
		}
	}
	for name := range table {
		if !seen[name] {
			t.Errorf("the table of rooms has a line for %s, which does not exist", name)
		}
	}
}

// TestEngineIsLight keeps the promise that an embedding program with one vendor and
// a memory store links nothing of SQL, gRPC, CEL or an exporter.
func TestEngineIsLight(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", module+"engine", module+"providers/idcert", module+"providers/exchange").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, heavy := range []string{"google.golang.org/grpc", "modernc.org", "jackc/pgx", "cel.dev", "otel/sdk", "otel/exporters", "spf13", "koanf", "danielgtaylor/huma"} {
		if strings.Contains(string(out), heavy) {
			t.Errorf("the engine links %s", heavy)
		}
	}
}

func list(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// lineOf finds the line of a room, or that of the room it is an inner room of.
func lineOf(table map[string][]string, room string) (string, []string, bool) {
	for name := room; name != "."; name = path.Dir(name) {
		if allowed, ok := table[name]; ok && (name == room || inner(name, room)) {
			return name, allowed, true
		}
		if allowed, ok := table[path.Dir(name)+"/*"]; ok {
			return path.Dir(name) + "/*", allowed, true
		}
	}
	return "", nil, false
}

// inner reports whether room stands in an internal folder, or beside the tests, of
// the room above.
func inner(above, room string) bool {
	below := strings.TrimPrefix(room, above+"/")
	return strings.HasPrefix(below, "internal/") || below == path.Base(above)+"test" || above == "docs/examples"
}

func allows(name string, allowed []string, other string) bool {
	if slices.Contains(allowed, other) || other == name || strings.HasPrefix(other, name+"/internal/") {
		return true
	}
	if outer, _, ok := strings.Cut(other, "/internal/"); ok && strings.HasPrefix(name, outer+"/") {
		return true
	}
	return slices.Contains(allowed, path.Dir(other)+"/*") || slices.ContainsFunc(allowed, func(a string) bool {
		return inner(a, other) && a == path.Dir(other)
	})
}
