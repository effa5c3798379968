package rules

import (
	"cel.dev/cel-go/common/types"

	"github.com/heyan-id/heyan/policy"
)

// outcome is what came of evaluating a rule.
type outcome uint8

const (
	failed outcome = iota // its condition could not be evaluated, which denies
	silent                // it does not hold
	fired                 // it holds
)

// Decide evaluates every rule. Any rule that denies wins, and one that cannot be
// evaluated denies, since its result is not known. Otherwise a rule
// that allows is needed, or a default that does. The rules that the decision names
// are those that made it, in the order of the files: the denying ones of a denial,
// else the allowing and the requiring ones, and "default" if it was the default.
//
// Reasons are those of the files. What CEL says about an error is dropped, since it
// can quote a fact.
func (s *Set) Decide(facts policy.Facts) policy.Decision {
	e, ok := s.evaluate(&facts)
	if !ok {
		return s.undecided()
	}
	defer s.pool.Put(e)
	return s.judge(e.outcomes)
}

// undecided is the decision without evaluating a rule: of a set that was never made, or
// about facts that are too large.
func (s *Set) undecided() policy.Decision {
	if s.pool.New == nil {
		return notAllowed()
	}
	return policy.Deny(policy.Reason{
		Rule: idFacts, ZH: "请求中的某项内容过长，无法按规则判断，因此未发起核验。",
		EN: "Something in the request is too long for the rules to decide about, so the question was not put.",
	})
}

func notAllowed() policy.Decision {
	return policy.Deny(policy.Reason{Rule: idDefault, ZH: "没有规则允许本次核验。", EN: "No rule allows this question."})
}

// evaluate evaluates every rule. It returns false if the facts are too large.
func (s *Set) evaluate(facts *policy.Facts) (*evaluation, bool) {
	e, ok := s.pool.Get().(*evaluation)
	if !ok {
		return nil, false
	}
	if !e.fill(facts) {
		s.pool.Put(e)
		return nil, false
	}
	for i := range s.rules {
		e.outcomes[i] = ask(&s.rules[i], e)
	}
	return e, true
}

func ask(r *rule, e *evaluation) outcome {
	value, _, err := r.program.Eval(e)
	switch {
	case err != nil:
		return failed
	case value == types.True:
		return fired
	case value == types.False:
		return silent
	default:
		return failed
	}
}

// judge makes the decision of the outcomes.
func (s *Set) judge(outcomes []outcome) policy.Decision {
	denying, speaking, allowed := 0, 0, s.fallback == Allow
	for i, o := range outcomes {
		switch r := &s.rules[i]; {
		case denies(r, o):
			denying++
		case o == fired:
			speaking++
			allowed = allowed || r.then == Allow
		}
	}
	switch {
	case denying > 0:
		return s.denial(outcomes, denying)
	case !allowed:
		return notAllowed()
	}
	return s.permission(outcomes, speaking)
}

func denies(r *rule, o outcome) bool { return o == failed || o == fired && r.then == Deny }

// denial names the rules that deny and their reasons.
func (s *Set) denial(outcomes []outcome, n int) policy.Decision {
	d := policy.Decision{Rules: make([]string, 0, n), Reasons: make([]policy.Reason, 0, n)}
	for i, o := range outcomes {
		r := &s.rules[i]
		if !denies(r, o) {
			continue
		}
		d.Rules = append(d.Rules, r.id)
		if o == failed {
			d.Reasons = append(d.Reasons, policy.Reason{
				Rule: r.id, ZH: "该规则无法根据本次请求的情况作出判断，因此未发起核验。",
				EN: "This rule could not be evaluated for the request, so the question was not put.",
			})
			continue
		}
		d.Reasons = append(d.Reasons, r.reason)
	}
	return d
}

// permission names the rules that allow and require, and joins their obligations.
func (s *Set) permission(outcomes []outcome, n int) policy.Decision {
	d := policy.Decision{Allowed: true, Rules: make([]string, 0, n+1)}
	byRule := false
	for i, o := range outcomes {
		if r := &s.rules[i]; o == fired {
			d.Rules = append(d.Rules, r.id)
			d.Obligations.And(r.obligations)
			byRule = byRule || r.then == Allow
		}
	}
	if !byRule {
		d.Rules = append(d.Rules, idDefault)
	}
	return d
}

// Explanation is a decision with what came of every rule.
type Explanation struct {
	Decision policy.Decision
	Outcomes []Outcome // in the order of the files; none if the facts were too large
}

// Outcome is what came of evaluating one rule. Without Fired and Failed its condition
// does not hold.
type Outcome struct {
	Rule   string
	File   string // as it was named to Load; a pack with its name
	Line   int
	Then   Effect
	Fired  bool
	Failed bool // the condition could not be evaluated, and so denied
}

// Explain decides by the code that [Set.Decide] uses, and returns the outcome of every rule.
func (s *Set) Explain(facts policy.Facts) Explanation {
	e, ok := s.evaluate(&facts)
	if !ok {
		return Explanation{Decision: s.undecided()}
	}
	defer s.pool.Put(e)
	x := Explanation{Decision: s.judge(e.outcomes), Outcomes: make([]Outcome, len(s.rules))}
	for i, o := range e.outcomes {
		r := &s.rules[i]
		x.Outcomes[i] = Outcome{Rule: r.id, File: r.file, Line: r.line, Then: r.then, Fired: o == fired, Failed: o == failed}
	}
	return x
}
