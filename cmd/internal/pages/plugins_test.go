package pages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// constants returns the values of the constants of a type in a file of package plugins.
func constants(t *testing.T, file, typeName string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "..", "plugins", file), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != typeName {
			return true
		}
		if value, ok := spec.Values[0].(*ast.BasicLit); ok {
			if word, err := strconv.Unquote(value.Value); err == nil && word != "" {
				list = append(list, word)
			}
		}
		return true
	})
	return list
}

func TestPluginStatesAreComplete(t *testing.T) {
	t.Parallel()
	text := string(printed(t)["plugin-states.md"])
	reasons, phases := constants(t, "state.go", "Reason"), constants(t, "state.go", "Phase")
	if len(reasons) != len(pluginReasons()) || len(phases) != len(pluginPhases()) {
		t.Errorf("%d reasons and %d phases in the code, %d and %d on the page", len(reasons), len(phases), len(pluginReasons()), len(pluginPhases()))
	}
	for _, word := range append(reasons, phases...) {
		if !strings.Contains(text, "| `"+word+"` | ") {
			t.Errorf("%s is not on the page", word)
		}
	}
	for _, r := range pluginReasons() {
		if r.What() == "" || r.Remedy() == "" {
			t.Errorf("%s has no text or no remedy", r)
		}
	}
}
