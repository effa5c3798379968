package rules

import (
	"reflect"
	"slices"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/heyan-id/heyan/policy"
)

// The sizes that the cost of a condition is estimated with. A fact that is larger
// denies: the estimate would not hold for it.
const (
	maxText = 200 // bytes of a text
	maxList = 32  // entries of a list
)

// maxKnown is how many texts an evaluation keeps in CEL's form: tenants, apps and
// regions come back in turns, and each would cost an allocation every time.
const maxKnown = 256

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
// that facts which stay the same from one question to the next, as most do, are not
// turned into CEL's form anew. Facts hold no personal data, so nothing of a person
// stays in it; its lists are its own, for the caller may change theirs.
type evaluation struct {
	set      *Set
	next     policy.Facts // what is decided about; here since a value that reflection sees is on the heap
	facts    policy.Facts // what values were made of
	values   []any        // by index of the field; only those that a condition uses
	known    map[string]any
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
	e.next = *f
	next, last := reflect.ValueOf(&e.next).Elem(), reflect.ValueOf(&e.facts).Elem()
	for _, i := range e.set.used {
		if !e.take(i, next.Field(i).Addr().Interface(), last.Field(i).Addr().Interface()) {
			return false
		}
	}
	return true
}

// take takes over one fact, unless it is the same as the last time. Both are
// pointers to it. A fact of a type that is not known here never fits, so that one
// cannot be added to the struct and forgotten.
func (e *evaluation) take(i int, next, last any) bool {
	switch next := next.(type) {
	case *string:
		renew(e, i, next, last, equal, e.text)
		return len(*next) <= maxText
	case *int:
		renew(e, i, next, last, equal, func(n int) any { return types.Int(n) })
	case *policy.Counts:
		renew(e, i, next, last, equal, func(c policy.Counts) any { return c })
	case *time.Time:
		renew(e, i, next, last, time.Time.Equal, func(t time.Time) any { return types.Timestamp{Time: t} })
	case *[]string:
		renew(e, i, next, last, slices.Equal, func(list []string) any { return types.NewStringList(e.set.adapter, list) })
		return fits(*next)
	case *policy.ConsentFacts:
		renew(e, i, next, last, sameConsent, func(c policy.ConsentFacts) any { return c })
		return len(next.State) <= maxText && fits(next.Recipients)
	default:
		return false
	}
	return true
}

// text returns a text in CEL's form.
func (e *evaluation) text(s string) any {
	if v, ok := e.known[s]; ok {
		return v
	}
	if len(e.known) == maxKnown || e.known == nil {
		e.known = make(map[string]any)
	}
	v := any(types.String(s))
	if len(s) <= maxText {
		e.known[s] = v
	}
	return v
}

// renew makes the value of a fact anew, if it is not the same as the last time.
func renew[T any](e *evaluation, i int, next *T, last any, same func(a, b T) bool, value func(T) any) {
	kept, ok := last.(*T)
	if ok && (e.values[i] == nil || !same(*next, *kept)) {
		*kept = own(*next)
		e.values[i] = value(*kept)
	}
}

// own copies the lists of a fact, which the caller may change later.
func own[T any](fact T) T {
	switch fact := any(&fact).(type) {
	case *[]string:
		*fact = slices.Clone(*fact)
	case *policy.ConsentFacts:
		fact.Recipients = slices.Clone(fact.Recipients)
	default: // everything else is a value
	}
	return fact
}

func equal[T comparable](a, b T) bool { return a == b }

func sameConsent(a, b policy.ConsentFacts) bool {
	return a.State == b.State && a.Valid == b.Valid && a.Guardian == b.Guardian && slices.Equal(a.Recipients, b.Recipients)
}

// fits reports whether a list is within the sizes of the estimates.
func fits(list []string) bool {
	return len(list) <= maxList && !slices.ContainsFunc(list, func(s string) bool { return len(s) > maxText })
}
