package lint

import (
	"bytes"
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/heyan-id/heyan/engine/idv"
)

//go:embed data/*.yaml
var files embed.FS

// table is the contents of data/*.yaml.
type table struct {
	rules   []rule
	void    []pattern           // a clause that matches one of these breaks no rule
	samples map[string]idv.Text // what the blanks of a template are read as
	index   index               // the words of all patterns
}

// rule is a rule with what it looks for: in one clause one of finds, in two clauses
// together one of pairs, each unless the part of the sentence matches one of unless; in a
// line as written one of forms; in the whole text a statement.
type rule struct {
	Rule `yaml:",inline"`

	Finds, Pairs, Unless []pattern
	Forms                []form
	Says                 *statement
}

// statement is what a text must say. A paragraph says it if it matches one of has, none of
// unless, all of forms and at least so many of also. The statement is required of every
// text, or with when, of a text that matches one of these.
type statement struct {
	When, Has, Unless, Also []pattern
	Least                   int
	Forms                   []form
}

// vocabulary is the words that the patterns share. Concepts may contain other concepts.
type vocabulary struct {
	Concepts                    map[string]string
	Negators, Adjacent, Deniers alternatives
}

// The tables are read once, because compiling thousands of words takes milliseconds.
var (
	tables = sync.OnceValue(func() *table {
		t := &table{void: mustLoad[[]pattern]("void"), samples: mustLoad[map[string]idv.Text]("samples")}
		for _, name := range []string{
			"irrevocable", "unlimited", "unnamed-recipients", "no-further-consent", "excess-data", "adverse-data",
			"bundled-purposes", "all-consequences", "independence", "form", "missing",
		} {
			t.rules = append(t.rules, mustLoad[[]rule](name)...)
		}
		patterns := t.void
		for _, r := range t.rules {
			patterns = slices.Concat(patterns, r.patterns())
		}
		t.index = newIndex(patterns)
		return t
	})
	shared = sync.OnceValue(func() vocabulary { return mustLoad[vocabulary]("words") })
)

// mustLoad panics on a fault, which only a wrong edit of the embedded files can cause.
func mustLoad[T any](name string) T {
	text, err := files.ReadFile("data/" + name + ".yaml")
	if err != nil {
		panic(err)
	}
	table, err := load[T]("data/"+name+".yaml", text)
	if err != nil {
		panic(err)
	}
	return table
}

// load reads a table. Its errors name the file and the line.
func load[T any](name string, text []byte) (table T, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&table); err != nil {
		return table, fmt.Errorf("%s: %w", name, err)
	}
	return table, nil
}

func (r rule) patterns() []pattern {
	list := slices.Concat(r.Finds, r.Pairs, r.Unless)
	if s := r.Says; s != nil {
		list = slices.Concat(list, s.When, s.Has, s.Unless, s.Also)
	}
	return list
}

// alternatives are words that stand between bars in a table; an underscore is a space.
type alternatives []string

// UnmarshalYAML splits the words.
func (a *alternatives) UnmarshalYAML(n *yaml.Node) error {
	*a = split(n.Value)
	return nil
}

func split(words string) alternatives {
	return strings.Split(strings.ReplaceAll(words, "_", " "), "|")
}

// form is a regular expression.
type form struct{ *regexp.Regexp }

// UnmarshalYAML compiles the expression. Its error names the line.
func (f *form) UnmarshalYAML(n *yaml.Node) (err error) {
	if f.Regexp, err = regexp.Compile(n.Value); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return nil
}

// UnmarshalYAML compiles the pattern. Its error names the line.
func (p *pattern) UnmarshalYAML(n *yaml.Node) (err error) {
	if *p, err = parse(n.Value, shared().Concepts); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return nil
}
