package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/heyan-id/heyan/providers/providertest"
)

// wholeTree returns the commands with those that cobra adds.
func wholeTree() *cobra.Command {
	root := (&cli{}).root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	return root
}

func eachCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		eachCommand(sub, visit)
	}
}

// helpTexts returns the paragraphs of every help text and of the provider contract. One that starts with a tab or a # is a
// command to copy or a heading with a name.
func helpTexts() []string {
	texts := append(headings(), "(default %s)")
	eachCommand(wholeTree(), func(cmd *cobra.Command) {
		texts = append(texts, cmd.Short, cmd.Long, cmd.Example)
		cmd.InitDefaultHelpFlag()
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { texts = append(texts, helpFlagText(f)) })
	})
	for _, rule := range providertest.Rules() {
		texts = append(texts, rule.Text)
	}
	for _, rule := range providertest.LiveRules() {
		texts = append(texts, rule.Text)
	}
	var paragraphs []string
	for _, text := range texts {
		for p := range strings.SplitSeq(text, "\n\n") {
			if p != "" && !strings.HasPrefix(p, "\t") && !strings.HasPrefix(p, "#") {
				paragraphs = append(paragraphs, p)
			}
		}
	}
	return paragraphs
}

// faultTexts returns the texts of usage errors and notes, as the sources call the functions that
// print them in the selected language. A format that holds only names needs no translation.
func faultTexts(t *testing.T) []string {
	t.Helper()
	place := map[string]int{
		"usageError": 0, "configError": 0, "notef": 0, "inputError": 1, "noArgs": 0, "exactly": 1, "required": 2, "requireTerminal": 1, "oneIdentifier": 0,
	}
	sources, err := filepath.Glob("*.go")
	if err != nil || len(sources) < 20 {
		t.Fatal(err, sources)
	}
	word, names := regexp.MustCompile(`[a-z]{2,}`), regexp.MustCompile(`--[a-z-]+|heyan consent receipt page:|text_hash|template|store:`)
	var texts []string
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || strings.HasSuffix(source, "_test.go") {
				return true
			}
			name := ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				name = f.Name
			case *ast.SelectorExpr:
				name = f.Sel.Name
			}
			if i, listed := place[name]; listed && i < len(call.Args) {
				if text := stringLiteral(call.Args[i]); word.MatchString(names.ReplaceAllString(text, "")) {
					texts = append(texts, text)
				}
			}
			return true
		})
	}
	return texts
}

// stringLiteral returns the value of a string literal or of a sum of them, else "".
func stringLiteral(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.BinaryExpr:
		return stringLiteral(e.X) + stringLiteral(e.Y)
	}
	return ""
}

// TestEveryHelpTextIsTranslated names each text without a block in help.zh.txt and each block
// that no text uses. To add one, write it where the order says.
func TestEveryHelpTextIsTranslated(t *testing.T) {
	t.Parallel()
	table := parseTranslation(chineseTexts)
	used := map[string]bool{}
	for _, text := range append(helpTexts(), faultTexts(t)...) {
		key, _ := table.key(text)
		if key == "" {
			if !used[text] {
				t.Errorf("help.zh.txt lacks:\n%s\n= …", text)
			}
			key = text
		}
		used[key] = true
	}
	for entry, zh := range table {
		if !used[entry] {
			t.Errorf("help.zh.txt: nothing uses %q", entry)
		}
		if !regexp.MustCompile(`[\p{Han}，：（]`).MatchString(zh) {
			t.Errorf("help.zh.txt: no Chinese for %q", entry)
		}
	}
}

// TestHelpTableIsSorted: two branches that add texts meet at one line only if they add the same.
func TestHelpTableIsSorted(t *testing.T) {
	t.Parallel()
	var order []string
	for block := range strings.SplitSeq(chineseTexts, "\n\n") {
		for key := range parseTranslation(block) {
			order = append(order, key)
		}
	}
	for i, key := range order {
		if i > 0 && key <= order[i-1] {
			t.Errorf("help.zh.txt: %q must stand before %q, once", key, order[i-1])
		}
	}
}

// TestTranslationKeepsNames: what the reader types or looks for stands in the Chinese as it is.
func TestTranslationKeepsNames(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile("--[a-z][a-z-]*|`[^`]+`|%(?:\\[\\d\\])?[a-z]|\\{[^ ]*\\}|\\b[A-Z][A-Z0-9_+]{2,}\\b|\\b[\\w+*/@-]+\\.(?:json|http|yaml|md|db)\\b|" +
		"\\b[a-z]+(?:_[a-z0-9]+)+\\b|(?:/[a-z0-9_]+)+:?[a-z]*|\\b\\d[\\d.]*\\d\\b|…")
	commands := map[string]bool{}
	eachCommand(wholeTree(), func(cmd *cobra.Command) { commands[cmd.CommandPath()] = cmd.HasParent() })
	for en, zh := range parseTranslation(chineseTexts) {
		want := name.FindAllString(en, -1)
		for path, below := range commands {
			if below && regexp.MustCompile(`\b`+path+`\b`).MatchString(en) {
				want = append(want, path)
			}
		}
		for _, word := range want {
			if !strings.Contains(zh, word) {
				t.Errorf("%q: the Chinese lacks %s:\n%s", en, word, zh)
			}
		}
		if verbs := regexp.MustCompile(`%[a-z]`); !slices.Equal(verbs.FindAllString(en, -1), verbs.FindAllString(zh, -1)) && !strings.Contains(zh, "%[") {
			t.Errorf("%q: other verbs in %q", en, zh)
		}
	}
}

// TestHelpFollowsLang: --lang counts wherever it stands, before PersistentPreRun, and overrides
// the environment.
func TestHelpFollowsLang(t *testing.T) {
	t.Parallel()
	const zh, en = "用法：", "Usage:"
	for _, test := range []struct {
		args, env, want string
		code            int
	}{
		{"--help", "LANG=zh_CN.UTF-8", zh, exitDone},
		{"--help", "LANG=en_US.UTF-8", en, exitDone},
		{"--lang zh --help", "", zh, exitDone},
		{"verify --help --lang zh", "", zh, exitDone},
		{"verify --help --lang=zh", "", zh, exitDone},
		{"verify --help --lang=en", "LANG=zh_CN", en, exitDone},
		{"help ledger lots add --lang zh", "", zh, exitDone},
		{"ledger --lang zh", "", zh, exitUsage},
		{"completion bash --help --lang zh", "", zh, exitDone},
		{"check --help -- --lang zh", "", en, exitDone},
	} {
		t.Run(test.args+" "+test.env, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run(t.Context(), strings.Fields(test.args), strings.NewReader(""), &out, &errs, []string{test.env})
			if text := out.String() + errs.String(); code != test.code || !strings.Contains(text, test.want) || strings.Contains(text, zh) && strings.Contains(text, en) {
				t.Errorf("exit code %d, want %d with %s:\n%s", code, test.code, test.want, text)
			}
		})
	}
}

// TestHelpIsChineseThroughout: the help of no command holds a line of English words.
func TestHelpIsChineseThroughout(t *testing.T) {
	t.Parallel()
	english := regexp.MustCompile(`[a-z]+ [a-z]+ [a-z]+ [a-z]+ [a-z]+|\(default`)
	eachCommand(wholeTree(), func(cmd *cobra.Command) {
		args := strings.Fields(cmd.CommandPath() + " --help --lang zh")[1:]
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, strings.NewReader(""), &out, &errs, nil); code != exitDone {
			t.Errorf("%s: exit code %d, %s", cmd.CommandPath(), code, errs.String())
		}
		for line := range strings.Lines(out.String()) {
			if english.MatchString(line) && !strings.Contains(line, "heyan ") && !strings.Contains(line, "- name:") {
				t.Errorf("%s: %s", cmd.CommandPath(), line)
			}
		}
	})
}

// TestDocsStayEnglish: docs/cli.md is printed from the tree that help translates.
func TestDocsStayEnglish(t *testing.T) {
	t.Parallel()
	pages := func(lang string) string {
		dir := t.TempDir()
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"docs", "--dir", dir, "--lang", lang}, strings.NewReader(""), &out, &errs, nil); code != exitDone {
			t.Fatalf("exit code %d, %s", code, errs.String())
		}
		page, err := os.ReadFile(filepath.Join(dir, "cli.md"))
		if err != nil {
			t.Fatal(err)
		}
		return string(page)
	}
	if pages("zh") != pages("en") {
		t.Error("cli.md depends on the language")
	}
}
