package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLogMessagesAreConstant finds log messages that vary, in all files of the project: what
// varies stands in attributes, so that messages can be counted and searched, and no text
// from outside becomes a message.
func TestLogMessagesAreConstant(t *testing.T) {
	t.Parallel()
	// A plugin's line is passed on by one function, which takes messages of an allowlist only.
	allowed := []string{"plugins/logrelay.go"}
	found := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || strings.HasSuffix(path, "_test.go") || d.IsDir():
			return err
		case filepath.Ext(path) != ".go":
			return nil
		}
		n, wrong := messages(t, path)
		found += n
		if !slices.Contains(allowed, strings.TrimPrefix(filepath.ToSlash(path), "../")) {
			for _, w := range wrong {
				t.Errorf("%s: the message is not a constant; put what varies into attributes", w)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 30 {
		t.Errorf("%d calls found; the names of the methods or loggers have changed", found)
	}
	if _, wrong := messagesOf(t, "x.go", `package x
func f(){ log.Warn("a"+b); o.Log.Info(fmt.Sprint(1)); t.log.LogAttrs(ctx, level, text); slog.Error("a "+"b"); log.Info("a") }`); len(wrong) != 3 {
		t.Errorf("the test finds %v", wrong)
	}
}

func messages(t *testing.T, path string) (int, []string) {
	t.Helper()
	return messagesOf(t, path, nil)
}

// messagesOf counts the log calls of a file and returns those whose message is not a
// constant.
func messagesOf(t *testing.T, path string, text any) (calls int, wrong []string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		message, is := logMessage(n)
		if !is {
			return true
		}
		calls++
		if !isConstant(message) {
			wrong = append(wrong, set.Position(n.Pos()).String())
		}
		return true
	})
	return calls, wrong
}

// logMessage returns the message of a log call.
func logMessage(n ast.Node) (message ast.Expr, is bool) {
	at := map[string]int{
		"Debug": 0, "Info": 0, "Warn": 0, "Error": 0,
		"DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1, "Log": 2, "LogAttrs": 2,
	}
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return nil, false
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !isLogger(method.X) {
		return nil, false
	}
	i, known := at[method.Sel.Name]
	if !known || len(call.Args) <= i {
		return nil, false
	}
	return call.Args[i], true
}

// isLogger reports whether an expression is a logger by its name: all loggers of the project
// are called so.
func isLogger(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return slices.Contains([]string{"log", "logger", "slog"}, strings.ToLower(e.Name))
	case *ast.SelectorExpr:
		return slices.Contains([]string{"log", "logger"}, strings.ToLower(e.Sel.Name))
	case *ast.CallExpr:
		switch f := e.Fun.(type) {
		case *ast.Ident:
			return strings.Contains(strings.ToLower(f.Name), "logger")
		case *ast.SelectorExpr:
			return strings.Contains(strings.ToLower(f.Sel.Name), "logger") || f.Sel.Name == "With" && isLogger(f.X)
		}
	}
	return false
}

// isConstant reports whether a message is a literal, or literals joined.
func isConstant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.STRING
	case *ast.BinaryExpr:
		return e.Op == token.ADD && isConstant(e.X) && isConstant(e.Y)
	case *ast.ParenExpr:
		return isConstant(e.X)
	}
	return false
}

// TestCountsAgree finds counts with a noun that does not agree with 1: idv.Count writes both.
// A bound that is a constant above 1 says so in the words before it.
func TestCountsAgree(t *testing.T) {
	t.Parallel()
	count := regexp.MustCompile(`([a-z]+ )?%d [a-z]+s\b`)
	bound := regexp.MustCompile(`^(than|least|most|to|only|after|was|of) %d |%d (ms|is|was|bytes|units|has)$`)
	walk := func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			text, ok := n.(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				return true
			}
			for _, found := range count.FindAllString(text.Value, -1) {
				if !bound.MatchString(found) {
					t.Errorf("%s: %q; use idv.Count", set.Position(text.Pos()), found)
				}
			}
			return true
		})
		return nil
	}
	for _, root := range []string{"../cmd", "../engine/ledger", "../engine/consents", "../policy", "../config"} {
		if err := filepath.WalkDir(root, walk); err != nil {
			t.Fatal(err)
		}
	}
}
