package rules

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/policy"
)

// leaf is a fact that has no fields of its own, with its name in conditions.
type leaf struct {
	name string
	of   func(*policy.Facts) reflect.Value
}

func leaves() []leaf {
	var list []leaf
	var walk func(prefix string, t reflect.Type, path []int)
	walk = func(prefix string, t reflect.Type, path []int) {
		for i, field := range reflect.VisibleFields(t) {
			name, here := prefix+field.Tag.Get("cel"), append(append([]int(nil), path...), i)
			if field.Type.Kind() == reflect.Struct && field.Type != reflect.TypeFor[time.Time]() {
				walk(name+".", field.Type, here)
				continue
			}
			list = append(list, leaf{name, func(f *policy.Facts) reflect.Value { return reflect.ValueOf(f).Elem().FieldByIndex(here) }})
		}
	}
	walk("", reflect.TypeFor[policy.Facts](), nil)
	return list
}

// change makes a leaf differ from its zero value, and returns the condition that
// holds for the zero value only.
func (l leaf) change(f *policy.Facts) (string, error) {
	switch v := l.of(f); v.Interface().(type) {
	case string:
		v.SetString("x")
		return l.name + " == ''", nil
	case int:
		v.SetInt(7)
		return l.name + " == 0", nil
	case bool:
		v.SetBool(true)
		return "!" + l.name, nil
	case []string:
		v.Set(reflect.ValueOf([]string{"x"}))
		return "size(" + l.name + ") == 0", nil
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(1, 0)))
		return l.name + " < timestamp('1950-01-01T00:00:00Z')", nil
	default:
		return "", fmt.Errorf("%s has a type that this test does not know", l.name)
	}
}

// TestFactsAreNotStale decides twice by the same evaluation, with facts that differ
// in one leaf: the second decision must see it.
func TestFactsAreNotStale(t *testing.T) {
	t.Parallel()
	all := leaves()
	if len(all) < 25 {
		t.Fatalf("%d leaves, want all of policy.Facts", len(all))
	}
	for _, l := range all {
		t.Run(l.name, func(t *testing.T) {
			var before, after policy.Facts
			when, err := l.change(&after)
			if err != nil {
				t.Fatal(err)
			}
			s := mustParse(t, ruleOf(when))
			e, ok := s.evaluate(&before)
			if !ok || e.outcomes[0] != fired {
				t.Fatalf("%s does not hold for no facts: %v %v", when, ok, e)
			}
			if !e.fill(&after) {
				t.Fatal("the facts do not fit")
			}
			if got := ask(&s.rules[0], e); got != silent {
				t.Errorf("%s: outcome %d after the fact had changed", when, got)
			}
		})
	}
}

// TestEveryTextIsBounded fails for a text that is added to the facts and may be of
// any length.
func TestEveryTextIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxText+1)
	for _, l := range leaves() {
		t.Run(l.name, func(t *testing.T) {
			var f policy.Facts
			when, err := l.change(&f)
			if err != nil {
				t.Fatal(err)
			}
			switch v := l.of(&f); v.Kind() {
			case reflect.String:
				v.SetString(long)
			case reflect.Slice:
				v.Set(reflect.ValueOf([]string{long}))
			default:
				return
			}
			if d := mustParse(t, ruleOf(when)).Decide(f); d.Allowed || d.Rules[0] != "facts" {
				t.Errorf("got %+v, want a denial because of its size", d)
			}
		})
	}
}

// TestFactsAreCopied changes a list after it was decided about. What is kept for the
// next decision must not follow; with the race detector, not even look.
func TestFactsAreCopied(t *testing.T) {
	t.Parallel()
	s := mustParse(t, ruleOf("'a' in flags && 'a' in consent.recipients"))
	list := []string{"a"}
	facts := policy.Facts{Flags: list, Consent: policy.ConsentFacts{Recipients: list}}
	e, ok := s.evaluate(&facts)
	if !ok || e.outcomes[0] != fired {
		t.Fatal("the condition does not hold")
	}
	list[0] = "b"
	if got := ask(&s.rules[0], e); got != fired {
		t.Error("the evaluation holds the caller's list")
	}
}
