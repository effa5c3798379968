package rules

import (
	"reflect"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"

	"github.com/heyan-id/heyan/policy"
)

// The bounds of a condition as it is written. Readable conditions
// stay far below; they bound what reading one can cost.
const (
	maxCondition = 2000 // characters
	maxDepth     = 24   // expressions within expressions
	maxNodes     = 500  // expressions, after macros were written out
)

// functions are the functions and operators of conditions: comparing, counting,
// looking into texts and lists. What CEL has beyond them is left out with reason.
// Regular expressions and conversions between texts and numbers have costs that no
// estimate bounds well, and no fact needs them. The parts of a time would be in UTC,
// eight hours off what a rule means: hour, weekday and date(time) are in China's.
func functions() []*env.Function {
	names := []string{
		operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional,
		operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
		operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo, operators.Negate,
		operators.In, operators.Index, operators.NotStrictlyFalse,
		"size", "startsWith", "endsWith", "contains", "timestamp", "duration",
	}
	list := make([]*env.Function, len(names))
	for i, name := range names {
		list[i] = env.NewFunction(name)
	}
	return list
}

// newEnvironment returns the language of conditions: the facts with their types, so
// that one that is misspelt is refused, and the functions.
func newEnvironment(facts []fact) (*cel.Env, error) {
	macros := []string{operators.Has, operators.All, operators.Exists, operators.ExistsOne, operators.Filter}
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(&env.LibrarySubset{IncludeMacros: macros, IncludeFunctions: functions()})),
		ext.NativeTypes(ext.ParseStructTag("cel"), reflect.TypeFor[policy.ConsentFacts](), reflect.TypeFor[policy.Counts]()),
		cel.ParserExpressionSizeLimit(maxCondition), cel.ParserRecursionLimit(maxDepth), cel.ParserErrorRecoveryLimit(4), cel.ExpressionNodeLimit(maxNodes),
		cel.ASTValidators(cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals(), cel.ValidateHomogeneousAggregateLiterals()),
		cel.Function("date", cel.Overload(dateOverload, []*cel.Type{cel.TimestampType}, cel.StringType, cel.UnaryBinding(date))),
	}
	for _, f := range facts {
		options = append(options, cel.Variable(f.name, f.kind))
	}
	return cel.NewCustomEnv(options...)
}

const dateOverload = "date_timestamp_string"

// date gives the day of a time in China as 2026-10-01, for lists of holidays.
func date(v ref.Val) ref.Val {
	t, ok := v.(types.Timestamp)
	if !ok {
		return types.MaybeNoSuchOverloadErr(v)
	}
	return types.String(t.Time.Add(8 * time.Hour).UTC().Format(time.DateOnly))
}

// sizes tells the estimate how large facts can be.
type sizes struct{}

// EstimateSize bounds texts and lists.
func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if len(n.Path()) == 0 {
		return nil
	}
	switch n.Type().Kind() {
	case types.StringKind:
		return &cost.SizeEstimate{Max: maxText}
	case types.ListKind:
		return &cost.SizeEstimate{Max: maxList}
	default:
		return nil
	}
}

// EstimateCallCost knows our own function; CEL knows its own.
func (sizes) EstimateCallCost(_, overload string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if overload != dateOverload {
		return nil
	}
	size := cost.FixedSizeEstimate(uint64(len(time.DateOnly)))
	return &cost.CallEstimate{CostEstimate: cost.FixedCostEstimate(5), ResultSize: &size}
}
