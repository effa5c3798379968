package rules

import (
	"reflect"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/heyan-id/heyan/policy"
)

// The sizes that the cost of a condition is estimated with. A fact that is larger
// denies: the estimate would not hold for it.
const (
	maxText = 200 // bytes of a text
	maxList = 32  // entries of a list
)

// fact is one field of [policy.Facts] as conditions see it.
type fact struct {
	name  string
	index int // of the field
	kind  *cel.Type
}

// factList lists the facts, by the cel tags of the struct, so that a fact that is
// added there can be used in rules without a line here.
func factList() []fact {
	var list []fact
	for i, field := range reflect.VisibleFields(reflect.TypeFor[policy.Facts]()) {
		list = append(list, fact{name: field.Tag.Get("cel"), index: i, kind: kindOf(field.Type)})
	}
	return list
}

// kindOf returns the type of a fact within conditions.
func kindOf(t reflect.Type) *cel.Type {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return cel.TimestampType
	case t.Kind() == reflect.String:
		return cel.StringType
	case t.Kind() == reflect.Int:
		return cel.IntType
	case t.Kind() == reflect.Bool:
		return cel.BoolType
	case t.Kind() == reflect.Slice:
		return cel.ListType(cel.StringType)
	default:
		return cel.ObjectType(t.String())
	}
}

// evaluation is what one decision works with. It is used again for the next one, so
// that values that stay the same from one question to the next, as most do, are not
// made anew. Facts hold no personal data, so nothing of a person stays in it.
type evaluation struct {
	set      *Set
	facts    policy.Facts
	values   []any // by index of the field; only those that a condition uses
	outcomes []outcome
}

// ResolveName finds the value of a fact. It is what CEL asks.
func (e *evaluation) ResolveName(name string) (any, bool) {
	i, ok := e.set.index[name]
	if !ok {
		return nil, false
	}
	return e.values[i], true
}

// Parent returns nil: there are no facts behind the facts.
func (e *evaluation) Parent() cel.Activation { return nil }

// fill takes over the facts that conditions use. It reports whether all of them are
// of a size that the estimates hold for.
func (e *evaluation) fill(f *policy.Facts) bool {
	e.facts = *f
	fields := reflect.ValueOf(&e.facts).Elem()
	for _, i := range e.set.used {
		field := fields.Field(i)
		if !fits(field) {
			return false
		}
		e.values[i] = value(e.set.adapter, field, e.values[i])
	}
	return true
}

// fits reports whether a fact is within the sizes of the estimates.
func fits(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return v.Len() <= maxText
	case reflect.Slice:
		if v.Len() > maxList {
			return false
		}
		for i := range v.Len() {
			if !fits(v.Index(i)) {
				return false
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return true
		}
		for i := range v.NumField() {
			if !fits(v.Field(i)) {
				return false
			}
		}
	default: // numbers and truths have one size
	}
	return true
}

// value turns a fact into CEL's form. The last decision's value is used again if it
// is the same.
func value(adapter types.Adapter, v reflect.Value, last any) any {
	switch v.Kind() {
	case reflect.String:
		if same, ok := last.(types.String); ok && string(same) == v.String() {
			return last
		}
		return types.String(v.String())
	case reflect.Int:
		if same, ok := last.(types.Int); ok && int64(same) == v.Int() {
			return last
		}
		return types.Int(v.Int())
	case reflect.Bool:
		return types.Bool(v.Bool())
	default:
		return object(adapter, v.Interface())
	}
}

func object(adapter types.Adapter, v any) ref.Val { return adapter.NativeToValue(v) }
