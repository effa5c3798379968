package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	span = regexp.MustCompile("`([^`\n]+)`")
	// logged matches the words before the names of log lines, and the names.
	logged = regexp.MustCompile("(?:Log:|[Ll]ogs?(?: line)?|log says) ((?:`[^`]+`(?:, | and |; )?)+)")
)

// TestNamedLogLinesExist: every log line that the pages for operators name is a message of the
// code. One that ends in an ellipsis is the begin of a message.
func TestNamedLogLinesExist(t *testing.T) {
	t.Parallel()
	known := logMessages(t)
	if len(known) < 60 {
		t.Fatalf("%d messages found; the names of the methods or loggers have changed", len(known))
	}
	exists := func(name string) bool {
		begin, cut := strings.CutSuffix(name, "…")
		begin = strings.TrimRight(begin, " ")
		return slices.ContainsFunc(known, func(m string) bool { return m == name || cut && strings.HasPrefix(m, begin) })
	}
	named := map[string][]string{}
	for _, page := range []string{"runbook.md", "operations.md", "guide.md", "fleet.md", "reload.md", "network.md", "observability.md", "access.md"} {
		text := strings.ReplaceAll(read(t, page), "\n", " ")
		for _, m := range logged.FindAllStringSubmatch(text, -1) {
			named[page] = append(named[page], spans(m[1])...)
		}
	}
	named["guide.md"] = append(named["guide.md"], column(t, "guide.md", "message", "message")...)
	named["operations.md"] = append(named["operations.md"], column(t, "operations.md", "incident", "log line")...)
	count := 0
	for page, names := range named {
		for _, name := range names {
			count++
			if !exists(name) {
				t.Errorf("%s names the log line %q, which the code does not have", page, name)
			}
		}
	}
	if count < 80 {
		t.Errorf("%d log lines found; the pages have another form", count)
	}
}

// TestIncidentsAreComplete: each incident has a metric, a log line, a command, and a link to
// where it is explained.
func TestIncidentsAreComplete(t *testing.T) {
	t.Parallel()
	rows := table(t, "operations.md", "incident")
	if len(rows) < 8 {
		t.Errorf("%d incidents; the page has another form", len(rows))
	}
	for _, r := range rows {
		for _, c := range []string{"incident", "what callers see", "metric", "log line", "command", "ends"} {
			if strings.TrimSpace(r[c]) == "" {
				t.Errorf("%s: nothing of %q", r["incident"], c)
			}
		}
		if !strings.Contains(r["incident"], "](") || !strings.Contains(r["command"], "`") {
			t.Errorf("%s: no link or no command", r["incident"])
		}
	}
}

// TestNamedCommandsExist: every command of heyan in the text of a page is one of cli.md.
func TestNamedCommandsExist(t *testing.T) {
	t.Parallel()
	known, groups := []string{"help", "completion", "docs"}, []string{}
	for _, m := range regexp.MustCompile(`(?m)^## heyan (.+)$`).FindAllStringSubmatch(read(t, "cli.md"), -1) {
		known = append(known, m[1])
		if group, _, nested := strings.Cut(m[1], " "); nested {
			groups = append(groups, group)
		}
	}
	count := 0
	for _, page := range files(t, ".md") {
		if strings.Contains(page, "decisions") || filepath.Base(page) == "CHANGELOG.md" {
			continue // which tell of earlier versions
		}
		for _, s := range spans(read(t, page)) {
			before, _, _ := strings.Cut(s, "|") // of alternatives the first
			words := strings.Fields(before)
			if len(words) < 2 || words[0] != "heyan" || strings.HasPrefix(words[1], "-") {
				continue
			}
			count++
			if !isCommandOf(known, groups, words[1:]) {
				t.Errorf("%s names the command `%s`, which cli.md does not have", page, s)
			}
		}
	}
	if count < 100 {
		t.Errorf("%d commands found; the pages have more", count)
	}
}

func isCommandOf(known, groups, words []string) bool {
	for n := 1; n <= min(3, len(words)); n++ {
		if slices.Contains(known, strings.Join(words[:n], " ")) {
			return true
		}
	}
	return slices.Contains(groups, words[0]) && (len(words) == 1 || strings.HasPrefix(words[1], "…"))
}

func spans(text string) (list []string) {
	for _, m := range span.FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return list
}

// table returns the rows of the table whose first column has that title, by the titles.
func table(t *testing.T, page, first string) (rows []map[string]string) {
	t.Helper()
	var titles []string
	for line := range strings.Lines(read(t, page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		switch {
		case !strings.HasPrefix(line, "|"):
			titles = nil
		case titles == nil && strings.TrimSpace(cells[0]) == first:
			for _, c := range cells {
				titles = append(titles, strings.TrimSpace(c))
			}
		case len(titles) == len(cells) && !strings.HasPrefix(line, "|--"):
			row := map[string]string{}
			for i, c := range cells {
				row[titles[i]] = c
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// column returns the names in code of a column.
func column(t *testing.T, page, first, title string) (list []string) {
	t.Helper()
	for _, row := range table(t, page, first) {
		list = append(list, spans(row[title])...)
	}
	if len(list) == 0 {
		t.Errorf("%s has no column %s", page, title)
	}
	return list
}

// logMessages returns the messages of all log calls of the project.
func logMessages(t *testing.T) (list []string) {
	t.Helper()
	for _, path := range files(t, ".go") {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if message, is := logMessage(n); is && isConstant(message) {
				list = append(list, literal(message))
			}
			return true
		})
	}
	return list
}

// literal returns the text of a constant message.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value) // the parser has read it
		return text
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	case *ast.ParenExpr:
		return literal(e.X)
	}
	return ""
}
