package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestSandboxNeedsProductsOnly: a sandbox is made from a configuration without consent, contacts,
// purposes, keys and routes. A product that does not exist is still a fault.
func TestSandboxNeedsProductsOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	writeText(t, path, "listen: 0.0.0.0:8080\nproviders:\n  - {name: main, use: idcert, settings: {appcode: \"env:APPCODE\"}}\n  - {name: nin, use: didit/nga-nin}\n")
	loaded, err := checkProducts(path, nil)
	if err != nil || len(loaded.Config.Providers) != 2 {
		t.Errorf("a configuration of providers: %v", err)
	}
	for text, want := range map[string]string{
		"providers: [{name: main, use: idcrt}]\n":                    "providers[0].use: ",
		"providers: [{name: main, use: idcert, declared: x.yaml}]\n": "providers[0]",
		"providers: [{name: main, use: idcert, colour: red}]\n":      "colour: unknown key",
		"providers: []\n": "providers",
		"providers: [{name: a, use: idcert}, {name: a, use: idcert}]": "providers[1].name: ",
	} {
		writeText(t, path, text)
		if _, err := checkProducts(path, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}
