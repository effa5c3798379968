package config

import (
	"reflect"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// NeedsRestart reports whether a setting is read at the start of the daemon only, by its
// path. A reload that would change one is rejected. Such fields have the tag
// reload:"restart".
func NeedsRestart(path string) bool {
	kind := strictyaml.Kind(path)
	for _, key := range restartKeys("", reflect.TypeFor[Config]()) {
		if rest, ok := strings.CutPrefix(kind, key); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// restartKeys returns the kinds of paths below a type that have the tag.
func restartKeys(path string, t reflect.Type) (keys []string) {
	for t.Kind() == reflect.Slice {
		t, path = t.Elem(), path+"[]"
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		at := strictyaml.Join(path, keyOf(f))
		if f.Tag.Get("reload") == "restart" {
			keys = append(keys, at)
			continue
		}
		keys = append(keys, restartKeys(at, f.Type)...)
	}
	return keys
}
