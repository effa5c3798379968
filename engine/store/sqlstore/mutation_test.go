package sqlstore

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMutants changes the stored forms in every way that a careless edit could, one
// change at a time, and expects the tests of stored_test.go to fail for each: a tag is
// renamed, a tag is removed, and a member is left out when a form is written or read.
// It takes a sample. With HEYAN_PROVE set, as in `make prove`, it takes every mutant,
// which lasts some minutes.
func TestMutants(t *testing.T) {
	sample := 41 // one in so many; odd, since kinds of changes alternate
	if os.Getenv("HEYAN_PROVE") != "" {
		sample = 1
	}
	// A package below testdata is part of the module and of no wildcard.
	root := filepath.Join("testdata", "mutants")
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	names := map[string]string{"unchanged": "unchanged"}
	kinds := map[string]int{}
	made := 0
	writeMutant(t, filepath.Join(root, "unchanged"), "", nil)
	for _, file := range storedFiles() {
		for _, m := range mutantsOf(t, file) {
			if made++; made%sample != 0 {
				continue
			}
			dir := fmt.Sprintf("m%03d", len(names))
			names[dir] = file + ": " + m.what
			kinds[m.kind]++
			writeMutant(t, filepath.Join(root, dir), file, m.source)
		}
	}
	if err := os.CopyFS(filepath.Join(root, "testdata", "golden"), os.DirFS("testdata/golden")); err != nil {
		t.Fatal(err)
	}
	compiled := compileMutants(t, root, names)
	passed := runMutants(t, root, compiled)
	if !passed["unchanged"] {
		t.Fatal("the unchanged package does not pass")
	}
	delete(names, "unchanged")
	noticed := 0
	for dir, name := range names {
		if passed[dir] {
			t.Errorf("no test noticed %s", name)
		} else {
			noticed++
		}
	}
	t.Logf("%d mutants %v: %d noticed, %d of them by the compiler", len(names), kinds, noticed, len(names)+1-len(compiled))
}

// compileMutants returns the mutants that compile.
func compileMutants(t *testing.T, root string, names map[string]string) (compiled []string) {
	t.Helper()
	out, _ := exec.CommandContext(t.Context(), "go", "build", "./"+root+"/...").CombinedOutput() // fails with those that do not
	for dir := range names {
		if !bytes.Contains(out, []byte("/"+dir+"\n")) {
			compiled = append(compiled, dir)
		}
	}
	slices.Sort(compiled)
	return compiled
}

// runMutants runs the tests of every mutant and returns those whose tests all pass. One
// program holds all mutants, because linking takes longest, and runs one at a time.
func runMutants(t *testing.T, root string, compiled []string) map[string]bool {
	t.Helper()
	var imports, cases strings.Builder
	for _, dir := range compiled {
		fmt.Fprintf(&imports, "\t%q\n", "github.com/heyan-id/heyan/engine/store/sqlstore/testdata/mutants/"+dir)
		fmt.Fprintf(&cases, "\tcase %q:\n\t\ttests = []testing.InternalTest{\n", dir)
		for _, name := range storedTests(t) {
			fmt.Fprintf(&cases, "\t\t\t{%q, %s.%s},\n", name, dir, name)
		}
		cases.WriteString("\t\t}\n")
	}
	source := fmt.Sprintf(mutantsMain, imports.String(), cases.String())
	if err := os.WriteFile(filepath.Join(root, "main.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "mutants")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./"+root).CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%.3000s", err, out)
	}
	passed := map[string]bool{}
	for _, dir := range compiled {
		cmd := exec.CommandContext(t.Context(), program, dir)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		if err == nil && !bytes.Contains(out, []byte("PASS")) {
			t.Fatalf("%s ran no test: %s", dir, out)
		}
		passed[dir] = err == nil
	}
	return passed
}

const mutantsMain = `package main

import (
	"os"
	"testing"

%s)

func main() {
	var tests []testing.InternalTest
	switch os.Args[1] {
%s	}
	os.Args = os.Args[:1]
	testing.Main(func(_, _ string) (bool, error) { return true, nil }, tests, nil, nil)
}
`

// storedTests lists the tests of stored_test.go.
func storedTests(t *testing.T) (list []string) {
	t.Helper()
	content, err := os.ReadFile("stored_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllSubmatch(content, -1) {
		list = append(list, string(m[1]))
	}
	return list
}

// storedFiles are the sources of the stored forms. They need no other file of the
// package, so that a mutant is compiled in a moment.
func storedFiles() []string { return []string{"record.go", "consentrecord.go", "times.go"} }

// writeMutant copies the stored forms and their tests into a package that another
// program can import; one source may be another.
func writeMutant(t *testing.T, dir, changed string, source []byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(storedFiles(), "stored_test.go", "golden_full_test.go") {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == changed {
			content = source
		}
		content = bytes.Replace(content, []byte("package sqlstore"), []byte("package "+filepath.Base(dir)), 1)
		name = strings.Replace(name, "_test.go", "_checks.go", 1)
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

type mutant struct {
	kind, what string
	source     []byte
}

// mutantsOf makes every mutant of a file.
func mutantsOf(t *testing.T, file string) (list []mutant) {
	t.Helper()
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	add := func(kind, what string) {
		var out bytes.Buffer
		if err := format.Node(&out, fset, tree); err != nil {
			t.Fatal(err)
		}
		list = append(list, mutant{kind, kind + " " + what, out.Bytes()})
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			if tag := n.Tag; tag != nil {
				what := n.Names[0].Name + " at " + fset.Position(n.Pos()).String()
				n.Tag = &ast.BasicLit{ValuePos: tag.ValuePos, Kind: token.STRING, Value: strings.Replace(tag.Value, `json:"`, `json:"x`, 1)}
				add("renamed tag", what)
				n.Tag = nil
				add("removed tag", what)
				n.Tag = tag
			}
		case *ast.CompositeLit:
			whole := n.Elts
			for i, element := range whole {
				if pair, ok := element.(*ast.KeyValueExpr); ok {
					n.Elts = append(append([]ast.Expr{}, whole[:i]...), whole[i+1:]...)
					add("left out", fmt.Sprint(pair.Key, " at ", fset.Position(pair.Pos())))
				}
			}
			n.Elts = whole
		}
		return true
	})
	return list
}
