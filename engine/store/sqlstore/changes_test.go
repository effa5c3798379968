package sqlstore

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Why a statement that changes or deletes rows makes no circle with another transaction.
const (
	skips   = "it leaves out rows that another transaction has"
	named   = "its transaction has the name of what it changes: the call, the key, the verification, the person or the probe"
	locked  = "its rows are locked when they are read"
	oneNode = "one node at a time does it, and no call changes these rows"
)

// changing lists every statement that changes or deletes rows. What is deleted by age skips: it
// may concern rows of any call.
func changing() map[string]string {
	return map[string]string{
		"pruneVerifications": skips, "pruneUncalled": skips, "pruneCounters": skips, "pruneOutbox": skips, "deleteExpired": skips,
		"deleteOver": skips, "deleteIdleKey": skips,
		"updateRowSQL": locked, "updateConsent": locked, "updateLotSQL": locked,
		"updateHoldSQL": named, "replaceVerificationSQL": named, "fillVerification": named, "endClaim": named, "deleteClaim": named,
		"eraseVerification": named, "deleteDataKey": named, "countLateSQL": named,
		"revokeAPIKey": oneNode, "useAPIKey": oneNode, "deleteWindow": oneNode, "deleteGap": oneNode, "takeMessages": oneNode, "deleteMessage": oneNode,
		"failMessage": oneNode, "resendMessage": oneNode, "clearProbe": named,
	}
}

// TestChangesMakeNoCircle: each statement that changes or deletes rows says why it makes no
// circle of waiting, and those that skip do.
func TestChangesMakeNoCircle(t *testing.T) {
	t.Parallel()
	found, reasons := changingConstants(t), changing()
	for _, name := range slices.Sorted(maps.Keys(found)) {
		why, text := reasons[name], found[name]
		if why == "" {
			t.Errorf("%s changes rows; say in changing() why it waits for no transaction that waits for it", name)
		}
		if marked := strings.Contains(text, "freeRows"); (why == skips) != marked {
			t.Errorf("%s: %s; it has the mark freeRows: %v", name, why, marked)
		}
		if strings.HasPrefix(strings.TrimLeft(text, "`\" "), "DELETE") && strings.Contains(text, " < $") && why != skips {
			t.Errorf("%s deletes by age without freeRows", name)
		}
	}
	for name := range reasons {
		if _, ok := found[name]; !ok {
			t.Errorf("there is no statement %s any more", name)
		}
	}
}

// changingConstants returns the constants of the package that are an UPDATE or a DELETE, as
// source.
func changingConstants(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, value := range spec.Values {
				text := source(value)
				if begin := strings.TrimSpace(text); strings.HasPrefix(begin, "UPDATE ") || strings.HasPrefix(begin, "DELETE ") {
					found[spec.Names[i].Name] = text
				}
			}
			return true
		})
	}
	return found
}

// source returns the text of a constant, with the names of others in it.
func source(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.BinaryExpr:
		return source(e.X) + source(e.Y)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
