package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Where a value comes from.
const (
	OriginDefault = "default"
	OriginFile    = "file"
	OriginEnv     = "env"
)

// Value is one effective value as it may be shown.
type Value struct {
	Path   string `json:"path"`
	Value  string `json:"value"`  // masked where a secret may stand
	Origin string `json:"origin"` // default, file or env
}

// Values returns the effective values with their origin, sorted by path. Of the
// settings of adapters only references and the hosts of URLs are shown.
func (l *Loaded) Values() []Value {
	var values []Value
	leaves(l.Config, func(path string, v reflect.Value) {
		values = append(values, Value{path, show(path, v), cmp.Or(l.origins[path], OriginDefault)})
	})
	slices.SortFunc(values, func(a, b Value) int { return comparePaths(a.Path, b.Path) })
	return values
}

// Change is a value that differs between two configurations. From or To is empty
// where the path is in one of them only; both are masked when a secret may have
// changed.
type Change struct {
	Path string `json:"path"`
	From string `json:"from"`
	To   string `json:"to"`
}

// Diff returns the values that differ, sorted by path. Lists are compared item
// by item, so an item put in front shifts the rest.
func Diff(a, b *Loaded) []Change {
	before, after := raw(a.Config), raw(b.Config)
	var changes []Change
	for path, v := range before {
		if w, ok := after[path]; !ok {
			changes = append(changes, Change{Path: path, From: show(path, v)})
		} else if !v.Equal(w) {
			changes = append(changes, Change{path, show(path, v), show(path, w)})
		}
	}
	for path, w := range after {
		if _, ok := before[path]; !ok {
			changes = append(changes, Change{Path: path, To: show(path, w)})
		}
	}
	slices.SortFunc(changes, func(x, y Change) int { return comparePaths(x.Path, y.Path) })
	return changes
}

// raw returns the values by path.
func raw(c Config) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	leaves(c, func(path string, v reflect.Value) { out[path] = v })
	return out
}

// show returns what may be seen of a value.
func show(path string, v reflect.Value) string {
	switch k := kind(path); {
	case strings.HasPrefix(k, "providers[].settings."):
		return showSetting(v.String())
	case k == "store.dsn" && v.String() != "" && v.String() != Defaults().Store.DSN && !IsReference(v.String()):
		return masked
	case (k == "idempotency.key" || k == "alerts.webhooks[].url" || k == "alerts.webhooks[].secret") && v.String() != "" && !IsReference(v.String()):
		return masked
	case k == "telemetry.otlp_endpoint":
		return showURL(v.String())
	}
	return fmt.Sprint(v.Interface())
}
