package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// everything returns all that this package prints about a text.
func everything(t *testing.T, text string, environ ...string) string {
	t.Helper()
	var out bytes.Buffer
	path := write(t, text)
	_, err := Load(path, environ)
	_, checkErr := Check(path, environ, known)
	fmt.Fprintln(&out, err, checkErr)
	l, _ := read(path, environ)
	if l == nil {
		return out.String()
	}
	other := mustLoad(t, valid)
	fmt.Fprintln(&out, l.Values(), Diff(l.Config, other.Config), Diff(other.Config, l.Config), l.Validate(known))
	for _, p := range l.Config.Providers {
		fmt.Fprintf(&out, "%v %+v %#v %s %q %x %d\n", p.Settings, p, p.Settings, p.Settings, p.Settings, p.Settings, p.Settings)
		slog.New(slog.NewTextHandler(&out, nil)).Info("", "settings", p.Settings)
		encoded, err := json.Marshal(p)
		fmt.Fprintln(&out, string(encoded), err)
	}
	return out.String()
}

func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text    string
		environ []string
	}{
		"a secret in its place":       {text: "providers: [{name: a, use: idcert, settings: {appcode: " + planted + "}}]"},
		"after a small env:":          {text: "providers: [{name: a, use: idcert, settings: {appcode: 'env:" + planted + "'}}]"},
		"in an unknown setting":       {text: "providers: [{name: a, use: idcert, settings: {apcode: " + planted + "}}]"},
		"in a plain setting":          {text: "providers: [{name: a, use: idcert, settings: {path: " + planted + "}}]"},
		"in an account's settings":    {text: "accounts: [{name: a, vendor: idcert, settings: {appcode: " + planted + "}}]"},
		"in a proxy":                  {text: "providers: [{name: a, use: idcert, network: {proxy: 'http://u:" + planted + "@h'}}]"},
		"in a proxy's path":           {text: "accounts: [{name: a, vendor: idcert, network: {proxy: 'http://h/" + planted + "'}}]"},
		"in a proxy's user":           {text: "accounts: [{name: a, vendor: idcert, network: {proxy_user: " + planted + ", proxy_password: " + planted + "}}]"},
		"in a proxy's password":       {text: "providers: [{name: a, use: idcert, network: {proxy_user: " + planted + ", proxy_password: " + planted + "}}]"},
		"in a helper's arguments":     {text: "secret_helpers: [{name: a, command: [/bin/x, " + planted + "]}]"},
		"as a helper's program":       {text: "secret_helpers: [{name: a, command: [" + planted + "]}]"},
		"as a key of people":          {text: "policy: {keys: [{id: a, secret: " + planted + "}], consent: {receipt_key: " + planted + "}, abuse: {honeytokens: " + planted + "}}"},
		"in the URL's path":           {text: "providers: [{name: a, use: idcert, settings: {base_url: 'https://h/" + planted + "'}}]"},
		"in the URL's user":           {text: "providers: [{name: a, use: idcert, settings: {base_url: 'https://u:" + planted + "@h'}}]"},
		"in a broken URL":             {text: "providers: [{name: a, use: idcert, settings: {base_url: 'https://h:" + planted + "'}}]"},
		"in a number's place":         {text: "timeout: " + planted + "\nproviders: [{limits: {rate: " + planted + "}}]"},
		"in a map's place":            {text: "store: " + planted + "\nproviders: [" + planted + "]"},
		"in a list's place":           {text: "providers: " + planted},
		"in the source of a store":    {text: "store: {dsn: 'postgres://u:" + planted + "@h/d'}"},
		"in the collector's address":  {text: "telemetry: {otlp_endpoint: 'https://u:" + planted + "@h/" + planted + "'}"},
		"in place of a key":           {text: "providers: [{settings: {" + planted + strings.Repeat("x", 18) + "}}]"},
		"in place of a key of ours":   {text: "store: {" + planted + strings.Repeat("x", 18) + "}"},
		"in place of a key, twice":    {text: "store: {" + planted + strings.Repeat("x", 18) + ": 1, " + planted + strings.Repeat("x", 18) + ": 2}"},
		"as the whole file":           {text: planted},
		"as an anchor":                {text: "listen: *" + planted},
		"as a tag":                    {text: "listen: !" + planted + " x"},
		"as a tag of an unknown kind": {text: "listen: !!int " + planted},
		"in broken YAML":              {text: "listen: " + planted + ": " + planted},
		"in a variable":               {environ: []string{"HEYAN_TIMEOUT=" + planted, "HEYAN_STORE=" + planted, "HEYAN_NONE=" + planted}},
		"in a variable of a setting":  {environ: []string{"HEYAN_PROVIDERS__0__USE=idcert", "HEYAN_PROVIDERS__0__SETTINGS__APPCODE=" + planted}},
		"in the variable of a secret": {text: valid, environ: []string{"HEYAN_CODE=" + planted}},
		"in a variable with no parts": {environ: []string{"HEYAN_LISTEN__" + "X=" + planted}},
	} {
		t.Run(name, func(t *testing.T) {
			for line := range strings.Lines(everything(t, test.text, test.environ...)) {
				if strings.Contains(line, planted) || strings.Contains(line, fmt.Sprintf("%x", planted)) {
					t.Errorf("the value is in: %s", line)
				}
			}
		})
	}
}

// Values may show what stands in the place of a word or a name: no secret belongs
// near there. Errors show it nowhere.
func TestNoErrorRepeatsAValue(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"word":     "store: {driver: " + planted + "}\nauth: {mode: " + planted + "}\nlog: {level: " + planted + "}",
		"address":  "listen: " + planted,
		"provider": "providers: [{name: " + planted + ", use: " + planted + ", price: {amount: " + planted + ", currency: " + planted + "}}]",
		"route":    "routes: [{check: " + planted + ", mode: " + planted + ", providers: [" + planted + "]}]",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Check(write(t, text), nil, known)
			if err == nil || strings.Contains(err.Error(), planted) {
				t.Errorf("want faults without the value, got: %v", err)
			}
		})
	}
}
