package config

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// keyOf returns the key in the file of a struct's field.
func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return key
}

// keysOf lists the keys of a struct in their order.
func keysOf(t reflect.Type) []string {
	keys := make([]string, t.NumField())
	for i := range keys {
		keys[i] = keyOf(t.Field(i))
	}
	return keys
}

// fieldFor returns the field of a struct with the given key.
func fieldFor(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if keyOf(v.Type().Field(i)) == key {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// join appends a key to a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// at appends a list index to a path.
func at(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

var indexes = regexp.MustCompile(`\[\d+\]`)

// kind returns the path without its list indexes: the key of the rule tables.
func kind(path string) string { return indexes.ReplaceAllString(path, "[]") }

// isIndex reports whether a word is a list index as strconv prints it.
func isIndex(word string) bool {
	n, err := strconv.Atoi(word)
	return err == nil && n >= 0 && strconv.Itoa(n) == word
}

var plainKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,23}$`)

// safeKey returns a key that may be shown. In a file that is written wrongly a
// secret can stand in the place of a key ({abc123}); it is longer or less plain
// than any key of ours.
func safeKey(key string) string {
	if plainKey.MatchString(key) {
		return key
	}
	return masked
}

// nearest returns the known word that is at most one edit away, or "".
func nearest(word string, known []string) string {
	for _, k := range known {
		if k == word || oneEdit(word, k) {
			return k
		}
	}
	return ""
}

// oneEdit reports whether a becomes b by one letter more, less or other, or by
// two neighbours changing places.
func oneEdit(a, b string) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 2 && len(b) == 2 {
		return a[0] == b[1] && a[1] == b[0]
	}
	return max(len(a), len(b)) == 1
}

// unknown says that a key or name is not known, and which one may be meant.
func unknown(what, word string, known []string) string {
	if near := nearest(strings.ToLower(word), known); near != "" {
		return "unknown " + what + "; did you mean " + near + "?"
	}
	if len(known) == 0 {
		return "unknown " + what + "; there are none here"
	}
	return "unknown " + what + "; the known ones are " + strings.Join(known, ", ")
}
