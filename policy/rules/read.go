package rules

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/policy"
)

// document is a file that is being read, with its faults.
type document struct {
	*strictyaml.Document

	faults strictyaml.Faults
}

// open reads a file into the struct that into points to. It returns false if there is
// nothing to go on with; a fault says why, and for an empty file how to begin it.
func open(name string, text []byte, into any, begin string) (*document, bool) {
	d := &document{}
	d.Document, d.faults = strictyaml.Parse(name, text)
	if d.Document == nil {
		return d, false
	}
	if d.Value == nil {
		d.note("", "is empty; %s", begin)
		return d, false
	}
	d.faults = append(d.faults, d.Decode(into, strictyaml.Options{Key: keyOf, New: blank})...)
	return d, true
}

// keyOf returns the key of a field: its yaml tag in the structs of files, its cel tag
// in the facts.
func keyOf(f reflect.StructField) string { return cmp.Or(f.Tag.Get("yaml"), f.Tag.Get("cel")) }

// blank returns what an item of a list begins with. In a case, the age is not known
// unless it is given.
func blank(t reflect.Type) reflect.Value {
	if t == reflect.TypeFor[writtenCase]() {
		return reflect.ValueOf(writtenCase{Facts: policy.Facts{Age: policy.AgeUnknown}})
	}
	return reflect.Zero(t)
}

// note adds a fault of the value at a path.
func (d *document) note(path, format string, args ...any) {
	d.faults = append(d.faults, d.Fault(path, format, args...))
}

// fine reports whether the value at a path has no fault so far. What could not be
// decoded is not judged once more.
func (d *document) fine(path string) bool {
	for _, f := range d.faults {
		if rest, ok := strings.CutPrefix(f.Path, path); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return false
		}
	}
	return true
}

// isMap reports whether the value at a path is a map. If it is something else, a fault
// says so.
func (d *document) isMap(path string) bool {
	for _, f := range d.faults {
		if f.Path == path {
			return false
		}
	}
	if !d.Has(path) {
		d.note(path, "must be a map, got nothing; write its keys")
	}
	return d.Has(path)
}

// needs notes the keys that are missing in the map at a path.
func (d *document) needs(path, what string, keys ...string) {
	for _, key := range keys {
		if !d.Has(strictyaml.Join(path, key)) {
			d.note(path, "%s needs `%s:`", what, key)
		}
	}
}

// text checks a string of at most most bytes that says something.
func (d *document) text(path, text string, most int) {
	switch {
	case !d.fine(path):
	case strings.TrimSpace(text) == "":
		d.note(path, "is empty; write it, or leave the key out")
	case len(text) > most:
		d.note(path, "has more than %d bytes; shorten it", most)
	}
}

// texts checks a list of strings without repetition.
func (d *document) texts(path string, list []string) {
	if len(list) > maxList {
		d.note(path, "has more than %d entries; shorten it", maxList)
		return
	}
	first := map[string]int{}
	for i, text := range list {
		where := strictyaml.At(path, i)
		d.text(where, text, maxText)
		if j, twice := first[text]; twice && d.fine(where) {
			d.note(where, "is the same as entry %d; keep one", j)
		} else {
			first[text] = i
		}
	}
}

// writtenObligations are obligations as files write them.
type writtenObligations struct {
	Recipients []string `yaml:"recipients"`
	NoReuse    bool     `yaml:"no_reuse"`
	Review     bool     `yaml:"review"`
}

// obligations checks obligations and returns them. A list of recipients limits them,
// also an empty one.
func (d *document) obligations(path string, w *writtenObligations) policy.Obligations {
	if w == nil {
		return policy.Obligations{}
	}
	d.texts(path+".recipients", w.Recipients)
	return policy.Obligations{Limited: w.Recipients != nil, Recipients: w.Recipients, NoReuse: w.NoReuse, Review: w.Review}
}

// LoadFacts reads facts from a file; see [ParseFacts].
func LoadFacts(path string) (policy.Facts, error) {
	text, err := strictyaml.ReadFile(path, strictyaml.MaxSize)
	if err != nil {
		return policy.Facts{}, strictyaml.Faults{{File: path, Text: err.Error()}}
	}
	return ParseFacts(path, text)
}

// ParseFacts reads facts from YAML or JSON, by the names that conditions use. A fact
// that is left out is empty, 0 or false, and the age not known. A time, in the form of
// RFC 3339, sets the hour and the weekday. The name stands in faults; the error is a
// [strictyaml.Faults], also for a fact that does not exist.
func ParseFacts(name string, text []byte) (policy.Facts, error) {
	f := policy.Facts{Age: policy.AgeUnknown}
	d, ok := open(name, text, &f, `write the facts, such as {"age": 30, "app": "shop"}, or {} if there are none`)
	if ok {
		d.facts("", &f)
	}
	if err := d.faults.Err(); err != nil {
		return policy.Facts{}, err
	}
	return f, nil
}

// facts checks facts that were decoded from a path, and fills in what follows from the
// time.
func (d *document) facts(path string, f *policy.Facts) {
	d.fields(path, reflect.ValueOf(f).Elem())
	if !d.Has(strictyaml.Join(path, "time")) {
		return
	}
	for _, key := range []string{"hour", "weekday"} {
		if where := strictyaml.Join(path, key); d.Has(where) {
			d.note(where, "follows from the time; give one of them")
		}
	}
	f.At(f.Time)
}

// fields checks the facts that stand in the file, by their types.
func (d *document) fields(path string, v reflect.Value) {
	for i, field := range reflect.VisibleFields(v.Type()) {
		name := field.Tag.Get("cel")
		where := strictyaml.Join(path, name)
		if !d.Has(where) || !d.fine(where) {
			continue
		}
		switch value := v.Field(i); value.Kind() {
		case reflect.String:
			if value.String() != "" { // a request without an API key has the caller ""
				d.text(where, value.String(), maxText)
			}
		case reflect.Int:
			if low, high := rangeOf(name); value.Int() < low || value.Int() > high {
				d.note(where, "must be a whole number from %d to %d", low, high)
			}
		case reflect.Slice:
			if list, ok := value.Interface().([]string); ok {
				d.texts(where, list)
			}
		case reflect.Struct:
			if value.Type() != reflect.TypeFor[time.Time]() {
				d.fields(where, value)
			}
		default: // a bool has no bounds
		}
	}
}

// rangeOf returns the least and the greatest value that a number can have.
func rangeOf(name string) (low, high int64) {
	switch name {
	case "age":
		return policy.AgeUnknown, 150
	case "hour":
		return 0, 23
	case "weekday":
		return 1, 7
	default:
		return 0, math.MaxInt32
	}
}

// at returns where a path stands, as file:line.
func (d *document) at(path string) string { return fmt.Sprintf("%s:%d", d.File, d.Line(path)) }
