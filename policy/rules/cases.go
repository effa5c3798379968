package rules

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/policy"
)

// maxCases is how many cases a file may have. Write several files rather than a
// long one; each is run by its own line of CI.
const maxCases = 1000

// Cases are examples of what a set of rules must decide: the tests of a policy.
type Cases struct {
	Rules []string // the files and packs to load, as [Load] takes them
	List  []Case
}

// Case is one example.
type Case struct {
	Name  string
	File  string
	Line  int
	Facts policy.Facts
	Want  Want
}

// Want is what a case expects. What is nil is not looked at.
type Want struct {
	Allowed     bool
	Rules       []string // the rules that decided, in their order
	Obligations *policy.Obligations
}

// writtenCases is a file of cases.
type writtenCases struct {
	Rules []string      `yaml:"rules"`
	Cases []writtenCase `yaml:"cases"`
}

type writtenCase struct {
	Name  string       `yaml:"name"`
	Facts policy.Facts `yaml:"facts"`
	Want  *writtenWant `yaml:"want"`
}

type writtenWant struct {
	Allowed     bool                `yaml:"allowed"`
	Rules       []string            `yaml:"rules"`
	Obligations *writtenObligations `yaml:"obligations"`
}

// LoadCases reads a file of cases. Files of rules that it names are sought from its
// own folder. The error is a [strictyaml.Faults].
func LoadCases(path string) (*Cases, error) {
	text, err := strictyaml.ReadFile(path, strictyaml.MaxSize)
	if err != nil {
		return nil, strictyaml.Faults{{File: path, Text: err.Error()}}
	}
	return ParseCases(path, text)
}

// ParseCases reads cases from a text that stands at a path.
func ParseCases(path string, text []byte) (*Cases, error) {
	var w writtenCases
	d, ok := open(path, text, &w, "begin with a list of `rules:` and a list of `cases:`")
	var c Cases
	if ok {
		c.read(d, &w)
	}
	if err := d.faults.Err(); err != nil {
		return nil, err
	}
	return &c, nil
}

func (c *Cases) read(d *document, w *writtenCases) {
	d.texts("rules", w.Rules)
	for _, name := range w.Rules {
		c.Rules = append(c.Rules, beside(d.File, name))
	}
	if len(w.Cases) > maxCases {
		d.note("cases", "has more than %d entries; make two files of it", maxCases)
		return
	}
	lines := map[string]int{}
	for i := range w.Cases {
		path := strictyaml.At("cases", i)
		c.List = append(c.List, d.oneCase(path, &w.Cases[i]))
		name := w.Cases[i].Name
		if first, taken := lines[name]; taken && d.fine(path+".name") {
			d.note(path+".name", "is the name of the case in line %d; a report could not tell the two apart", first)
		}
		lines[name] = d.Line(path + ".name")
	}
	isMap := d.isMap("")
	for _, list := range []struct {
		key     string
		entries int
	}{{"rules", len(w.Rules)}, {"cases", len(w.Cases)}} {
		if list.entries == 0 && isMap && d.fine(list.key) {
			d.note("", "a file of cases needs `%s:` with at least one entry; without it nothing is tested", list.key)
		}
	}
}

// beside returns the path of a file that is named in another one. Packs have none.
func beside(file, name string) string {
	if strings.HasPrefix(name, packPrefix) || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(file), filepath.FromSlash(name))
}

func (d *document) oneCase(path string, w *writtenCase) Case {
	c := Case{Name: w.Name, File: d.File, Line: d.Line(path)}
	if !d.isMap(path) {
		return c
	}
	d.needs(path, "a case", "name", "facts", "want")
	if d.Has(path + ".name") {
		d.text(path+".name", w.Name, maxText)
	}
	d.facts(path+".facts", &w.Facts)
	c.Facts = w.Facts
	if want := path + ".want"; w.Want != nil && d.isMap(want) {
		d.needs(want, "want", "allowed")
		d.texts(want+".rules", w.Want.Rules)
		c.Want = Want{Allowed: w.Want.Allowed, Rules: w.Want.Rules}
		if w.Want.Obligations != nil {
			o := d.obligations(want+".obligations", w.Want.Obligations)
			c.Want.Obligations = &o
		}
	}
	return c
}

// Report is what came of running cases.
type Report struct {
	Results []Result // one a case, in the order of the file
	Unfired []string // ids of rules that fired in no case, so that no case tests them
}

// Result is what came of one case.
type Result struct {
	Case        Case
	Differences []Difference // none if it passed
}

// Difference is one thing that was decided otherwise than wanted.
type Difference struct {
	What string `json:"what"` // allowed, rules or obligations
	Got  string `json:"got"`
	Want string `json:"want"`
}

// Passed reports whether all was decided as wanted.
func (r Result) Passed() bool { return len(r.Differences) == 0 }

// Run decides every case by a set of rules and compares.
func (c *Cases) Run(s *Set) Report {
	var report Report
	tested := map[string]bool{}
	for _, one := range c.List {
		x := s.Explain(one.Facts)
		report.Results = append(report.Results, Result{Case: one, Differences: one.Want.differences(&x.Decision)})
		for _, o := range x.Outcomes {
			tested[o.Rule] = tested[o.Rule] || o.Fired
		}
	}
	for _, r := range s.rules {
		if !tested[r.id] {
			report.Unfired = append(report.Unfired, r.id)
		}
	}
	return report
}

// differences lists in what a decision is not as wanted.
func (w *Want) differences(d *policy.Decision) []Difference {
	var list []Difference
	compare := func(what, got, want string) {
		if got != want {
			list = append(list, Difference{what, got, want})
		}
	}
	compare("allowed", fmt.Sprint(d.Allowed), fmt.Sprint(w.Allowed))
	if w.Rules != nil {
		compare("rules", listed(d.Rules), listed(w.Rules))
	}
	if w.Obligations != nil {
		compare("obligations", obligationText(&d.Obligations), obligationText(w.Obligations))
	}
	return list
}

func listed(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

// obligationText writes obligations in one line. The order of recipients means
// nothing, so it makes no difference.
func obligationText(o *policy.Obligations) string {
	var parts []string
	if o.Limited {
		parts = append(parts, "recipients "+listed(slices.Sorted(slices.Values(o.Recipients))))
	}
	if o.NoReuse {
		parts = append(parts, "no_reuse")
	}
	if o.Review {
		parts = append(parts, "review")
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
