package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
)

// TestDryRunMasksEveryProduct: whatever a product does with claims and secrets (hashes, texts
// in JSON, multipart, signatures), a dry run shows none of them.
func TestDryRunMasksEveryProduct(t *testing.T) {
	t.Parallel()
	const secret, birth = "secret-5f2c", "19491231"
	dir := t.TempDir()
	for _, factory := range assemble.Catalogue().Factories() {
		d := factory.Descriptor
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			var settings []string
			for _, s := range d.Settings {
				switch {
				case s.Secret:
					settings = append(settings, s.Name+`: "env:DRY_SECRET"`)
				case strings.HasSuffix(s.Name, "_url"):
					settings = append(settings, s.Name+`: "https://v.example/p"`)
				case s.Required || s.Account && s.Default == "":
					settings = append(settings, s.Name+": x1")
				}
			}
			if slices.Contains(d.Schemes, "xca") { // or the AppCode would be used
				settings = slices.DeleteFunc(settings, func(s string) bool { return strings.HasPrefix(s, "appcode:") })
			}
			path := filepath.Join(dir, strings.ReplaceAll(d.Name, "/", "-"))
			writeText(t, path+".yaml", fmt.Sprintf("providers: [{name: p, use: %s, recipient: x, settings: {%s}}]\nroutes: [{check: %s, providers: [p]}]\npolicy: {consent: {mode: \"off\"}}\n",
				d.Name, strings.Join(settings, ", "), d.Check))
			name, number, document := "张三丰", "11010519491231002X", ""
			for declared, n := range map[idv.Document]string{idv.IndiaPAN: "ABCPV1234D", idv.NigeriaNIN: "11111111111", idv.SpainDNI: "66666666Q"} {
				if !slices.Contains(d.Documents, idv.Resident18) && slices.Contains(d.Documents, declared) {
					name, number, document = "Erika Mustermann", n, fmt.Sprintf(`, "document": %q`, declared)
				}
			}
			writeText(t, path+".json", fmt.Sprintf(`{"name": %q, "id_number": %q, "mobile": "13900000000", "bank_card": "6222021234567890128"%s}`, name, number, document))
			if document != "" && d.Check.Claims().Has(idv.ClaimMobile) {
				writeText(t, path+".json", fmt.Sprintf(`{"name": %q, "id_number": %q, "mobile": "+34600000000"%s}`, name, number, document))
			}
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"provider", "trial", "p", "--config", path + ".yaml", "--input", path + ".json", "--dry-run"},
				strings.NewReader(""), &out, &errs, []string{"DRY_SECRET=" + secret})
			if code != 0 || !strings.Contains(out.String(), "Nothing was sent") {
				t.Fatalf("exit code %d\n%s%s", code, out.String(), errs.String())
			}
			for _, shown := range []string{secret, birth, "1949-12-31", name, number, strings.ToLower(number), "Erika", "Mustermann", "13900000000", "600000000", "6222021234567890128"} {
				if strings.Contains(out.String(), shown) {
					t.Errorf("the output shows %s:\n%s", shown, out.String())
				}
			}
			if !strings.Contains(out.String(), "*") {
				t.Errorf("nothing is masked:\n%s", out.String())
			}
		})
	}
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestFreeName: a second trial keeps the reply of the first one.
func TestFreeName(t *testing.T) {
	t.Parallel()
	base := filepath.Join(t.TempDir(), "main-trial")
	var errs bytes.Buffer
	c := &cli{stderr: &errs}
	for _, want := range []string{".json", "-2.json", "-3.json"} {
		got := c.freeName(base)
		if got != base+want {
			t.Errorf("got %s, want %s", got, base+want)
		}
		writeText(t, got, "{}")
	}
	if want := base + ".json exists, so the reply goes to " + base + "-3.json.\n"; !strings.HasSuffix(errs.String(), want) {
		t.Errorf("printed %q, want %q", errs.String(), want)
	}
}
