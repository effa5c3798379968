package httpapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/score"
)

// defaultPeriod is the period of a score card that names none.
const defaultPeriod = 30 * 24 * time.Hour

type scoreInput struct {
	Name string    `path:"name" doc:"The provider's name"`
	From time.Time `query:"from" doc:"At or after this time; default 30 days before to"`
	To   time.Time `query:"to" doc:"Before this time; default now"`
}

type scoreOutput struct{ Body api.Score }

// score returns the score card of a provider.
func (p providers) score(ctx context.Context, in *scoreInput) (*scoreOutput, error) {
	if !p.known(in.Name) {
		return nil, engineProblem(engine.ErrNoProvider)
	}
	if in.To.IsZero() {
		in.To = time.Now().UTC()
	}
	if in.From.IsZero() {
		in.From = in.To.Add(-defaultPeriod)
	}
	if !in.From.Before(in.To) {
		return nil, fieldProblem("query.from", "must be before to")
	}
	filter := ledger.Filter{From: in.From, To: in.To, Provider: in.Name}
	if principal := auth.From(ctx); principal.Key != "" { // without keys there is one tenant
		filter.Tenant = principal.Tenant
	}
	performance, err := p.performance(ctx, filter)
	if err != nil {
		return nil, err
	}
	cards := score.Cards(performance, in.From, in.To, in.Name)
	out := scoreOutput{api.ScoreOf(&cards[0])}
	if p.Drift != nil {
		state := p.Drift(in.Name)
		out.Body.Drift = api.DriftOf(&state, filter.Tenant == "")
	}
	return &out, nil
}

// tooLong says that the calls of a period could not be added up in time.
const tooLong = "the calls of this period could not be added up within %v; choose a later from, or add up days and weeks one by one. " +
	"`heyan provider score` has no such limit"

// performance returns the sums of a period. It gives up while there is still time to say so:
// the time that a sum takes grows with the calls of the period.
func (p providers) performance(ctx context.Context, f ledger.Filter) (ledger.Performance, error) {
	limit := defaultTimeout
	if end, ok := ctx.Deadline(); ok {
		limit = time.Until(end)
	}
	limit -= limit / 5
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	performance, err := p.Store.Performance(bounded, f)
	switch {
	case err == nil:
		return performance, nil
	case ctx.Err() == nil && bounded.Err() != nil:
		return performance, fieldProblem("query.from", fmt.Sprintf(tooLong, limit.Round(time.Second)))
	}
	return performance, storeProblem(err)
}

func (p providers) known(name string) bool {
	return slices.ContainsFunc(p.Engine.Providers(), func(s engine.ProviderStatus) bool { return s.Name == name })
}

type findingsInput struct {
	Name string `path:"name" doc:"The provider's name"`
}

type findingsOutput struct {
	Body struct {
		Findings []api.Finding `json:"findings" nullable:"false"`
	}
}

// findings returns what a vendor changed in its replies.
func (p providers) findings(ctx context.Context, in *findingsInput) (*findingsOutput, error) {
	if !p.known(in.Name) {
		return nil, engineProblem(engine.ErrNoProvider)
	}
	list, err := p.Store.Findings(ctx, in.Name)
	if err != nil {
		return nil, storeProblem(err)
	}
	var out findingsOutput
	out.Body.Findings = api.FindingsOf(list)
	return &out, nil
}
