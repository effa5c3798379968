package pages

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

func printed(t *testing.T) map[string][]byte {
	t.Helper()
	pages, err := Pages()
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func TestPagesAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	first, second := printed(t), printed(t)
	for name, text := range first {
		if !bytes.Equal(text, second[name]) {
			t.Errorf("%s was printed in two ways", name)
		}
		if !bytes.HasPrefix(text, []byte(notice)) || !bytes.HasSuffix(text, []byte("\n")) || bytes.HasSuffix(text, []byte("\n\n")) {
			t.Errorf("%s does not begin with the notice and end with one newline", name)
		}
	}
}

func TestErrorsPageIsComplete(t *testing.T) {
	t.Parallel()
	text := string(printed(t)["errors.md"])
	for _, f := range idv.Failures() {
		if !strings.Contains(text, "## "+f.String()+"\n") || !strings.Contains(text, f.Help().Remedy.ZH) {
			t.Errorf("%s is not on the page", f)
		}
	}
	for _, r := range identity.Reasons() {
		if !strings.Contains(text, "| `"+string(r)+"` |") {
			t.Errorf("the rule %s is not on the page", r)
		}
	}
}

func TestProviderPagesAreComplete(t *testing.T) {
	t.Parallel()
	pages := printed(t)
	for _, b := range assemble.Catalogue().Factories() {
		d := b.Descriptor
		text := string(pages["providers/"+strings.ReplaceAll(d.Name, "/", "-")+".md"])
		for _, heading := range []string{
			"Name", "Description", "Check", "Documents", "Quirks and limits", "Authentication", "Settings", "Example", "Calls and replies", "Codes", "Prices",
		} {
			if !strings.Contains(text, "## "+heading+"\n") {
				t.Errorf("%s: no heading %s", d.Name, heading)
			}
		}
		for _, r := range d.Codes {
			if !strings.Contains(text, "| `"+r.Code+"` | `"+Meaning(r)+"` |") {
				t.Errorf("%s: no row for the code %s", d.Name, r.Code)
			}
		}
		for _, part := range append(d.Notes, "| confidence | "+Confidence(d.Confidence).EN, "heyan provider check "+d.Name+"\n") {
			if !strings.Contains(text, part) {
				t.Errorf("%s: the page lacks %q", d.Name, part)
			}
		}
		if strings.Contains(text, "| claims are sent in | not known") {
			t.Errorf("%s: the page does not say where the claims are sent", d.Name)
		}
		if d.Confidence == idv.ConfidenceUnknown {
			t.Errorf("%s: the descriptor states no confidence", d.Name)
		}
	}
}

func TestInferredRowsAreMarked(t *testing.T) {
	t.Parallel()
	all, marked := printed(t), 0
	for _, b := range assemble.Catalogue().Factories() {
		text := string(all["providers/"+strings.ReplaceAll(b.Descriptor.Name, "/", "-")+".md"])
		for _, r := range b.Descriptor.Codes {
			want := strings.Contains(r.Source, "inferred") || strings.Contains(r.Source, "not seen in a document")
			if got := strings.Contains(text, "| "+r.Text+" | ⚠ "+r.Source+" |"); got != want {
				t.Errorf("%s %s: marked %v, want %v (%s)", b.Descriptor.Name, r.Code, got, want, r.Source)
			}
			if want {
				marked++
			}
		}
	}
	if marked < 100 {
		t.Errorf("%d rows are marked, want more", marked)
	}
}

// Each product's example is a file that heyan takes as it stands.
func TestExamplesLoad(t *testing.T) {
	t.Parallel()
	loaded := 0
	for name, text := range printed(t) {
		_, rest, ok := strings.Cut(string(text), "## Example\n\n```yaml\n")
		if !ok || !strings.HasPrefix(name, "providers/") {
			continue
		}
		example, _, _ := strings.Cut(rest, "```")
		path := filepath.Join(t.TempDir(), "heyan.yaml")
		if err := os.WriteFile(path, []byte(example), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := config.Check(path, nil, assemble.Known)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, example)
			continue
		}
		loaded++
		d, err := assemble.Known(l.Config.Providers[0])
		if err != nil || name != "providers/"+fileName(d.Name)+".md" {
			t.Errorf("%s: the example uses %s, %v", name, d.Name, err)
		}
	}
	if loaded < 50 {
		t.Errorf("%d examples were loaded, want more", loaded)
	}
}

func TestOverviewListsEachProduct(t *testing.T) {
	t.Parallel()
	pages := printed(t)
	for _, name := range []string{"providers/README.md", "providers/README.zh.md"} {
		text := string(pages[name])
		for _, f := range assemble.Catalogue().Factories() {
			if n := strings.Count(text, "| ["+f.Descriptor.Name+"]("+fileName(f.Descriptor.Name)+".md) |"); n != 1 {
				t.Errorf("%s lists %s %d times", name, f.Descriptor.Name, n)
			}
		}
	}
	for _, row := range []struct{ page, product, want string }{
		{"providers/README.md", "idcert", "2 / 0 / 0 / 5 | unknown | 0.069 CNY | official document | 2/7 | xca, appcode | Go |"},
		{"providers/README.zh.md", "idcert", "2 / 0 / 0 / 5 | 未知 | 0.069 CNY | 官方文档 | 2/7 | xca, appcode | Go |"},
		{"providers/README.md", "apix/idcard", "| charged | not stated | one client |"},
		{"providers/README.md", "jumdata/idcard", "| in mismatch: charged |"},
		{"providers/README.zh.md", "sxidcheck/idcard", "0 / 0 / 3 / 0 | 以应答标志为准 |"},
		{"providers/README.zh.md", "cashfree/pan", "| 印度永久账号（PAN） |"},
	} {
		_, rest, _ := strings.Cut(string(pages[row.page]), "["+row.product+"](")
		if line, _, _ := strings.Cut(rest, "\n"); !strings.Contains(line, row.want) {
			t.Errorf("%s: %s is %q, want %q", row.page, row.product, line, row.want)
		}
	}
}

func TestConfigPage(t *testing.T) {
	t.Parallel()
	text := string(printed(t)["config.md"])
	for _, row := range []string{
		"| `listen` | string | `127.0.0.1:8080` |",
		"| `providers` |  |  |",
		"| `providers[].name` | string |",
		"| `providers[].settings` | map of strings |",
		"| `providers[].limits.timeout` | duration, such as `3s` | `3s` |",
		"| `providers[].limits.concurrency` | integer from 1 to 10000 | `64` |",
		"| `routes[].mode` | `priority`, `weighted`, `cheapest`, `fastest`, `sticky` | `priority` |",
		"| `routes[].providers` | list of strings |",
		"| `routes[].retry_unknown` | `true` or `false` |",
	} {
		if !strings.Contains(text, row) {
			t.Errorf("the page has no row that begins %s", row)
		}
	}
	if strings.Index(text, "`listen`") > strings.Index(text, "`providers`") {
		t.Error("the keys are not in the order of the file")
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "| `") && strings.HasSuffix(line, "|  |") {
			t.Errorf("a key without a meaning: %s", line)
		}
	}
}
