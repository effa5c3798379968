// Package docs holds the documentation and the tests that keep it true: the table of
// imports, the printed pages, links, and the list of files that may reveal a claim.
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

// allowedImports lists, for each package, the packages of this module that it may
// import. The table is policy: DO NOT CHANGE IT TO FIX A BUILD. A package without a
// line fails the test, so that a new one is placed deliberately.
//
// A name that ends in /* stands for the packages below it. What a package may import,
// its internal packages may import too.
func allowedImports() map[string][]string {
	var (
		domain = []string{"engine/idv"}
		engine = []string{
			"engine/identity", "engine/route", "engine/dispatch", "engine/guard", "engine/telemetry",
			"engine/ledger", "engine/store", "engine/store/memory",
			"policy", "policy/consent", "policy/abuse", "policy/keyring",
		}
		stored = []string{"engine/ledger", "engine/route", "policy", "policy/access", "policy/audit", "policy/consent"} // whose types a store keeps
	)
	return map[string][]string{
		"engine/idv": nil,

		// Reads what people hand in. Whoever reads text of theirs may import it.
		"engine/textfile": domain,

		// The engine's parts. None imports another but the ledger, so each can be read alone.
		"engine/identity":          domain,
		"engine/route":             domain,
		"engine/dispatch":          domain,
		"engine/guard":             domain,
		"engine/drift":             domain,
		"engine/telemetry":         domain,
		"engine/fleet":             append(domain, "engine/guard", "engine/store"), // between both
		"engine/store":             append(append(domain, stored...), "engine/identity"),
		"engine/ledger":            domain,
		"engine/ledger/alert":      domain,
		"engine/ledger/score":      append(domain, "engine/ledger"),
		"engine/ledger/csvfile":    append(domain, "engine/ledger"),
		"engine/ledger/reconcile":  append(domain, "engine/ledger/csvfile"),
		"engine/ledger/statement":  append(domain, "engine/identity", "engine/ledger/reconcile", "engine/textfile"),
		"engine/ledger/forecast":   append(domain, "engine/ledger/reconcile"),
		"engine/store/memory":      append(append(domain, stored...), "engine/store"),
		"engine/store/sqlstore":    append(append(domain, stored...), "engine/store", "engine/store/privatefile"),
		"engine/store/privatefile": nil,
		"engine/store/storetest":   append(append(domain, stored...), "engine/store"),

		// Policy sees no personal data. keyring alone handles people, by keyed tokens.
		"policy":                 domain,
		"policy/access":          domain,
		"policy/audit":           domain,
		"policy/rules":           append(domain, "config/strictyaml", "policy"),
		"policy/abuse":           append(domain, "policy"),
		"policy/keyring":         append(domain, "policy"),
		"policy/consent":         domain,
		"policy/consent/notice":  append(domain, "config/strictyaml", "engine/textfile", "policy/consent"),
		"policy/consent/lint":    append(domain, "policy/consent", "policy/consent/notice"),
		"policy/consent/receipt": append(domain, "policy/consent"),

		// The engine alone imports them all. It knows no vendor, HTTP or SQL.
		"engine":            append(domain, engine...),
		"engine/consents":   append(append(domain, stored...), "policy/abuse", "engine/identity", "engine/store", "policy/keyring", "policy/consent/notice", "policy/consent/receipt"),
		"engine/simulation": nil, // tests only
		"engine/enginetest": append(domain, "engine", "engine/guard", "engine/route", "engine/store", "policy/consent", "policy/keyring"),

		// A vendor package knows neither the engine nor another vendor.
		"providers":              domain,
		"providers/auth":         append(domain, "providers", "providers/strictjson", "providers/transform", "providers/auth/aliyun", "providers/auth/tencent", "providers/auth/huawei", "providers/auth/esign"),
		"providers/auth/aliyun":  append(domain, "providers"),
		"providers/auth/tencent": append(domain, "providers"),
		"providers/auth/huawei":  append(domain, "providers"),
		"providers/auth/esign":   append(domain, "providers"),
		"providers/exchange":     append(domain, "providers", "providers/auth"),
		"providers/strictjson":   nil,
		"providers/body":         {"providers/strictjson"},
		"providers/gateway":      append(domain, "providers"),
		"providers/radar":        append(domain, "providers"),
		"providers/transform":    append(domain, "providers"),
		"providers/declared":     append(domain, "config/strictyaml", "providers", "providers/auth", "providers/body", "providers/gateway", "providers/strictjson", "providers/transform"),
		"providers/idcert":       append(domain, "providers", "providers/gateway", "providers/strictjson"),
		"providers/aliyun":       append(domain, "providers", "providers/strictjson"),
		"providers/esign":        append(domain, "providers", "providers/strictjson"),
		"providers/tencent":      append(domain, "providers", "providers/auth/tencent", "providers/strictjson"),
		"providers/baidu":        append(domain, "providers", "providers/strictjson"),
		"providers/huawei":       append(domain, "providers", "providers/auth/huawei", "providers/strictjson"),
		"providers/catalogue":    append(domain, "providers", "providers/aliyun", "providers/baidu", "providers/esign", "providers/huawei", "providers/idcert", "providers/tencent"),
		"providers/providertest": append(domain, "providers", "providers/body", "providers/strictjson"),
		"providers/sandbox":      append(domain, "providers", "providers/auth", "providers/auth/aliyun", "providers/body", "providers/strictjson"),

		// Plugins know neither the engine nor a vendor. A plugin's main imports its own vendor.
		"plugins/proto/heyan/provider/v2": nil,
		"plugins/internal/wire":           append(domain, "providers", "plugins/proto/heyan/provider/v2"),
		"plugins":                         append(domain, "providers", "plugins/internal/wire", "plugins/proto/heyan/provider/v2"),
		"plugins/plugintest":              append(domain, "providers", "plugins", "plugins/proto/heyan/provider/v2"),
		"plugins/idcert":                  {"plugins", "providers/idcert"},

		// The configuration is data. config/assemble alone assembles the application.
		"config/strictyaml": append(domain, "engine/textfile"),
		"config": append(domain, "config/strictyaml", "engine/textfile", "engine/identity", "engine/ledger", "engine/route", "policy", "policy/access", "policy/consent",
			"policy/abuse"),
		"config/assemble": append(append(domain, engine...), "engine", "engine/textfile", "config", "config/strictyaml",
			"engine/consents", "engine/store/privatefile", "engine/store/sqlstore", "policy/access", "policy/audit", "policy/rules", "policy/consent/notice", "policy/consent/receipt", "providers", "providers/catalogue", "providers/declared", "providers/exchange", "providers/auth", "providers/radar", "plugins"),

		// The fronts share requests and views, and do not import each other.
		"cmd/internal/api": append(domain, "engine", "engine/consents", "engine/drift", "engine/ledger", "engine/ledger/csvfile", "engine/ledger/score", "engine/route", "engine/store",
			"policy", "policy/access", "policy/audit", "policy/consent", "policy/consent/notice", "plugins"),
		"cmd/internal/auth":   append(domain, "cmd/internal/api", "engine/store", "policy/access", "policy/audit", "policy/keyring"),
		"cmd/internal/orders": append(domain, "engine", "engine/store"),
		"cmd/internal/httpapi": append(domain, "cmd/internal/api", "cmd/internal/auth", "cmd/internal/orders", "config/strictyaml", "engine", "engine/consents", "engine/drift", "engine/identity", "engine/ledger", "engine/ledger/csvfile", "engine/ledger/score", "engine/route", "engine/store",
			"policy", "policy/abuse", "policy/access", "policy/audit", "policy/consent", "policy/consent/notice", "policy/consent/receipt", "plugins", "providers/strictjson"),
		"cmd/internal/rpcapi":         {"cmd/internal/api", "cmd/internal/rpcapi/heyanv1"},
		"cmd/internal/rpcapi/heyanv1": nil,
		"cmd/*": {
			"engine/idv", "engine", "engine/*", "engine/ledger/*", "engine/store/privatefile", "policy", "policy/*", "policy/consent/*", "config", "config/strictyaml", "config/assemble", "engine/store/sqlstore",
			"providers", "providers/catalogue", "providers/declared", "providers/sandbox", "providers/strictjson",
			"providers/providertest", "providers/body", "providers/exchange", "providers/auth", "plugins", "cmd/internal/*",
		},
		"docs":          nil,
		"docs/examples": nil,
	}
}

// TestImportPathsAreShort bounds the longest chain of imports below cmd, in packages, so
// that a reader reaches the bottom of any package in a few steps.
func TestImportPathsAreShort(t *testing.T) {
	const longest = 6
	imports := map[string][]string{}
	for _, p := range list(t) {
		imports[p.ImportPath] = p.Imports
	}
	depths := map[string]int{}
	var depth func(name string) int
	depth = func(name string) int {
		if depths[name] == 0 {
			deepest := 0
			for _, i := range imports[name] {
				if strings.HasPrefix(i, module) {
					deepest = max(deepest, depth(i))
				}
			}
			depths[name] = deepest + 1
		}
		return depths[name]
	}
	for name := range imports {
		if d := depth(name); d > longest && !strings.HasPrefix(name, module+"cmd/") {
			t.Errorf("%s begins an import path of %d packages, want at most %d", name, d, longest)
		}
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestImports(t *testing.T) {
	table := allowedImports()
	seen := map[string]bool{}
	for _, p := range list(t) {
		importer := strings.TrimPrefix(p.ImportPath, module)
		name, allowed, ok := lineOf(table, importer)
		if !ok {
			t.Errorf("%s has no line in the table of imports", importer)
			continue
		}
		seen[name] = true
		for _, imported := range p.Imports {
			other, ours := strings.CutPrefix(imported, module)
			if ours && !allows(name, allowed, other) {
				t.Errorf("%s may not import %s", importer, other)
			}
		}
	}
	for name := range table {
		if !seen[name] {
			t.Errorf("the table of imports has a line for %s, which does not exist", name)
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

// lineOf returns the line of a package, or of the package it is internal to.
func lineOf(table map[string][]string, importer string) (string, []string, bool) {
	for name := importer; name != "."; name = path.Dir(name) {
		if allowed, ok := table[name]; ok && (name == importer || inner(name, importer)) {
			return name, allowed, true
		}
		if allowed, ok := table[path.Dir(name)+"/*"]; ok {
			return path.Dir(name) + "/*", allowed, true
		}
	}
	return "", nil, false
}

// inner reports whether a package stands in the internal folder of the one above, or
// is its test package.
func inner(above, name string) bool {
	below := strings.TrimPrefix(name, above+"/")
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
