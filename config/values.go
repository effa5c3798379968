package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/config/strictyaml"
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
// settings of adapters only references and the hosts of URLs are shown, and of tenants only
// what they state.
func (l *Loaded) Values() []Value {
	var values []Value
	leaves(l.Config, func(path string, v reflect.Value) {
		if strings.HasPrefix(path, "tenants[") && v.IsZero() {
			return // inherited from policy
		}
		values = append(values, Value{path, show(path, v), l.origin(path)})
	})
	slices.SortFunc(values, func(a, b Value) int { return strictyaml.ComparePaths(a.Path, b.Path) })
	return values
}

func (l *Loaded) origin(path string) string {
	switch {
	case l.names[path] != "":
		return OriginEnv
	case l.document != nil && l.document.Has(path):
		return OriginFile
	}
	return OriginDefault
}

// Change is a value that differs between two configurations. From or To is empty
// where the path is in one of them only; both are masked when a secret may have
// changed.
type Change struct {
	Path    string `json:"path"`
	From    string `json:"from"`
	To      string `json:"to"`
	Restart bool   `json:"restart,omitzero"` // a running daemon cannot take it
}

// Diff returns the values that differ, sorted by path. Lists are compared item
// by item, so an item put in front shifts the rest.
func Diff(a, b Config) []Change {
	before, after := raw(a), raw(b)
	var changes []Change
	for path, v := range before {
		if w, ok := after[path]; !ok {
			changes = append(changes, Change{Path: path, From: show(path, v)})
		} else if !v.Equal(w) {
			changes = append(changes, Change{Path: path, From: show(path, v), To: show(path, w)})
		}
	}
	for path, w := range after {
		if _, ok := before[path]; !ok {
			changes = append(changes, Change{Path: path, To: show(path, w)})
		}
	}
	return sorted(changes)
}

// sorted orders changes by path and says which of them need a restart.
func sorted(changes []Change) []Change {
	slices.SortFunc(changes, func(x, y Change) int { return strictyaml.ComparePaths(x.Path, y.Path) })
	for i := range changes {
		changes[i].Restart = NeedsRestart(changes[i].Path)
	}
	return changes
}

// Shown is a value as a running daemon may show it.
type Shown struct {
	Path  string `json:"path"`
	Value string `json:"value"`         // masked where a secret may stand
	Sum   string `json:"sum,omitempty"` // a salted hash of a setting that Value does not show
}

// Running is what a daemon shows of the configuration that it runs with.
type Running struct {
	Salt     string  `json:"salt"` // of the sums, random
	Settings []Shown `json:"settings"`
}

// Show returns the values of a configuration, sorted by path. Nothing is told of a secret that
// stands in place of its reference, which [Validate] refuses.
func Show(c Config, salt string) Running {
	var list []Shown
	leaves(c, func(path string, v reflect.Value) {
		one := Shown{Path: path, Value: show(path, v)}
		if k := strictyaml.Kind(path); strings.Contains(k, "].settings.") && one.Value != v.String() {
			sum := sha256.Sum256([]byte(salt + "\x00" + path + "\x00" + v.String()))
			one.Sum = hex.EncodeToString(sum[:8])
		}
		list = append(list, one)
	})
	slices.SortFunc(list, func(a, b Shown) int { return strictyaml.ComparePaths(a.Path, b.Path) })
	return Running{salt, list}
}

// Diff is [Diff] of what a daemon runs with and a configuration.
func (r Running) Diff(c Config) []Change {
	before := map[string]Shown{}
	for _, one := range r.Settings {
		before[one.Path] = one
	}
	var changes []Change
	for _, now := range Show(c, r.Salt).Settings {
		was, ok := before[now.Path]
		delete(before, now.Path)
		if !ok || was.Value != now.Value || was.Sum != now.Sum {
			changes = append(changes, Change{Path: now.Path, From: was.Value, To: now.Value})
		}
	}
	for _, was := range before {
		changes = append(changes, Change{Path: was.Path, From: was.Value})
	}
	return sorted(changes)
}

// raw returns the values by path.
func raw(c Config) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	leaves(c, func(path string, v reflect.Value) { out[path] = v })
	return out
}

// secretKeys returns the keys of secrets outside of settings, where a secret may stand in
// place of its reference.
func secretKeys() []string {
	list := []string{
		"idempotency.key", "alerts.webhooks[].url", "alerts.webhooks[].secret", "webhooks[].url", "webhooks[].secret", "webhooks[].old_secret",
		"policy.keys[].secret", "policy.consent.receipt_key", "policy.abuse.honeytokens",
	}
	for _, network := range networkKeys() {
		list = append(list, network+".proxy_user", network+".proxy_password")
	}
	return list
}

// networkKeys returns the keys of networks.
func networkKeys() []string {
	return []string{"providers[].network", "accounts[].network", "alerts.webhooks[].network", "webhooks[].network"}
}

// show returns what may be seen of a value.
func show(path string, v reflect.Value) string {
	switch k := kindOf(path); {
	case strings.HasPrefix(k, "providers[].settings."), strings.HasPrefix(k, "accounts[].settings."):
		return showSetting(v.String())
	case k == "store.dsn" && v.String() != "" && v.String() != Defaults().Store.DSN && !IsReference(v.String()):
		return strictyaml.Masked
	case slices.Contains(secretKeys(), k) && v.String() != "" && !IsReference(v.String()):
		return strictyaml.Masked
	case strings.HasSuffix(k, ".proxy") && slices.Contains(networkKeys(), strings.TrimSuffix(k, ".proxy")):
		return showProxy(v.String())
	case k == "secret_helpers[].command[]" && !strings.HasSuffix(path, ".command[0]"), k == "secret_helpers[].command[]" && !filepath.IsAbs(v.String()):
		return strictyaml.Masked // of a helper's command, the program alone is shown
	case k == "telemetry.otlp_endpoint":
		return showURL(v.String())
	}
	return fmt.Sprint(v.Interface())
}

// leaves visits every single value of a configuration with its path, in the order of
// the file.
func leaves(c Config, visit func(path string, v reflect.Value)) {
	walk("", reflect.ValueOf(c), visit)
}

func walk(path string, v reflect.Value, visit func(string, reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i, key := range keysOf(v.Type()) {
			walk(strictyaml.Join(path, key), v.Field(i), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(strictyaml.At(path, i), v.Index(i), visit)
		}
	case reflect.Map:
		settings := v.Convert(reflect.TypeFor[map[string]string]()).Interface().(map[string]string)
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			walk(strictyaml.Join(path, name), reflect.ValueOf(settings[name]), visit)
		}
	default:
		visit(path, v)
	}
}

// treeOf returns a value as YAML would hold it.
func treeOf(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Struct:
		tree := map[string]any{}
		for i, key := range keysOf(v.Type()) {
			tree[key] = treeOf(v.Field(i))
		}
		return tree
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = treeOf(v.Index(i))
		}
		return list
	default:
		if d, ok := v.Interface().(time.Duration); ok {
			return d.String()
		}
		return v.Interface()
	}
}

// keysOf lists the keys of a struct in their order.
func keysOf(t reflect.Type) []string {
	keys := make([]string, t.NumField())
	for i := range keys {
		keys[i] = keyOf(t.Field(i))
	}
	return keys
}

// keyOf returns the key in the file of a struct's field.
func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return key
}
