package pages

import (
	"bytes"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/catalogue"
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
	for _, b := range catalogue.New().Factories() {
		d := b.Descriptor
		text := string(pages["providers/"+strings.ReplaceAll(d.Name, "/", "-")+".md"])
		for _, heading := range []string{"Name", "Description", "Check", "Documents", "Settings", "Codes", "Prices"} {
			if !strings.Contains(text, "## "+heading+"\n") {
				t.Errorf("%s: no heading %s", d.Name, heading)
			}
		}
		for _, r := range d.Codes {
			if !strings.Contains(text, "| `"+r.Code+"` | `"+Meaning(r)+"` |") {
				t.Errorf("%s: no row for the code %s", d.Name, r.Code)
			}
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
		"| `routes[].mode` | `priority` | `priority` |",
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
