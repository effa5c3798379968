package rules

import "github.com/heyan-id/heyan/policy"

// Explanation is a decision with what came of every rule.
type Explanation struct {
	Decision policy.Decision
	Outcomes []Outcome // in the order of the files; none if the facts were too large
}

// Outcome is what came of asking one rule. Without Fired and Failed its condition
// does not hold.
type Outcome struct {
	Rule   string
	File   string // as it was named to Load; a pack with its name
	Line   int
	Then   Effect
	Fired  bool
	Failed bool // the condition could not be evaluated, and so denied
}

// Explain decides by the code that [Set.Decide] uses and tells of every rule whether
// it fired.
func (s *Set) Explain(facts policy.Facts) Explanation {
	e, ok := s.evaluate(&facts)
	if !ok {
		return Explanation{Decision: s.unasked()}
	}
	defer s.pool.Put(e)
	x := Explanation{Decision: s.judge(e.outcomes), Outcomes: make([]Outcome, len(s.rules))}
	for i, o := range e.outcomes {
		r := &s.rules[i]
		x.Outcomes[i] = Outcome{Rule: r.id, File: r.file, Line: r.line, Then: r.then, Fired: o == fired, Failed: o == failed}
	}
	return x
}
