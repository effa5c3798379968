package config

import (
	"strings"
	"testing"
	"time"
)

func TestEnvironmentOverrides(t *testing.T) {
	t.Parallel()
	l := mustLoad(t, valid,
		"PATH=/bin", "HEYAN_LISTEN=127.0.0.1:9", "HEYAN_STORE__DRIVER=sqlite", "HEYAN_TIMEOUT=4s",
		"HEYAN_ROUTES__0__MAX_ATTEMPTS=3", "HEYAN_ROUTES__0__RETRY_UNKNOWN=true",
		"HEYAN_ROUTES__0__PROVIDERS__0=other", "HEYAN_ROUTES__0__PROVIDERS__1=main",
		"HEYAN_PROVIDERS__0__LIMITS__RATE=2.5", "HEYAN_PROVIDERS__0__PRICE__AMOUNT=0.069",
		"HEYAN_PROVIDERS__0__SETTINGS__BASE_URL=https://b.example",
		"HEYAN_PROVIDERS__1__NAME=other", "HEYAN_PROVIDERS__1__SETTINGS__PATH=/x=y",
	)
	c := l.Config
	for name, equal := range map[string]bool{
		"text":               c.Listen == "127.0.0.1:9" && c.Store.Driver == "sqlite",
		"time":               c.Timeout == 4*time.Second,
		"number":             c.Routes[0].MaxAttempts == 3,
		"truth":              c.Routes[0].RetryUnknown,
		"fraction":           c.Providers[0].Limits.Rate == 2.5,
		"digits as a text":   c.Providers[0].Price.Amount == "0.069",
		"list item":          len(c.Routes[0].Providers) == 2 && c.Routes[0].Providers[0] == "other",
		"setting":            c.Providers[0].Settings["base_url"] == "https://b.example",
		"setting kept":       c.Providers[0].Settings["appcode"] == "env:HEYAN_CODE",
		"appended":           len(c.Providers) == 2 && c.Providers[1].Name == "other",
		"appended, defaults": c.Providers[1].Limits.Concurrency == 64,
		"value with =":       c.Providers[1].Settings["path"] == "/x=y",
	} {
		if !equal {
			t.Errorf("%s was not laid over: %+v", name, c)
		}
	}
}

func TestEnvironmentBuildsListsInOrder(t *testing.T) {
	t.Parallel()
	environ := []string{}
	for _, n := range []string{"10", "9", "8", "7", "6", "5", "4", "3", "2", "1", "0"} {
		environ = append(environ, "HEYAN_PROVIDERS__"+n+"__NAME=p"+n)
	}
	l := mustLoad(t, "", environ...)
	if got := l.Config.Providers; len(got) != 11 || got[2].Name != "p2" || got[10].Name != "p10" {
		t.Errorf("got %d providers: %+v", len(got), got)
	}
}

func TestEnvironmentFaults(t *testing.T) {
	t.Parallel()
	_, err := Load(write(t, valid), []string{
		"HEYAN_LISTN=x", "HEYAN_ROUTES__0__MAX_ATEMPTS=1", "HEYAN_ROUTES__5__MODE=priority", "HEYAN_ROUTES__00__MODE=priority",
		"HEYAN_ROUTES__FIRST__MODE=priority", "HEYAN_STORE=memory", "HEYAN_ROUTES__0__PROVIDERS=main", "HEYAN_LISTEN__PORT=1",
		"HEYAN_PROVIDERS__0__SETTINGS__A__B=1", "HEYAN_GRACE=15", "HEYAN_ROUTES__0__MAX_ATTEMPTS=two", "HEYAN_listen=x", "HEYAN_=x", "HEYAN_PORT=8080", "HEYAN_MAX_POSSIBLE=1",
		"HEYAN_ALERTS__PERCENT=60,30", "HEYAN_LOG__LEVEL='debug'", `HEYAN_LOG__FORMAT="text"`, "HEYAN_PROVIDERS__0__REUSE=1h",
		"HEYAN_POLICY__GUARD__CANARIES=file:x", "HEYAN_PROVIDERS__0__LIMITS__CONCURRENCY=010", "HEYAN_PROVIDERS__0__LIMITS__RATE=1_0",
		"HEYAN_ROUTES__0__RETRY_UNKNOWN=T", "HEYAN_TIMEOUT=2d",
	})
	expect(t, faultsOf(t, err), []want{
		{"HEYAN_", "unknown setting"},
		{"HEYAN_ALERTS__PERCENT", "is a list; set its items one by one, as HEYAN_ALERTS__PERCENT__0, then HEYAN_ALERTS__PERCENT__1"},
		{"HEYAN_LISTEN__PORT", "goes on after a setting that has no parts"},
		{"HEYAN_LISTN", "did you mean listen?"},
		{"HEYAN_LOG__FORMAT", "stands in quotes, which an env file keeps; remove them"},
		{"HEYAN_LOG__LEVEL", "stands in quotes"},
		{"HEYAN_MAX_POSSIBLE", "renamed to HEYAN_MAX_BILLABLE_CALLS"},
		{"HEYAN_POLICY__GUARD__CANARIES", "renamed to HEYAN_POLICY__ABUSE__HONEYTOKENS"},
		{"HEYAN_PORT", "unknown setting"},
		{"HEYAN_PROVIDERS__0__REUSE", "renamed to HEYAN_PROVIDERS__0__CACHE_TTL"},
		{"HEYAN_PROVIDERS__0__SETTINGS__A__B", "goes on after"},
		{"HEYAN_ROUTES__00__MODE", "the number of an item"},
		{"HEYAN_ROUTES__0__MAX_ATEMPTS", "did you mean max_attempts?"},
		{"HEYAN_ROUTES__0__PROVIDERS", "is a list; set its items one by one, as HEYAN_ROUTES__0__PROVIDERS__0"},
		{"HEYAN_ROUTES__5__MODE", "without a gap"},
		{"HEYAN_ROUTES__FIRST__MODE", "the number of an item"},
		{"HEYAN_STORE", "is a group of settings"},
		{"HEYAN_listen", "write the name in capitals"},
		{"grace", "must be a duration with its unit, such as 3s, 250ms or 5m (set by HEYAN_GRACE)"},
		{"providers[0].limits.concurrency", "must be a whole number, got a string; write it in plain decimal digits (set by"},
		{"providers[0].limits.rate", "must be a number, got a string"},
		{"routes[0].max_attempts", "must be a whole number, got a string; write it in digits (set by HEYAN_ROUTES__0__MAX_ATTEMPTS)"},
		{"routes[0].retry_unknown", "must be true or false, got a string"},
		{"timeout", "write days in hours, here 48h (set by HEYAN_TIMEOUT)"},
	})
}

// TestEnvironmentItemsHaveNoLine: what lacks in an item that only variables set is told by
// their names and not by a line of the file.
func TestEnvironmentItemsHaveNoLine(t *testing.T) {
	t.Parallel()
	_, err := Check(write(t, valid), []string{"HEYAN_CODE=x", "HEYAN_ROUTES__1__MODE=priority", "HEYAN_ALERTS__PERCENT__0=50", "HEYAN_ALERTS__PERCENT__3=0"}, known)
	for _, f := range faultsOf(t, err) {
		if f.Line != 0 || f.File != "" || !strings.Contains(f.Text, "(set by HEYAN_ROUTES__1__MODE)") && !strings.Contains(f.Text, "(set by HEYAN_ALERTS__PERCENT__3)") {
			t.Errorf("got %v", f)
		}
	}
	l := mustLoad(t, valid, "HEYAN_CODE=x", "HEYAN_TIMEOUT=4s", "HEYAN_LISTEN=127.0.0.1:9", "HEYAN_SERVICE_HOST=10.0.0.1")
	if got := strings.Join(l.Overrides(), " "); got != "HEYAN_LISTEN HEYAN_TIMEOUT" {
		t.Errorf("overrides %q", got)
	}
}

func TestEnvironmentLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	for name, variable := range map[string]string{
		"the secret of a reference":      "HEYAN_CODE=x",
		"a service of Kubernetes":        "HEYAN_SERVICE_HOST=10.0.0.1",
		"its port":                       "HEYAN_PORT_8080_TCP=tcp://10.0.0.1:8080",
		"its address":                    "HEYAN_PORT=tcp://10.0.0.1:8080",
		"its named port":                 "HEYAN_SERVICE_PORT_HTTP=8080",
		"a service named heyan-postgres": "HEYAN_POSTGRES_PORT_5432_TCP_ADDR=10.0.0.1",
		"another program's":              "HEYANG=1",
	} {
		t.Run(name, func(t *testing.T) { mustLoad(t, valid, variable) })
	}
}

// Every reference names its variable, wherever it stands; the validator itself proposes
// env:HEYAN_STORE_DSN.
func TestEnvironmentOfReferences(t *testing.T) {
	t.Parallel()
	text := `
store: {driver: postgres, dsn: "env:HEYAN_STORE_DSN"}
idempotency: {key: "env:HEYAN_A"}
alerts: {webhooks: [{name: a, format: generic, url: "env:HEYAN_B", secret: "env:HEYAN_C"}]}
policy:
  keys: [{id: k1, secret: "env:HEYAN_D"}]
  consent: {mode: external, receipt_key: "env:HEYAN_E"}
  abuse: {honeytokens: "env:HEYAN_F"}
`
	var environ []string
	for _, name := range []string{"STORE_DSN", "A", "B", "C", "D", "E", "F"} {
		environ = append(environ, "HEYAN_"+name+"=x")
	}
	path := write(t, text)
	if _, err := Load(path, environ); err != nil {
		t.Error(err)
	}
	_, err := Load(path, append(environ, "HEYAN_G=x"))
	expect(t, faultsOf(t, err), []want{{"HEYAN_G", "unknown setting"}})
}
