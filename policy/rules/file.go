package rules

import (
	"regexp"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/policy"
)

// The bounds of a file. A team has dozens of rules; a reason is a sentence or two.
const (
	maxRules  = 256
	maxReason = 1000 // bytes
)

// writtenFile is a file of rules.
type writtenFile struct {
	Default string        `yaml:"default"`
	Rules   []writtenRule `yaml:"rules"`
}

type writtenRule struct {
	ID      string              `yaml:"id"`
	When    any                 `yaml:"when"`
	Then    string              `yaml:"then"`
	Reason  *writtenReason      `yaml:"reason"`
	Require *writtenObligations `yaml:"require"`
}

type writtenReason struct {
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

// statedDefault is the default that a file states.
type statedDefault struct {
	effect Effect
	where  string // file:line of it, "" if no file states one
}

// file reads one file of rules into the builder.
func (b *builder) file(name string, text []byte) {
	var w writtenFile
	d, ok := open(name, text, &w, "begin with `default: deny` and a list of `rules:`")
	if ok {
		if d.Has("default") && d.fine("default") {
			b.readDefault(d, w.Default)
		}
		if len(w.Rules) > maxRules {
			d.note("rules", "has more than %d entries; make two files of it", maxRules)
			w.Rules = nil
		}
		for i := range w.Rules {
			b.readRule(d, strictyaml.At("rules", i), &w.Rules[i])
		}
		if len(d.faults) == 0 && !d.Has("default") && !d.Has("rules") {
			d.note("", "says nothing; write a list of `rules:`, or a `default:`")
		}
	}
	b.faults = append(b.faults, d.faults...)
}

// readDefault reads what happens when no rule fires. Two files that disagree are at
// fault, since the order of files must not decide.
func (b *builder) readDefault(d *document, word string) {
	effect, ok := effectOf(word)
	if !ok || effect == Require {
		d.note("default", "must be deny or allow")
		return
	}
	if b.fallback.where != "" && b.fallback.effect != effect {
		d.note("default", "contradicts the one at %s; state it in one file", b.fallback.where)
		return
	}
	b.fallback = statedDefault{effect, d.at("default")}
}

// readRule checks a rule and adds it if it has no fault.
func (b *builder) readRule(d *document, path string, w *writtenRule) {
	if !d.isMap(path) {
		return
	}
	d.needs(path, "a rule", "id", "when", "then")
	r := rule{id: w.ID, file: d.File, line: d.Line(path), obligations: d.obligations(path+".require", w.Require)}
	b.checkID(d, path+".id", w.ID)
	then, known := effectOf(w.Then)
	if d.Has(path+".then") && d.fine(path+".then") && !known {
		d.note(path+".then", "must be deny, allow or require")
	}
	r.then = then
	if w.Reason != nil {
		r.reason = policy.Reason{Rule: w.ID, ZH: w.Reason.ZH, EN: w.Reason.EN}
		d.checkReason(path+".reason", w.Reason)
	}
	if known {
		d.checkEffect(path, then)
	}
	d.checkObligations(path+".require", r.obligations)
	if d.Has(path+".when") && d.fine(path+".when") {
		b.condition(d, path+".when", w.When, &r)
	}
	if d.fine(path) {
		b.rules = append(b.rules, r)
	}
}

// ruleID is the form of an id. It is an error's code and a metric's label, so it is
// short and needs no quoting anywhere.
var ruleID = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)

// checkID checks an id, which no other rule of the set may have.
func (b *builder) checkID(d *document, path, id string) {
	switch first, taken := b.ids[id]; {
	case !d.Has(path) || !d.fine(path):
	case !ruleID.MatchString(id):
		d.note(path, "must be 1 to 64 small letters, digits, - or ., and begin with a letter or digit")
	case id == idDefault || id == idFacts:
		d.note(path, "%s is an id of heyan's own; choose another one", id)
	case taken:
		d.note(path, "%s is the id of the rule at %s; decisions name rules by their id, so choose another one", id, first)
	default:
		b.ids[id] = d.at(path)
	}
}

func effectOf(word string) (Effect, bool) {
	for _, e := range []Effect{Deny, Allow, Require} {
		if word == e.String() {
			return e, true
		}
	}
	return Deny, false
}

// checkReason checks a reason, which is needed in both languages: the person who reads
// it chooses.
func (d *document) checkReason(path string, w *writtenReason) {
	for _, one := range []struct{ key, text string }{{"zh", w.ZH}, {"en", w.EN}} {
		if where := path + "." + one.key; d.Has(where) {
			d.text(where, one.text, maxReason)
		} else {
			d.note(path, "lacks %s; write it in both languages, zh and en", one.key)
		}
	}
}

// checkObligations checks the obligations of a rule. A list without recipients would
// permit no recipient, which is a denial and should be written as one.
func (d *document) checkObligations(path string, o policy.Obligations) {
	switch {
	case !d.Has(path) || !d.fine(path):
	case o.Limited && len(o.Recipients) == 0:
		d.note(path, "recipients is empty, which allows no vendor; write `then: deny` for that, or leave it out")
	case !o.Limited && !o.NoReuse && !o.Review:
		d.note(path, "requires nothing; set recipients, no_reuse or review, or leave it out")
	}
}

// checkEffect notes what does not go together with the rule's effect.
func (d *document) checkEffect(path string, then Effect) {
	reason, require := path+".reason", path+".require"
	switch {
	case then == Deny && !d.Has(reason):
		d.note(path, "a rule that denies needs a `reason:` with zh and en, for those who are refused")
	case then != Deny && d.Has(reason):
		d.note(reason, "is shown for denials only; write a comment instead")
	}
	switch {
	case then == Deny && d.Has(require):
		d.note(require, "cannot stand in a rule that denies, which leaves nothing to require")
	case then == Require && !d.Has(require):
		d.note(path, "a rule with `then: require` needs `require:` with what it requires")
	}
}
