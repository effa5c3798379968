package config

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// decoder writes a raw tree into the structs and notes every fault. It is
// stricter than koanf's own: that one drops unknown keys beside a faulty value,
// reads 3 as three nanoseconds, and cuts 6.5 to 6.
type decoder struct {
	faults  Faults
	origins map[string]string // path of a leaf → OriginFile or OriginEnv
	names   map[string]string // path of a leaf → the variable that set it
	strange []stranger        // variables that fit no setting
}

type stranger struct{ name, message string }

func newDecoder() *decoder {
	return &decoder{origins: map[string]string{}, names: map[string]string{}}
}

// value writes one node of the tree. A null is a key that is not there.
func (d *decoder) value(path string, raw any, into reflect.Value) {
	if raw == nil {
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		d.object(path, raw, into)
	case reflect.Slice:
		d.list(path, raw, into)
	case reflect.Map:
		d.texts(path, raw, into)
	default:
		d.origins[path] = OriginFile
		d.scalar(path, raw, into)
	}
}

func (d *decoder) object(path string, raw any, into reflect.Value) {
	m, ok := raw.(map[string]any)
	if !ok {
		d.faults.add(path, "want a map of these keys: "+strings.Join(keysOf(into.Type()), ", "))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		where := join(path, safeKey(key))
		field, ok := fieldFor(into, key)
		switch sentence := planned()[kind(where)]; {
		case ok:
			d.value(where, m[key], field)
		case sentence != "":
			d.faults.add(where, sentence)
		default:
			d.faults.add(where, unknown("key", key, keysOf(into.Type())))
		}
	}
}

// maxItems is how long a list may be. Each provider costs memory and a goroutine
// or two; a longer list is a mistake of whatever wrote the file.
const maxItems = 1000

func (d *decoder) list(path string, raw any, into reflect.Value) {
	items, ok := raw.([]any)
	if !ok {
		d.faults.add(path, "want a list, each item on a line that begins with a hyphen")
		return
	}
	if len(items) > maxItems {
		d.faults.add(path, "holds more than "+strconv.Itoa(maxItems)+" items")
		return
	}
	into.SetZero() // a list in the file replaces the default one
	for i, item := range items {
		into.Set(reflect.Append(into, blank(into.Type().Elem())))
		d.value(at(path, i), item, into.Index(i))
	}
}

func (d *decoder) texts(path string, raw any, into reflect.Value) {
	m, ok := raw.(map[string]any)
	if !ok {
		d.faults.add(path, "want a map of names to texts")
		return
	}
	into.Set(reflect.MakeMap(into.Type()))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		text := reflect.New(into.Type().Elem()).Elem()
		d.value(join(path, safeKey(key)), m[key], text)
		into.SetMapIndex(reflect.ValueOf(key), text)
	}
}

// scalar writes a value of exactly the type that is wanted.
func (d *decoder) scalar(path string, raw any, into reflect.Value) {
	switch p := into.Addr().Interface().(type) {
	case *string:
		assign(d, path, raw, p, "want a text; put the value in quotes")
	case *bool:
		assign(d, path, raw, p, "want true or false")
	case *int:
		assign(d, path, raw, p, "want a whole number")
	case *float64:
		if whole, ok := raw.(int); ok {
			raw = float64(whole)
		}
		assign(d, path, raw, p, "want a number")
	case *time.Duration:
		text, _ := raw.(string)
		if duration, err := time.ParseDuration(text); err == nil {
			raw = duration
		}
		assign(d, path, raw, p, "want a time with its unit, as 3s, 250ms or 5m")
	}
}

func assign[T any](d *decoder, path string, raw any, into *T, want string) {
	value, ok := raw.(T)
	if !ok {
		d.faults.add(path, want)
		return
	}
	*into = value
}

// typed reads a variable's text as YAML would read it for the wanted type. What
// does not fit stays a text, which scalar then refuses.
func typed(text string, want reflect.Type) any {
	var value any
	var err error
	switch want.Kind() {
	case reflect.Bool:
		value, err = strconv.ParseBool(text)
	case reflect.Int:
		value, err = strconv.Atoi(text)
	case reflect.Float64:
		value, err = strconv.ParseFloat(text, 64)
	default:
		return text
	}
	if err != nil {
		return text
	}
	return value
}
