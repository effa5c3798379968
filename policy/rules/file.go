package rules

import (
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/heyan-id/heyan/policy"
)

// The bounds of a file. A team has dozens of rules; a reason is a sentence or two.
const (
	maxRules  = 256
	maxReason = 1000 // bytes
)

// stated is the default that a file states.
type stated struct {
	effect Effect
	where  string // file:line of it, "" if no file states one
}

// file reads one file of rules into the builder.
func (b *builder) file(name string, text []byte) {
	d, root := open(name, text, "begin with `default: deny` and a list of `rules:`")
	if root != nil {
		given := d.mapping(root, "a file of rules", []key{
			{"default", func(n *yaml.Node) { b.defaultOf(d, n) }},
			{"rules", func(n *yaml.Node) {
				d.list(n, "rules", maxRules, func(item *yaml.Node) { b.rule(d, item) })
			}},
		})
		if root.Kind == yaml.MappingNode && given["default"] == nil && given["rules"] == nil {
			d.at(root, "says nothing; write a list of `rules:`, or a `default:`")
		}
	}
	b.faults = append(b.faults, d.faults...)
}

// defaultOf reads what happens when no rule speaks. Two files that disagree are at
// fault: which of them would count is nothing a reader could know.
func (b *builder) defaultOf(d *document, n *yaml.Node) {
	var s stated
	switch n.Value {
	case "deny":
	case "allow":
		s.effect = Allow
	default:
		d.at(n, "default must be deny or allow")
		return
	}
	s.where = fmt.Sprintf("%s:%d", d.name, n.Line)
	if b.fallback.where != "" && b.fallback.effect != s.effect {
		d.at(n, "default contradicts the one at "+b.fallback.where+"; state it in one file")
		return
	}
	b.fallback = s
}

// written is a rule as it stands in its file.
type written struct {
	node                      *yaml.Node
	id, when                  *yaml.Node
	then                      Effect
	thenKnown                 bool
	reason                    policy.Reason
	reasonNode, obligationsAt *yaml.Node
	obligations               policy.Obligations
}

func (b *builder) rule(d *document, n *yaml.Node) {
	w := written{node: n}
	before := len(d.faults)
	given := d.mapping(n, "a rule", []key{
		{"id", func(n *yaml.Node) { w.id = b.idOf(d, n) }},
		{"when", func(n *yaml.Node) { w.when = n }},
		{"then", func(n *yaml.Node) { w.then, w.thenKnown = effectOf(d, n) }},
		{"reason", func(n *yaml.Node) { w.reasonNode, w.reason = n, reasonOf(d, n) }},
		{"require", func(n *yaml.Node) { w.obligationsAt, w.obligations = n, obligationsOf(d, n) }},
	})
	if n.Kind != yaml.MappingNode {
		return
	}
	for _, name := range []string{"id", "when", "then"} {
		if given[name] == nil {
			d.at(n, "a rule needs `"+name+":`")
		}
	}
	w.agree(d)
	r := rule{file: d.name, line: n.Line, then: w.then, reason: w.reason, obligations: w.obligations}
	if w.id != nil {
		r.id, r.reason.Rule = w.id.Value, w.id.Value
	}
	if w.when != nil {
		b.condition(d, w.when, &r)
	}
	if len(d.faults) == before {
		b.rules = append(b.rules, r)
	}
}

// ruleID is the form of an id. It is an error's code and a metric's label, so it is
// short and needs no quoting anywhere.
var ruleID = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)

// idOf reads an id, which no other rule of the set may have.
func (b *builder) idOf(d *document, n *yaml.Node) *yaml.Node {
	switch first, taken := b.ids[n.Value]; {
	case n.Kind != yaml.ScalarNode || !ruleID.MatchString(n.Value):
		d.at(n, "id must be 1 to 64 small letters, digits, - or ., and begin with a letter or digit")
	case n.Value == idDefault || n.Value == idFacts:
		d.at(n, "id "+n.Value+" is heyan's own; choose another one")
	case taken:
		d.at(n, "id "+n.Value+" is taken by the rule at "+first+"; decisions name rules by it, so choose another one")
	default:
		b.ids[n.Value] = fmt.Sprintf("%s:%d", d.name, n.Line)
	}
	return n
}

func effectOf(d *document, n *yaml.Node) (Effect, bool) {
	for _, e := range []Effect{Deny, Allow, Require} {
		if n.Kind == yaml.ScalarNode && n.Value == e.String() {
			return e, true
		}
	}
	d.at(n, "then must be deny, allow or require")
	return Deny, false
}

// reasonOf reads a reason, which is needed in both languages: the person it is told
// to chooses.
func reasonOf(d *document, n *yaml.Node) policy.Reason {
	var r policy.Reason
	given := d.mapping(n, "reason", []key{
		{"zh", func(n *yaml.Node) { r.ZH, _ = d.words(n, "reason.zh", maxReason) }},
		{"en", func(n *yaml.Node) { r.EN, _ = d.words(n, "reason.en", maxReason) }},
	})
	for _, language := range []string{"zh", "en"} {
		if n.Kind == yaml.MappingNode && given[language] == nil {
			d.at(n, "reason lacks "+language+"; write it in both languages, zh and en")
		}
	}
	return r
}

// obligationsOf reads the obligations of a rule. A list without recipients would
// permit nobody, which is a denial and should be written as one.
func obligationsOf(d *document, n *yaml.Node) policy.Obligations {
	o := d.obligations(n, "require")
	switch {
	case n.Kind != yaml.MappingNode:
	case o.Limited && len(o.Recipients) == 0:
		d.at(n, "recipients names nobody, so nobody could be asked; write `then: deny` for that, or leave it out")
	case !o.Limited && !o.NoReuse && !o.Review:
		d.at(n, "require asks for nothing; set recipients, no_reuse or review, or leave it out")
	}
	return o
}

// agree notes what does not go together with the rule's effect.
func (w *written) agree(d *document) {
	switch {
	case !w.thenKnown:
	case w.then == Deny && w.reasonNode == nil:
		d.at(w.node, "a rule that denies needs a `reason:` with zh and en, for those who are refused")
	case w.then != Deny && w.reasonNode != nil:
		d.at(w.reasonNode, "reason is told with denials only; write a comment instead")
	}
	switch {
	case !w.thenKnown:
	case w.then == Deny && w.obligationsAt != nil:
		d.at(w.obligationsAt, "require cannot stand in a rule that denies, for nothing is left to keep to")
	case w.then == Require && w.obligationsAt == nil:
		d.at(w.node, "a rule with `then: require` needs `require:` with what it requires")
	}
}
