package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
)

// card is the descriptor of an adapter like the first vendor's.
func card() idv.Descriptor {
	return idv.Descriptor{
		Name: "idcert", Recipient: "某某数据有限公司", Check: idv.CheckIDName,
		Documents: []idv.Document{idv.Resident18}, Schemes: []string{"appcode", "xca"},
		Settings: []idv.Setting{
			{Name: "base_url", Help: "the address of the gateway", Required: true},
			{Name: "appcode", Help: "the code of the simple authentication", Secret: true, Account: true},
			{Name: "app_key", Help: "the key of the signed authentication", Secret: true, Account: true},
			{Name: "app_secret", Help: "its secret", Secret: true, Account: true},
			{Name: "path", Help: "the path of the product", Default: "/idcard"},
		},
		Prices: []idv.Price{{Units: 100, Total: idv.Money{Micros: 6_900_000, Currency: idv.CNY}}},
	}
}

// known knows idcert, and a vendor for three elements that needs no key.
func known(p Provider) (idv.Descriptor, error) {
	switch p.Use {
	case "idcert":
		return card(), nil
	case "mobile":
		return idv.Descriptor{Name: "mobile", Check: idv.CheckIDNameMobile}, nil
	}
	if p.Plugin.Path != "" {
		return idv.Descriptor{}, ErrNotStarted
	}
	return idv.Descriptor{}, ErrNoAdapter
}

// write puts a text into a file of the test's own folder.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// mustLoad loads a text that has no faults.
func mustLoad(t *testing.T, text string, environ ...string) *Loaded {
	t.Helper()
	l, err := Load(write(t, text), environ)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return l
}

// faultsOf returns an error as the faults that it must be.
func faultsOf(t *testing.T, err error) strictyaml.Faults {
	t.Helper()
	var faults strictyaml.Faults
	if err != nil && !errors.As(err, &faults) {
		t.Fatalf("the error is a %T, want Faults: %v", err, err)
	}
	return faults
}

// valid is a short configuration without faults.
const valid = `
providers:
  - name: main
    use: idcert
    recipient_contact: 400-000-0000
    settings: {base_url: "https://vendor.example", appcode: "env:HEYAN_CODE"}
routes:
  - check: id_name
    providers: [main]
policy:
  consent: {controller: {name: 某某有限公司, contact: 400-000-0001}}
`
