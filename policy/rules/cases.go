package rules

import (
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

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

// LoadCases reads a file of cases. Files of rules that it names are sought from its
// own folder. The error is a [Faults].
func LoadCases(path string) (*Cases, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, Faults{{File: path, Message: err.Error()}}
	}
	return ParseCases(path, text)
}

// ParseCases reads cases from a text that stands at a path.
func ParseCases(path string, text []byte) (*Cases, error) {
	d, root := open(path, text, "begin with a list of `rules:` and a list of `cases:`")
	var c Cases
	if root != nil {
		c.read(d, root)
	}
	if err := d.faults.err(); err != nil {
		return nil, err
	}
	return &c, nil
}

func (c *Cases) read(d *document, root *yaml.Node) {
	names := map[string]int{}
	given := d.mapping(root, "a file of cases", []key{
		{"rules", func(n *yaml.Node) {
			for _, name := range d.texts(n, "rules") {
				c.Rules = append(c.Rules, beside(d.name, name))
			}
		}},
		{"cases", func(n *yaml.Node) {
			d.list(n, "cases", maxCases, func(item *yaml.Node) { c.List = append(c.List, d.oneCase(item, names)) })
		}},
	})
	for _, name := range []string{"rules", "cases"} {
		if n := given[name]; root.Kind == yaml.MappingNode && (n == nil || n.Kind == yaml.SequenceNode && len(n.Content) == 0) {
			d.at(root, "a file of cases needs `"+name+":` with at least one entry; without it nothing is tested")
		}
	}
}

// beside returns where a file that is named in another one is. Packs are nowhere.
func beside(file, name string) string {
	if strings.HasPrefix(name, packPrefix) || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(file), filepath.FromSlash(name))
}

func (d *document) oneCase(n *yaml.Node, names map[string]int) Case {
	c := Case{File: d.name, Line: n.Line, Facts: policy.Facts{Age: policy.AgeUnknown}}
	given := d.mapping(n, "a case", []key{
		{"name", func(n *yaml.Node) {
			name, ok := d.words(n, "name", maxText)
			if first, taken := names[name]; ok && taken {
				d.at(n, fmt.Sprintf("name stands at line %d already; a report could not tell the two apart", first))
			}
			names[name], c.Name = n.Line, name
		}},
		{"facts", func(n *yaml.Node) { c.Facts = d.facts(n) }},
		{"want", func(n *yaml.Node) { c.Want = d.want(n) }},
	})
	for _, name := range []string{"name", "facts", "want"} {
		if n.Kind == yaml.MappingNode && given[name] == nil {
			d.at(n, "a case needs `"+name+":`")
		}
	}
	return c
}

func (d *document) want(n *yaml.Node) Want {
	var w Want
	given := d.mapping(n, "want", []key{
		{"allowed", func(n *yaml.Node) { w.Allowed = d.truth(n, "want.allowed") }},
		{"rules", func(n *yaml.Node) { w.Rules = d.texts(n, "want.rules") }},
		{"obligations", func(n *yaml.Node) {
			o := d.obligations(n, "want.obligations")
			w.Obligations = &o
		}},
	})
	if n.Kind == yaml.MappingNode && given["allowed"] == nil {
		d.at(n, "want needs `allowed:`, true or false")
	}
	return w
}
