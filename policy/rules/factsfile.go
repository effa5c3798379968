package rules

import (
	"math"
	"reflect"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/heyan-id/heyan/policy"
)

// LoadFacts reads facts from a file; see [ParseFacts].
func LoadFacts(path string) (policy.Facts, error) {
	text, err := readFile(path)
	if err != nil {
		return policy.Facts{}, Faults{{File: path, Message: err.Error()}}
	}
	return ParseFacts(path, text)
}

// ParseFacts reads facts from YAML or JSON, by the names that conditions use. A fact
// that is left out is empty, 0 or false, and the age not known. A time, in the form
// of RFC 3339, sets the hour and the weekday. The name stands in faults; the error
// is a [Faults] with a place for each, also for a fact that does not exist.
func ParseFacts(name string, text []byte) (policy.Facts, error) {
	d, root := open(name, text, `write the facts, as {"age": 30, "app": "shop"}, or {} if there are none`)
	var f policy.Facts
	if root != nil {
		f = d.facts(root)
	}
	if err := d.faults.err(); err != nil {
		return policy.Facts{}, err
	}
	return f, nil
}

// facts reads facts out of a map.
func (d *document) facts(n *yaml.Node) policy.Facts {
	f := policy.Facts{Age: policy.AgeUnknown}
	given := d.fields(n, "facts", reflect.ValueOf(&f).Elem())
	if given["time"] == nil {
		return f
	}
	for _, name := range []string{"hour", "weekday"} {
		if given[name] != nil {
			d.at(given[name], "facts."+name+" follows from facts.time; give one of them")
		}
	}
	f.At(f.Time)
	return f
}

// fields reads the fields of a struct by their cel tags.
func (d *document) fields(n *yaml.Node, what string, v reflect.Value) map[string]*yaml.Node {
	var keys []key
	for i, field := range reflect.VisibleFields(v.Type()) {
		name := field.Tag.Get("cel")
		keys = append(keys, key{name, func(n *yaml.Node) { d.field(n, what+"."+name, name, v.Field(i)) }})
	}
	return d.mapping(n, what, keys)
}

func (d *document) field(n *yaml.Node, what, name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(d.maybeEmpty(n, what))
	case reflect.Int:
		low, high := bounds(name)
		v.SetInt(int64(d.number(n, what, low, high)))
	case reflect.Bool:
		v.SetBool(d.truth(n, what))
	case reflect.Slice:
		v.Set(reflect.ValueOf(d.texts(n, what)))
	default:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(d.moment(n, what)))
			return
		}
		d.fields(n, what, v)
	}
}

// bounds returns the least and the greatest value that a number can have.
func bounds(name string) (low, high int) {
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

// maybeEmpty reads a text that may be empty: a question without an API key has the
// caller "".
func (d *document) maybeEmpty(n *yaml.Node, what string) string {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" && n.Value == "" {
		return ""
	}
	text, _ := d.words(n, what, maxText)
	return text
}

// moment reads a time.
func (d *document) moment(n *yaml.Node, what string) time.Time {
	t, err := time.Parse(time.RFC3339, n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		d.at(n, what+" must be a time with its zone, as 2026-10-02T20:30:00+08:00")
	}
	return t
}
