package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValuesShowTheirOrigin(t *testing.T) {
	t.Parallel()
	l := mustLoad(t, valid, "HEYAN_TIMEOUT=4s", "HEYAN_PROVIDERS__0__SETTINGS__PATH=/x")
	got := map[string]Value{}
	for _, v := range l.Values() {
		if _, twice := got[v.Path]; twice {
			t.Errorf("%s stands there twice", v.Path)
		}
		got[v.Path] = v
	}
	for _, want := range []Value{
		{"timeout", "4s", OriginEnv},
		{"grace", "15s", OriginDefault},
		{"store.driver", "sqlite", OriginDefault},
		{"store.dsn", "file:heyan.db", OriginDefault},
		{"providers[0].name", "main", OriginFile},
		{"providers[0].limits.rate", "0", OriginDefault},
		{"providers[0].settings.appcode", "env:HEYAN_CODE", OriginFile},
		{"providers[0].settings.base_url", "https://vendor.example", OriginFile},
		{"providers[0].settings.path", "***", OriginEnv},
		{"routes[0].providers[0]", "main", OriginFile},
		{"routes[0].retry_unknown", "false", OriginDefault},
	} {
		if got[want.Path] != want {
			t.Errorf("got %+v, want %+v", got[want.Path], want)
		}
	}
}

func TestValuesAreSorted(t *testing.T) {
	t.Parallel()
	var environ []string
	for i := range 11 {
		environ = append(environ, fmt.Sprintf("HEYAN_PROVIDERS__%d__NAME=p%d", i, i))
	}
	text := ""
	for _, v := range mustLoad(t, "", environ...).Values() {
		text += v.Path + "\n"
	}
	if two, ten := strings.Index(text, "providers[2]"), strings.Index(text, "providers[10]"); two < 0 || ten < two {
		t.Errorf("providers[2] does not stand before providers[10]:\n%s", text)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	a := mustLoad(t, valid)
	for _, test := range []struct {
		name string
		b    *Loaded
		want []Change
	}{
		{"nothing", mustLoad(t, valid), nil},
		{"where it comes from is no difference", mustLoad(t, valid, "HEYAN_TIMEOUT=10s"), nil},
		{"a value", mustLoad(t, valid, "HEYAN_TIMEOUT=9s"), []Change{{Path: "timeout", From: "10s", To: "9s"}}},
		{"a list that grew", mustLoad(t, valid, "HEYAN_ROUTES__0__PROVIDERS__1=b"), []Change{{Path: "routes[0].providers[1]", From: "", To: "b"}}},
		{"a reference", mustLoad(t, valid, "HEYAN_PROVIDERS__0__SETTINGS__APPCODE=env:B", "HEYAN_TIMEOUT=9s"),
			[]Change{{Path: "providers[0].settings.appcode", From: "env:HEYAN_CODE", To: "env:B"}, {Path: "timeout", From: "10s", To: "9s"}}},
		{"a hidden value", mustLoad(t, valid, "HEYAN_PROVIDERS__0__SETTINGS__APPCODE=x"),
			[]Change{{Path: "providers[0].settings.appcode", From: "env:HEYAN_CODE", To: "***"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Diff(a.Config, test.b.Config)); diff != "" {
				t.Error(diff)
			}
		})
	}
	shrunk := Diff(mustLoad(t, valid, "HEYAN_ROUTES__0__PROVIDERS__1=b").Config, a.Config)
	if diff := cmp.Diff([]Change{{Path: "routes[0].providers[1]", From: "b", To: ""}}, shrunk); diff != "" {
		t.Error(diff)
	}
}
