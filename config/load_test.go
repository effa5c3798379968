package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/config/strictyaml"
)

func TestLoadFillsDefaults(t *testing.T) {
	t.Parallel()
	want := Defaults()
	p, r := DefaultProvider(), DefaultRoute()
	p.Name, p.Use = "main", "idcert"
	p.Settings = Settings{"base_url": "https://vendor.example", "appcode": "env:HEYAN_CODE"}
	p.RecipientContact, want.Policy.Consent.Controller = "400-000-0000", Party{Name: "某某有限公司", Contact: "400-000-0001"}
	r.Check, r.Providers = "id_name", []string{"main"}
	want.Providers, want.Routes = []Provider{p}, []Route{r}

	got := mustLoad(t, valid).Config
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p.Limits.Timeout != 3*time.Second || r.MaxAttempts != 2 || r.RetryUnknown {
		t.Errorf("the documented defaults changed: %+v %+v", p.Limits, r)
	}
}

func TestLoadWithoutFile(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{
		"no path": "", "an empty file": write(t, ""), "comments only": write(t, "# nothing\n"), "a null": write(t, "---\n"),
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Load(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Defaults(), l.Config); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// want is a fault by its path and a part of its message.
type want struct{ path, message string }

// expect compares faults with what is wanted, in order and none beside.
func expect(t *testing.T, got strictyaml.Faults, wants []want) {
	t.Helper()
	if len(got) != len(wants) {
		t.Fatalf("%d faults, want %d:\n%v", len(got), len(wants), got)
	}
	for i, w := range wants {
		if got[i].Path != w.path || !strings.Contains(got[i].Text, w.message) {
			t.Errorf("fault %d is %q, want %q with %q", i, got[i], w.path, w.message)
		}
	}
}

func TestLoadTellsAllFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       []want
	}{
		{"empty settings", "log:\n  level:\n  format: ~\npolicy:\nhosts:\ngrace:\n", []want{
			{"log.level", "has no value; write one, or remove the line to have the default"},
			{"log.format", "has no value"}, {"grace", "has no value"},
		}},
		{"unknown keys at every depth", "listn: a\nstore: {drivr: memory}\nproviders: [{naem: a, limits: {timout: 3s}}]\nroutes: [{chekc: id_name}]\nnonsense: 1", []want{
			{"listn", "did you mean listen?"},
			{"store.drivr", "did you mean driver?"},
			{"providers[0].limits.timout", "did you mean timeout?"},
			{"providers[0].naem", "did you mean name?"},
			{"routes[0].chekc", "did you mean check?"},
			{"nonsense", "the known ones are listen, admin_listen"},
		}},
		{"another case", "Listen: a", []want{{"Listen", "did you mean listen?"}}},
		{"a faulty value hides no unknown key", "timeout: soon\nzz: 1\nproviders: [{limits: {concurrency: many, zz: 1}}]", []want{
			{"timeout", "must be a duration"},
			{"zz", "unknown key"},
			{"providers[0].limits.concurrency", "must be a whole number"},
			{"providers[0].limits.zz", "unknown key"},
		}},
		{"types", "listen: 8080\ntimeout: 10\ngrace: 1d\ntelemetry: {sample_ratio: all}\nproviders: [{price: {amount: 0.069}, limits: {concurrency: 6.5, rate: true}}]\nroutes: [{max_attempts: '2', retry_unknown: 'yes'}]", []want{
			{"listen", "in quotes"},
			{"timeout", "with its unit"},
			{"grace", "with its unit"},
			{"telemetry.sample_ratio", "must be a number"},
			{"providers[0].limits.concurrency", "whole number"},
			{"providers[0].limits.rate", "must be a number"},
			{"providers[0].price.amount", "in quotes"},
			{"routes[0].max_attempts", "whole number"},
			{"routes[0].retry_unknown", "true or false"},
		}},
		{"shapes", "store: memory\nproviders: {name: a}\nroutes: [id_name, {providers: main}]\npolicy: [consent]", []want{
			{"store", "must be a map"}, {"providers", "must be a list"}, {"routes[0]", "must be a map"},
			{"routes[1].providers", "must be a list"}, {"policy", "must be a map"},
		}},
		{"settings of another shape", "providers: [{settings: [a]}, {settings: {base_url: {a: b}}}]", []want{
			{"providers[0].settings", "must be a map"}, {"providers[1].settings.base_url", "must be a string"},
		}},
		{"keys of an earlier version", "max_possible: 1\nproviders: [{reuse: 1h}]\npolicy: {purposes: [{name: a, reuse: 1h}], guard: {off: true}, abuse: {canaries: a}}", []want{
			{"max_possible", "renamed to max_billable_calls; rename the key"},
			{"providers[0].reuse", "renamed to cache_ttl"},
			{"policy.abuse.canaries", "renamed to honeytokens"},
			{"policy.guard", "renamed to abuse; rename the key, and its member canaries to honeytokens"},
			{"policy.purposes[0].reuse", "renamed to cache_ttl"},
		}},
		{"too much of it", "providers: [" + strings.Repeat("{},", 1001) + "]\n", []want{{"providers", "more than 1000 items"}}},
		{"too deep", "store: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), []want{
			{"store", "must be a map"}, {"store" + strings.Repeat("[0]", 19), "nested too deep"},
		}},
		{"keys given twice", "listen: a\nproviders:\n  - limits: {rate: 1, rate: 2}\nlisten: b\nzz: 1", []want{
			{"providers[0].limits.rate", "given twice, in lines 3 and 3"}, {"listen", "lines 1 and 4"}, {"zz", "unknown key"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(write(t, test.text), nil)
			expect(t, faultsOf(t, err), test.want)
		})
	}
}

func TestLoadTellsOfTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, test := range map[string]struct{ path, want string }{
		"missing":          {filepath.Join(dir, "none.yaml"), "no such file"},
		"a folder":         {dir, "not a regular file"},
		"too large":        {write(t, "# "+strings.Repeat("x", strictyaml.MaxSize)), "larger than 1048576 bytes"},
		"no YAML":          {write(t, "a: b\nc: d: e\n"), ":2: is not valid YAML"},
		"tabs":             {write(t, "store:\n\tdriver: memory\n"), ":2: is not valid YAML"},
		"two documents":    {write(t, "listen: a\n---\nlisten: b\n"), "more than one YAML document"},
		"a list":           {write(t, "- a\n- b\n"), "must be a map of keys and values"},
		"a text":           {write(t, "hello\n"), "must be a map of keys and values"},
		"unknown anchor":   {write(t, "listen: *secret\n"), "not valid YAML"},
		"anchor in itself": {write(t, "providers: &a [*a]\n"), "providers: anchors and aliases are not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(test.path, nil)
			faults := faultsOf(t, err)
			if len(faults) != 1 || faults[0].File != test.path || !strings.Contains(faults[0].String(), test.want) {
				t.Errorf("got %v, want one fault with %q", faults, test.want)
			}
		})
	}
}

func TestLoadFileAtTheCap(t *testing.T) {
	t.Parallel()
	head := "listen: 127.0.0.1:1\n# "
	l := mustLoad(t, head+strings.Repeat("x", strictyaml.MaxSize-len(head)))
	if l.Config.Listen != "127.0.0.1:1" {
		t.Errorf("listen is %q", l.Config.Listen)
	}
}

func TestCheckTellsBothKindsAtOnce(t *testing.T) {
	t.Parallel()
	text := strings.Replace(valid, "use: idcert", "use: idcert\n    recipent: x\n    limits: {rate: -1}", 1)
	_, err := Check(write(t, text), []string{"HEYAN_TIMEOUT=9h", "HEYAN_GRACE=soon"}, known)
	expect(t, faultsOf(t, err), []want{
		{"grace", "must be a duration with its unit, such as 3s, 250ms or 5m (set by HEYAN_GRACE)"},
		{"timeout", "must be from 1ms to 5m0s (set by HEYAN_TIMEOUT)"},
		{"providers[0].recipent", "did you mean recipient?"},
		{"providers[0].limits.rate", "must be from 0 to 1000000"},
	})
	for i, line := range []int{0, 0, 5, 6} {
		if got := faultsOf(t, err)[i].Line; got != line {
			t.Errorf("fault %d is in line %d, want %d", i, got, line)
		}
	}
}

// TestLoadCanonicalNames: names that were pasted are those that are meant.
func TestLoadCanonicalNames(t *testing.T) {
	t.Parallel()
	text := strings.Replace(valid, "use: idcert", "use: \"idcert\\u00a0\"\n    price: {amount: \"0.01\", currency: cny}", 1) +
		"  purposes: [{name: \"\\u3000ｏpening\\t\", basis: contract, reference: contract, apps: [\"we\\u200bb \"]}, {name: \"a  b\", basis: contract, reference: contract}]\n"
	_, err := Check(write(t, text), nil, known)
	expect(t, faultsOf(t, err), []want{{"policy.purposes[1].name", "has two spaces in a row"}})
	l, err := Load(write(t, text), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, provider := l.Config.Policy.Purposes[0], l.Config.Providers[0]
	if p.Name != "opening" || p.Apps[0] != "web" || provider.Use != "idcert" || provider.Price.Currency != "CNY" {
		t.Errorf("purpose %q, app %q, adapter %q, currency %q", p.Name, p.Apps[0], provider.Use, provider.Price.Currency)
	}
}

func TestCheckAcceptsTheExample(t *testing.T) {
	t.Parallel()
	path := write(t, Example)
	l, err := Check(path, os.Environ(), known)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.Config.Providers); n != 2 || l.File != path {
		t.Errorf("%d providers from %s, want 2 from %s", n, l.File, path)
	}
}
