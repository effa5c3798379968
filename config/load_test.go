package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLoadFillsDefaults(t *testing.T) {
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
func expect(t *testing.T, got Faults, wants []want) {
	t.Helper()
	if len(got) != len(wants) {
		t.Fatalf("%d faults, want %d:\n%v", len(got), len(wants), got)
	}
	for i, w := range wants {
		if got[i].Path != w.path || !strings.Contains(got[i].Message, w.message) {
			t.Errorf("fault %d is %q, want %q with %q", i, got[i], w.path, w.message)
		}
	}
}

func TestLoadTellsAllFaults(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []want
	}{
		{"unknown keys at every depth", "listn: a\nstore: {drivr: memory}\nproviders: [{naem: a, limits: {timout: 3s}}]\nroutes: [{chekc: id_name}]\nnonsense: 1", []want{
			{"listn", "did you mean listen?"},
			{"nonsense", "the known ones are listen, admin_listen"},
			{"providers[0].limits.timout", "did you mean timeout?"},
			{"providers[0].naem", "did you mean name?"},
			{"routes[0].chekc", "did you mean check?"},
			{"store.drivr", "did you mean driver?"},
		}},
		{"another case", "Listen: a", []want{{"Listen", "did you mean listen?"}}},
		{"a faulty value hides no unknown key", "timeout: soon\nzz: 1\nproviders: [{limits: {concurrency: many, zz: 1}}]", []want{
			{"providers[0].limits.concurrency", "want a whole number"},
			{"providers[0].limits.zz", "unknown key"},
			{"timeout", "want a time"},
			{"zz", "unknown key"},
		}},
		{"types", "listen: 8080\ntimeout: 10\ngrace: 1d\ntelemetry: {sample_ratio: all}\nproviders: [{price: {amount: 0.069}, limits: {concurrency: 6.5, rate: true}}]\nroutes: [{max_attempts: '2', retry_unknown: 'yes'}]", []want{
			{"grace", "with its unit"},
			{"listen", "in quotes"},
			{"providers[0].limits.concurrency", "whole number"},
			{"providers[0].limits.rate", "want a number"},
			{"providers[0].price.amount", "in quotes"},
			{"routes[0].max_attempts", "whole number"},
			{"routes[0].retry_unknown", "true or false"},
			{"telemetry.sample_ratio", "want a number"},
			{"timeout", "with its unit"},
		}},
		{"shapes", "store: memory\nproviders: {name: a}\nroutes: [id_name, {providers: main}]\npolicy: [consent]", []want{
			{"policy", "want a map"}, {"providers", "want a list"}, {"routes[0]", "want a map"},
			{"routes[1].providers", "want a list"}, {"store", "want a map"},
		}},
		{"settings of another shape", "providers: [{settings: [a]}, {settings: {base_url: {a: b}}}]", []want{
			{"providers[0].settings", "want a map"}, {"providers[1].settings.base_url", "want a text"},
		}},
		{"not in this version", "providers: [{declared: ./a.yaml}]", []want{{"providers[0].declared", "not in this version"}}},
		{"too much of it", "providers: [" + strings.Repeat("{},", maxItems+1) + "]\n", []want{{"providers", "more than 1000 items"}}},
		{"too deep", "store: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), []want{
			{"store" + strings.Repeat("[0]", maxDepth-1), "nested deeper"},
		}},
		{"keys given twice", "listen: a\nproviders:\n  - limits: {rate: 1, rate: 2}\nlisten: b\nzz: 1", []want{
			{"listen", "lines 1 and 4"}, {"providers[0].limits.rate", "given twice, in lines 3 and 3"}, {"zz", "unknown key"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(write(t, test.text), nil)
			expect(t, faultsOf(t, err), test.want)
		})
	}
}

func TestLoadTellsOfTheFile(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct{ path, want string }{
		"missing":          {filepath.Join(dir, "none.yaml"), "no such file"},
		"a folder":         {dir, "not a regular file"},
		"too large":        {write(t, "# "+strings.Repeat("x", maxFile)), "larger than 1048576 bytes"},
		"no YAML":          {write(t, "a: b\nc: d: e\n"), "near line 2"},
		"tabs":             {write(t, "store:\n\tdriver: memory\n"), "line 2"},
		"two documents":    {write(t, "listen: a\n---\nlisten: b\n"), "more than one YAML document"},
		"a list":           {write(t, "- a\n- b\n"), "must be a YAML map"},
		"a text":           {write(t, "hello\n"), "must be a YAML map"},
		"unknown anchor":   {write(t, "listen: *secret\n"), "not valid YAML"},
		"anchor in itself": {write(t, "providers: &a [*a]\n"), "not valid YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(test.path, nil)
			faults := faultsOf(t, err)
			if len(faults) != 1 || faults[0].Path != test.path || !strings.Contains(faults[0].Message, test.want) {
				t.Errorf("got %v, want one fault with %q", faults, test.want)
			}
		})
	}
}

func TestLoadFileAtTheCap(t *testing.T) {
	head := "listen: 127.0.0.1:1\n# "
	l := mustLoad(t, head+strings.Repeat("x", maxFile-len(head)))
	if l.Config.Listen != "127.0.0.1:1" {
		t.Errorf("listen is %q", l.Config.Listen)
	}
}

func TestCheckTellsBothKindsAtOnce(t *testing.T) {
	text := strings.Replace(valid, "use: idcert", "use: idcert\n    recipent: x\n    limits: {rate: -1}", 1)
	_, err := Check(write(t, text), []string{"HEYAN_TIMEOUT=9h", "HEYAN_GRACE=soon"}, known)
	expect(t, faultsOf(t, err), []want{
		{"grace", "want a time with its unit, as 3s, 250ms or 5m (set by HEYAN_GRACE)"},
		{"providers[0].limits.rate", "must be from 0 to 1000000"},
		{"providers[0].recipent", "did you mean recipient?"},
		{"timeout", "must be from 1ms to 5m0s (set by HEYAN_TIMEOUT)"},
	})
}

func TestCheckAcceptsTheExample(t *testing.T) {
	path := write(t, Example)
	l, err := Check(path, os.Environ(), known)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.Config.Providers); n != 2 || l.File != path {
		t.Errorf("%d providers from %s, want 2 from %s", n, l.File, path)
	}
}
