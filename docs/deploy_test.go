package docs

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// alertRule is a rule of deploy/alerts.yaml.
type alertRule struct {
	Alert, Expr string
	Annotations map[string]string
}

func alertRules(t *testing.T) []alertRule {
	t.Helper()
	var file struct {
		Groups []struct{ Rules []alertRule }
	}
	if err := yaml.Unmarshal([]byte(read(t, "deploy/alerts.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	return file.Groups[0].Rules
}

// TestAlertRules runs the tests of the rules with Prometheus's own tool: each alert fires,
// and stays silent for what is near to it.
func TestAlertRules(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed; it comes with Debian's package prometheus")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		cmd := exec.Command(tool, args...)
		cmd.Dir = "deploy"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	tests := read(t, "deploy/alerts_test.yaml")
	for _, r := range alertRules(t) {
		if !strings.Contains(tests, "name: "+r.Alert+" fires\n") || !strings.Contains(tests, "name: "+r.Alert+" is silent\n") {
			t.Errorf("%s has no test that it fires and that it is silent", r.Alert)
		}
	}
}

// TestEveryAlertHasARunbook: with the metric, the line of the log and the command.
func TestEveryAlertHasARunbook(t *testing.T) {
	t.Parallel()
	sections := map[string]string{}
	for _, s := range strings.Split(read(t, "runbook.md"), "\n## ")[1:] {
		name, text, _ := strings.Cut(s, "\n")
		sections[name] = text
	}
	for _, r := range alertRules(t) {
		text := sections[r.Alert]
		delete(sections, r.Alert)
		for _, part := range []string{"Metric: `", "Log:", "Command:"} {
			if !strings.Contains(strings.ReplaceAll(text, "\n", " "), part) {
				t.Errorf("the runbook says nothing of %q for %s", part, r.Alert)
			}
		}
		if want := "/docs/runbook.md#" + strings.ToLower(r.Alert); !strings.HasSuffix(r.Annotations["runbook_url"], want) {
			t.Errorf("%s: runbook_url %q, want one that ends in %s", r.Alert, r.Annotations["runbook_url"], want)
		}
	}
	for name := range sections {
		t.Errorf("the runbook has an entry for %s, which is no alert", name)
	}
}

// TestDeployedMetricsExist: every metric that the rules, the dashboard and the runbook name is
// one of metrics.md.
func TestDeployedMetricsExist(t *testing.T) {
	t.Parallel()
	var known []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)`").FindAllStringSubmatch(read(t, "metrics.md"), -1) {
		known = append(known, m[1])
	}
	named := regexp.MustCompile(`\b(?:heyan|http_server)_[a-z_]+\b`)
	count := 0
	for _, page := range []string{"deploy/alerts.yaml", "deploy/alerts_test.yaml", "deploy/grafana/heyan.json", "runbook.md", "operations.md", "observability.md", "guide.md"} {
		for _, name := range named.FindAllString(read(t, page), -1) {
			count++
			base := name
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				base = strings.TrimSuffix(base, suffix)
			}
			if !slices.Contains(known, base) && !slices.Contains(known, name) {
				t.Errorf("%s names %s, which metrics.md does not have", filepath.Base(page), name)
			}
		}
	}
	if count < 60 {
		t.Errorf("%d names found; the pages have another form", count)
	}
}
