package access_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

func TestSecret(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(access.Form)
	seen := map[string]bool{}
	for range 1000 {
		s := access.NewSecret()
		text := s.Text().Reveal()
		got, ok := access.ParseSecret(s.Text())
		if !ok || got.ID != s.ID || got.Secret.Reveal() != s.Secret.Reveal() {
			t.Fatal("a fresh key is not read as it was made")
		}
		if seen[s.ID] || seen[got.Secret.Reveal()] || form.FindString("x="+text+";") != text {
			t.Fatal("a key is there twice, or is not found by the published form")
		}
		seen[s.ID], seen[got.Secret.Reveal()] = true, true
		if printed := fmt.Sprintf("%v %+v %#v %s", s, s, s, s.Text()); strings.Contains(printed, got.Secret.Reveal()) {
			t.Fatal("a key prints its secret")
		}
	}
}

// TestMistypedSecret: no key with one character changed, left out, doubled or swapped with
// the next is read.
func TestMistypedSecret(t *testing.T) {
	t.Parallel()
	text := access.NewSecret().Text().Reveal()
	for i := range text {
		for name, mistyped := range map[string]string{
			"changed":  text[:i] + string(text[i]^1) + text[i+1:],
			"capital":  text[:i] + strings.ToUpper(text[i:i+1]) + text[i+1:],
			"left out": text[:i] + text[i+1:],
			"doubled":  text[:i+1] + text[i:],
			"cut off":  text[:i],
		} {
			if _, ok := access.ParseSecret(idv.NewSensitive(mistyped)); ok && mistyped != text {
				t.Errorf("%s at %d is read", name, i)
			}
		}
		if i > 0 && text[i] != text[i-1] {
			swapped := text[:i-1] + string(text[i]) + string(text[i-1]) + text[i+1:]
			if _, ok := access.ParseSecret(idv.NewSensitive(swapped)); ok {
				t.Errorf("swapped at %d is read", i)
			}
		}
	}
}

// FuzzParseSecret: what is read is written again as it was.
func FuzzParseSecret(f *testing.F) {
	for _, text := range []string{"", "heyan_", access.NewSecret().Text().Reveal(), "heyan_" + strings.Repeat("a", 12) + "_" + strings.Repeat("a", 59)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, ok := access.ParseSecret(idv.NewSensitive(text)); ok && s.Text().Reveal() != text {
			t.Errorf("%q was read as %q", text, s.Text().Reveal())
		}
	})
}

// TestSecretsAreComparedInConstantTime: no comparison of the packages that see a secret or
// its hash depends on where two of them differ first.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"secret.go", "../keyring/keyring.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		constant := false
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if n.Op != token.EQL && n.Op != token.NEQ {
					break
				}
				for _, side := range []ast.Expr{n.X, n.Y} {
					if id, ok := side.(*ast.Ident); ok && (id.Name == "sum" || id.Name == "secret" || id.Name == "token" || id.Name == "key") {
						t.Errorf("%s compares %s with %s", path, id.Name, n.Op)
					}
				}
			case *ast.SelectorExpr:
				constant = constant || n.Sel.Name == "ConstantTimeCompare" || n.Sel.Name == "Equal"
			}
			return true
		})
		if !constant {
			t.Errorf("%s has no comparison in constant time", path)
		}
	}
}
