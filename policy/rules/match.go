package rules

import (
	"errors"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/policy"
)

// Match is a condition over what is known of a request before policy decides. It chooses a
// route. It never changes and may be used by many goroutines at once.
type Match struct {
	set      *Set
	literals []string // texts that the condition compares facts with
	open     bool     // it looks into texts, so the literals say too little of what it accepts
}

// matchFacts are the facts that a match may use. The others are not known when a route is
// chosen, or change from one moment to the next, so that an explanation would not hold.
func matchFacts() []string {
	return []string{"tenant", "app", "check", "document", "purpose", "region", "name_script"}
}

// NewMatch compiles a match. The error says what is wrong with it and what to do, without a
// place.
func NewMatch(text string) (*Match, error) {
	b, err := newBuilder()
	if err != nil {
		return nil, err
	}
	nowhere, _ := strictyaml.Parse("", []byte("{}"))
	d, r := &document{Document: nowhere}, rule{id: "match", then: Allow}
	b.condition(d, "", text, &r)
	if len(d.faults) > 0 {
		return nil, errors.New(d.faults[0].Text)
	}
	for _, name := range r.facts {
		if !slices.Contains(matchFacts(), name) {
			return nil, errors.New(name + " is not known when a route is chosen; use " + strings.Join(matchFacts(), ", ") + ", or a rule in policy.rules")
		}
	}
	b.rules = []rule{r}
	set, err := b.set("")
	if err != nil {
		return nil, err
	}
	m := &Match{set: set}
	m.read(b.parsed(text))
	return m, nil
}

// read lists the texts of the condition.
func (m *Match) read(tree ast.Expr) {
	ast.PreOrderVisit(tree, ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.LiteralKind:
			if s, ok := e.AsLiteral().Value().(string); ok {
				m.literals = append(m.literals, s)
			}
		case ast.CallKind:
			m.open = m.open || !slices.Contains([]string{"_==_", "_!=_", "_&&_", "_||_", "!_", "@in", "_?_:_"}, e.AsCall().FunctionName())
		case ast.ComprehensionKind:
			m.open = true
		default: // names of facts and lists
		}
	}))
}

// Holds reports whether the facts fulfil the match. A match that cannot be evaluated does not
// hold, so the next route is tried.
func (m *Match) Holds(f policy.Facts) bool { return m.set.Decide(f).Allowed }

// maxTrials bounds the facts that Unreachable tries.
const maxTrials = 50_000

// Unreachable returns the positions of the matches that no request reaches, because they
// never hold or because an earlier one always holds first. A nil match holds for every
// request. Values lists what each fact can be; a fact without a list can be any text.
//
// It tries every combination of the texts that the matches mention. A match that looks into
// texts, as with startsWith, counts as reachable.
func Unreachable(list []*Match, values map[string][]string) []int {
	won := make([]bool, len(list))
	domains, few := domainsOf(list, values)
	if few {
		try(list, domains, won)
	}
	var out []int
	for i, m := range list {
		before := slices.Contains(list[:i], nil)
		if before || few && !won[i] && (m == nil || !m.open) && !slices.ContainsFunc(list[:i], func(m *Match) bool { return m.open }) {
			out = append(out, i)
		}
	}
	return out
}

// domainsOf returns for each fact the texts to try, and whether they are few enough.
func domainsOf(list []*Match, values map[string][]string) ([][]string, bool) {
	var literals []string
	for _, m := range list {
		if m != nil {
			literals = append(literals, m.literals...)
		}
	}
	slices.Sort(literals)
	literals = slices.Compact(literals)
	total, domains := 1, make([][]string, 0, len(matchFacts()))
	for _, name := range matchFacts() {
		domain, known := values[name]
		if !known {
			domain = append(slices.Clone(literals), "", "\x00another")
		}
		domains = append(domains, domain)
		total *= len(domain)
	}
	return domains, total > 0 && total <= maxTrials
}

// try marks the matches that win for any combination of the texts.
func try(list []*Match, domains [][]string, won []bool) {
	at := make([]int, len(domains))
	for {
		first := slices.IndexFunc(list, func(m *Match) bool { return m == nil || m.Holds(factsAt(domains, at)) })
		if first >= 0 {
			won[first] = true
		}
		i := 0
		for ; i < len(at); i++ {
			if at[i]++; at[i] < len(domains[i]) {
				break
			}
			at[i] = 0
		}
		if i == len(at) || !slices.Contains(won, false) {
			return
		}
	}
}

// factsAt returns the facts of one combination, in the order of matchFacts.
func factsAt(domains [][]string, at []int) policy.Facts {
	text := func(i int) string { return domains[i][at[i]] }
	return policy.Facts{
		Tenant: text(0), App: text(1), Check: text(2), Document: text(3), Purpose: text(4), Region: text(5), NameScript: text(6),
	}
}
