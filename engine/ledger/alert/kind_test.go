package alert

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
)

// kinds returns the constants of type Kind as alert.go declares them, so that a new one
// needs no line in a test.
func kinds(t *testing.T) []Kind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "alert.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []Kind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != "Kind" {
			return true
		}
		word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Kind(word))
		return true
	})
	return list
}

func TestEveryKindHasAText(t *testing.T) {
	t.Parallel()
	list := kinds(t)
	if len(list) < 6 {
		t.Fatalf("found the kinds %v, want at least 6", list)
	}
	for _, k := range list {
		if got := text(Alert{Kind: k, Provider: "main"}); got.EN == "" || got.ZH == "" {
			t.Errorf("kind %s has the text %+v, want one in English and in Chinese", k, got)
		}
	}
}
