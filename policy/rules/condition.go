package rules

import (
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// What conditions may cost at most, in CEL's units, by a static estimate over facts
// of the largest size. A unit took 80 ns at the very most on a shared core and mostly
// a third of it, so a rule ends well within a millisecond and a whole set within three.
const (
	maxCost    = 5_000  // of one condition; that of "age < 18 && hour >= 22" is 5
	maxSetCost = 30_000 // of all conditions of a set
)

// condition compiles the condition that stands at a path, and notes everything that is
// wrong with it.
func (b *builder) condition(d *document, path string, written any, r *rule) {
	when, _ := written.(string)
	if always, ok := written.(bool); ok { // true without quotes
		when = strconv.FormatBool(always)
	}
	if strings.TrimSpace(when) == "" {
		d.note(path, "must be an expression in quotes, such as 'age < 18'; write 'true' for a rule that always holds")
		return
	}
	checked, issues := b.environment.Compile(when)
	if issues.Err() != nil {
		d.noteIssues(path, b.parsed(when), issues)
		return
	}
	if kind := checked.OutputType(); !kind.IsExactType(cel.BoolType) {
		d.note(path, "gives a value of type %s and must give true or false; compare it with something", kind)
		return
	}
	estimate, err := b.environment.EstimateCost(checked, sizes{})
	if err != nil {
		d.note(path, "cannot be priced; write it more simply")
		return
	}
	if estimate.Max > maxCost {
		d.note(path, "may cost up to %d units and only %d are allowed; avoid going through lists within lists, or split the rule", estimate.Max, maxCost)
		return
	}
	program, err := b.environment.Program(checked, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		d.note(path, "can be read but not run; a constant in it is likely not of the form that its function wants")
		return
	}
	r.program, r.cost = program, estimate.Max
	r.facts, r.counts = b.mentioned(checked)
}

// parsed returns the tree of a condition that does not compile, nil if not even the
// grammar fits.
func (b *builder) parsed(when string) ast.Expr {
	tree, issues := b.environment.Parse(when)
	if issues.Err() != nil {
		return nil
	}
	return tree.NativeRep().Expr()
}

// noteIssues notes the compiler's complaints about the condition at a path.
func (d *document) noteIssues(path string, tree ast.Expr, issues *cel.Issues) {
	for _, e := range issues.Errors() {
		message, _, _ := strings.Cut(e.Message, " expecting ")
		message, remedy := advise(find(tree, e.ExprID), message)
		d.note(path, "%s; %s", message, remedy)
	}
}

// find returns the part of a tree that a complaint is about, nil if it is not there.
func find(tree ast.Expr, id int64) ast.Expr {
	if tree == nil {
		return nil
	}
	var found ast.Expr
	ast.PreOrderVisit(tree, ast.NewExprVisitor(func(e ast.Expr) {
		if e.ID() == id {
			found = e
		}
	}))
	return found
}

// advise says what to do about a part that is wrong, and writes operators in the
// compiler's words as conditions do.
func advise(part ast.Expr, message string) (string, string) {
	if part == nil {
		return message, "conditions are CEL, such as: age < 18 && (hour < 8 || hour >= 22)"
	}
	switch part.Kind() {
	case ast.IdentKind:
		names := make([]string, 0, 16)
		for _, f := range factList() {
			names = append(names, f.name)
		}
		return message, "the facts are " + strings.Join(names, ", ")
	case ast.SelectKind:
		return message, "the fields of consent and counts are listed in docs/policy.md"
	case ast.CallKind:
		name := part.AsCall().FunctionName()
		if sign, ok := operators.FindReverse(name); ok && sign != "" {
			return strings.ReplaceAll(message, "'"+name+"'", "'"+sign+"'"), "only values of one type can be compared: strings in quotes, numbers without"
		}
		return message, "the functions are size, startsWith, endsWith, contains, timestamp, duration, date, has, all, exists, exists_one and filter"
	default:
		return message, "only values of one type can be compared: strings in quotes, numbers without"
	}
}

// mentioned lists the facts that a condition looks at, and the counts. A condition
// that takes the counts as a whole looks at all of them.
func (b *builder) mentioned(checked *cel.Ast) (facts, counts []string) {
	tree := checked.NativeRep()
	whole, selected := 0, 0
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			name := strings.TrimPrefix(e.AsIdent(), ".")
			if _, ok := b.index[name]; ok {
				facts = append(facts, name)
			}
			if name == countsFact {
				whole++
			}
		case ast.SelectKind:
			s := e.AsSelect()
			if of := s.Operand(); of.Kind() == ast.IdentKind && strings.TrimPrefix(of.AsIdent(), ".") == countsFact {
				selected++
				counts = append(counts, s.FieldName())
			}
		default: // no other kind names a fact
		}
	}))
	if whole > selected {
		counts = countNames()
	}
	slices.Sort(facts)
	return slices.Compact(facts), counts
}
