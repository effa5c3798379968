package strictyaml

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxItems is how long a list may be. A longer list is a mistake of the program that
// wrote the file.
const maxItems = 1000

// Options say how [Document.Decode] finds the fields of structs. The zero value is
// ready to use.
type Options struct {
	// Key returns the key of a field; the name in its json tag if nil. Fields whose key
	// is "" or "-" are left alone.
	Key func(reflect.StructField) string
	// New returns what an item of a list begins with; zero values if nil.
	New func(reflect.Type) reflect.Value
	// Unknown returns a text of its own for a key that no field has, such as one that
	// was renamed, by its path without list indexes; "" leaves it to Decode.
	Unknown func(kind string) string
}

// Decode writes the document's value into the struct, map or other value that into
// points to, and returns every fault: unknown keys, wrong types, lists that are too
// long. A null is a key that is not there and leaves its field alone, as a fault does.
//
// A string is never taken for a number, nor a number for a string. A time.Duration is
// a string such as 3s, a time.Time one in the form of RFC 3339.
func (d *Document) Decode(into any, o Options) Faults {
	return d.DecodeAt("", d.Value, into, o)
}

// DecodeAt is Decode for the value that stands at a path of the document.
func (d *Document) DecodeAt(path string, value, into any, o Options) Faults {
	if o.Key == nil {
		o.Key = jsonKey
	}
	if o.New == nil {
		o.New = reflect.Zero
	}
	if o.Unknown == nil {
		o.Unknown = func(string) string { return "" }
	}
	r := decoder{Options: o, document: d}
	r.value(path, value, reflect.ValueOf(into).Elem())
	return r.faults
}

func jsonKey(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return key
}

type decoder struct {
	Options
	document *Document
	faults   Faults
}

func (r *decoder) fault(path, format string, args ...any) {
	r.faults = append(r.faults, r.document.Fault(path, format, args...))
}

// wrong notes a value of another type than the wanted one.
func (r *decoder) wrong(path, want string, got any, remedy string) {
	r.fault(path, "must be %s, got %s; %s", want, kindOf(got), remedy)
}

func (r *decoder) value(path string, raw any, into reflect.Value) {
	if raw == nil {
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		r.value(path, raw, into.Elem())
	case reflect.Interface:
		into.Set(reflect.ValueOf(raw))
	case reflect.Slice:
		r.list(path, raw, into)
	case reflect.Map:
		r.entries(path, raw, into)
	case reflect.Struct:
		if into.Type() != reflect.TypeFor[time.Time]() {
			r.object(path, raw, into)
			return
		}
		fallthrough
	default:
		r.scalar(path, raw, into)
	}
}

func (r *decoder) object(path string, raw any, into reflect.Value) {
	fields, names := r.fields(into)
	values, ok := raw.(map[string]any)
	if !ok {
		r.wrong(path, "a map", raw, "write it with these keys: "+strings.Join(names, ", "))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		where := Join(path, key)
		if field, ok := fields[key]; ok {
			r.value(where, values[key], field)
		} else if text := r.Unknown(Kind(where)); text != "" {
			r.fault(where, "%s", text)
		} else {
			r.fault(where, "%s", unknownKey(key, names))
		}
	}
}

// unknownKey says that a key is not known. The path of a setting is not a key.
func unknownKey(key string, names []string) string {
	if first, rest, dotted := strings.Cut(key, "."); dotted && slices.Contains(names, first) {
		return "unknown key; write the parts as keys of their own, `" + first + ":` and below it, indented, `" + SafeKey(rest) + ":`"
	}
	return Unknown("key", key, names)
}

// fields returns the fields of a struct by key, and the keys in their order. Those of an
// embedded struct are fields of the one around it.
func (r *decoder) fields(v reflect.Value) (fields map[string]reflect.Value, names []string) {
	fields = map[string]reflect.Value{}
	for _, f := range reflect.VisibleFields(v.Type()) {
		if key := r.Key(f); key != "" && key != "-" {
			fields[key] = v.FieldByIndex(f.Index)
			names = append(names, key)
		}
	}
	return fields, names
}

// list writes a list, which replaces the one that is there.
func (r *decoder) list(path string, raw any, into reflect.Value) {
	items, ok := raw.([]any)
	switch {
	case !ok:
		r.wrong(path, "a list", raw, "begin each item with a hyphen")
		return
	case len(items) > maxItems:
		r.fault(path, "holds more than %d items; shorten it", maxItems)
		return
	}
	list := reflect.MakeSlice(into.Type(), len(items), len(items))
	for i, item := range items {
		list.Index(i).Set(r.New(into.Type().Elem()))
		r.value(At(path, i), item, list.Index(i))
	}
	into.Set(list)
}

func (r *decoder) entries(path string, raw any, into reflect.Value) {
	values, ok := raw.(map[string]any)
	if !ok {
		r.wrong(path, "a map", raw, "write it as names and values")
		return
	}
	into.Set(reflect.MakeMap(into.Type()))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		entry := reflect.New(into.Type().Elem()).Elem()
		r.value(Join(path, key), values[key], entry)
		into.SetMapIndex(reflect.ValueOf(key), entry)
	}
}

// scalar writes a value of exactly the wanted type.
func (r *decoder) scalar(path string, raw any, into reflect.Value) {
	switch into.Interface().(type) {
	case time.Duration:
		text, _ := raw.(string)
		duration, err := time.ParseDuration(text)
		if err != nil {
			r.fault(path, "must be a duration with its unit, such as 3s, 250ms or 5m%s", inHours(text))
			return
		}
		into.SetInt(int64(duration))
		return
	case time.Time:
		text, _ := raw.(string)
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			r.fault(path, "must be a time with its zone, such as 2026-10-02T20:30:00+08:00")
			return
		}
		into.Set(reflect.ValueOf(t))
		return
	}
	switch into.Kind() {
	case reflect.String:
		if text, ok := raw.(string); ok {
			into.SetString(text)
			return
		}
		r.wrong(path, "a string", raw, "put the value in quotes")
	case reflect.Bool:
		if truth, ok := raw.(bool); ok {
			into.SetBool(truth)
			return
		}
		r.wrong(path, "true or false", raw, "write it without quotes")
	case reflect.Int:
		if whole, ok := raw.(int); ok {
			into.SetInt(int64(whole))
			return
		}
		r.wrong(path, "a whole number", raw, numberRemedy(raw))
	case reflect.Float64:
		switch number := raw.(type) {
		case int:
			into.SetFloat(float64(number))
		case float64:
			into.SetFloat(number)
		default:
			r.wrong(path, "a number", raw, numberRemedy(raw))
		}
	default: // a mistake in the caller's struct, which its first test shows
		panic(fmt.Sprintf("strictyaml: %s: a field of type %s cannot be read", path, into.Type()))
	}
}

var days = regexp.MustCompile(`^([1-9][0-9]{0,4})\s?(d|days?|w|weeks?)$`)

// inHours returns how days or weeks are written.
func inHours(text string) string {
	m := days.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	n, _ := strconv.Atoi(m[1]) // five digits
	if m[2][0] == 'w' {
		n *= 7
	}
	return fmt.Sprintf("; write days in hours, here %dh", 24*n)
}

// numberRemedy returns what to do about a value that stands for a number.
func numberRemedy(raw any) string {
	text, quoted := raw.(string)
	_, err := strconv.ParseFloat(text, 64)
	switch {
	case quoted && err == nil && IsNumber(text):
		return "remove the quotes"
	case quoted && err == nil:
		return "write it in plain decimal digits"
	}
	return "write it in digits"
}

// kindOf names the type of a value in the words of YAML.
func kindOf(value any) string {
	switch value.(type) {
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case int:
		return "a number"
	case float64:
		return "a fraction"
	default:
		return "nothing"
	}
}
