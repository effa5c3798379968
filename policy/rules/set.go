package rules

import (
	"embed"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/policy"
)

// Set is all rules that decide together. It is made by [Load] or [Parse], never
// changes, and may be asked by many goroutines at once. Its zero value denies
// everything.
type Set struct {
	rules    []rule
	fallback Effect
	counts   []string

	index   map[string]int // name of a fact → field of policy.Facts
	used    []int          // fields that conditions look at
	adapter types.Adapter
	pool    sync.Pool // of *evaluation
}

// Load reads files of rules, which together make one set. A name that begins with
// "pack:" is one of [Packs]. The error is a [strictyaml.Faults] with everything that is wrong
// with any of them, or one of heyan's own if the language itself cannot be made.
func Load(files ...string) (*Set, error) {
	b, err := newBuilder()
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, strictyaml.Faults{{File: "rules", Text: "no file of rules is named; name one, or a pack"}}
	}
	for _, name := range files {
		b.load(name)
	}
	return b.set(files[0])
}

// Parse makes a set of one text. The name stands in its faults.
func Parse(name string, text []byte) (*Set, error) {
	b, err := newBuilder()
	if err != nil {
		return nil, err
	}
	b.file(name, text)
	return b.set(name)
}

// builder collects the rules of a set and everything that is wrong with them.
type builder struct {
	environment *cel.Env
	index       map[string]int
	ids         map[string]string // id → where it was given first
	rules       []rule
	fallback    statedDefault
	faults      strictyaml.Faults
}

func newBuilder() (*builder, error) {
	facts := factList()
	environment, err := newEnvironment(facts)
	if err != nil {
		return nil, fmt.Errorf("rules: the language of conditions cannot be made: %w", err)
	}
	b := &builder{environment: environment, index: make(map[string]int, len(facts)), ids: map[string]string{}}
	for _, f := range facts {
		b.index[f.name] = f.index
	}
	return b, nil
}

// load reads one file or pack.
func (b *builder) load(name string) {
	if pack, ok := strings.CutPrefix(name, packPrefix); ok {
		b.pack(name, pack)
		return
	}
	text, err := strictyaml.ReadFile(name, strictyaml.MaxSize)
	if err != nil {
		b.faults = append(b.faults, strictyaml.Fault{File: name, Text: err.Error() + "; packs are written as pack:NAME, files by their path"})
		return
	}
	b.file(name, text)
}

// set makes the set, if nothing is wrong.
func (b *builder) set(first string) (*Set, error) {
	var total uint64
	allows := b.fallback.effect == Allow
	for _, r := range b.rules {
		total += r.cost
		allows = allows || r.then == Allow
	}
	whole := func(message string) { b.faults = append(b.faults, strictyaml.Fault{File: first, Text: message}) }
	if len(b.faults) == 0 && !allows {
		whole("nothing could ever be asked: the default denies and no rule allows; write `default: allow`, or a rule with `then: allow`")
	}
	if total > maxSetCost {
		whole(fmt.Sprintf("all conditions together may cost up to %d units and only %d are allowed; simplify those that go through lists", total, maxSetCost))
	}
	if err := b.faults.Err(); err != nil {
		return nil, err
	}
	s := &Set{rules: b.rules, fallback: b.fallback.effect, index: b.index, adapter: b.environment.CELTypeAdapter()}
	for _, r := range b.rules {
		s.counts = append(s.counts, r.counts...)
		for _, name := range r.facts {
			s.used = append(s.used, b.index[name])
		}
	}
	slices.Sort(s.counts)
	slices.Sort(s.used)
	s.counts, s.used = slices.Compact(s.counts), slices.Compact(s.used)
	s.pool.New = func() any {
		return &evaluation{set: s, values: make([]any, reflect.TypeFor[policy.Facts]().NumField()), outcomes: make([]outcome, len(s.rules))}
	}
	return s, nil
}

// countsFact is the fact whose fields are counts.
const countsFact = "counts"

// countNames lists the fields of policy.Counts as conditions name them.
func countNames() []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[policy.Counts]()) {
		names = append(names, field.Tag.Get("cel"))
	}
	return names
}

// Counts lists the fields of [policy.Counts] that any rule looks at, as
// "subject_day", sorted. Whoever fills in the facts need count nothing else.
func (s *Set) Counts() []string { return slices.Clone(s.counts) }

// packPrefix begins the name of a pack in a list of files.
const packPrefix = "pack:"

//go:embed packs/*.yaml
var packFiles embed.FS

// packs says which files a pack is made of. Those for games are two, for a team
// with a calendar of holidays needs the hours without the days.
func packs() map[string][]string {
	return map[string][]string{
		"games":          {"games-hours", "games-days"},
		"games-hours":    {"games-hours"},
		"live-streaming": {"live-streaming"},
		"general":        {"general"},
	}
}

// Packs lists the packs that come with heyan: rules about people under 18, each with
// its source. They deny and require and never allow, so that naming one can only
// make a set stricter. [Load] takes them as "pack:games".
func Packs() []string { return slices.Sorted(maps.Keys(packs())) }

// pack reads the files of a pack.
func (b *builder) pack(as, name string) {
	files, ok := packs()[name]
	if !ok {
		b.faults = append(b.faults, strictyaml.Fault{File: as, Text: "there is no such pack; the packs are " + strings.Join(Packs(), ", ")})
		return
	}
	for _, file := range files {
		text, err := packFiles.ReadFile("packs/" + file + ".yaml")
		if err != nil {
			b.faults = append(b.faults, strictyaml.Fault{File: as, Text: "is missing in this build; report it"})
			continue
		}
		b.file(packPrefix+file, text)
	}
}
