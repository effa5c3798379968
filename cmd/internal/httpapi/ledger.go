package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
)

type ledgerAPI struct{ store store.Store }

func (l ledgerAPI) register(h huma.API) {
	register(h, access.Ledger, huma.Operation{
		OperationID: "listLots", Method: http.MethodGet, Path: "/v1/ledger/lots",
		Summary: "List the prepaid packages and the state of their units",
	}, l.lots, invalidInput, storeDown)
	register(h, access.Ledger, huma.Operation{
		OperationID: "addLot", Method: http.MethodPost, Path: "/v1/ledger/lots", MaxBodyBytes: maxBody, DefaultStatus: http.StatusCreated,
		Summary:     "Add a prepaid package",
		Description: "Once a package is booked for a provider, the provider is called only while a package has units left.",
	}, l.addLot, invalidInput, exists, storeDown)
	register(h, access.Ledger, huma.Operation{
		OperationID: "balance", Method: http.MethodGet, Path: "/v1/ledger/balance",
		Summary: "Get the balance of each provider",
	}, l.balance, invalidInput, storeDown)
	register(h, access.Ledger, huma.Operation{
		OperationID: "listEntries", Method: http.MethodGet, Path: "/v1/ledger/entries",
		Summary:     "List the ledger entries, oldest first",
		Description: "With an API key: the entries of the calls of its tenant.",
	}, l.entries, invalidInput, storeDown)
}

type lotsInput struct {
	Provider string `query:"provider" maxLength:"40" doc:"Only this provider"`
}

type lotsOutput struct {
	Body struct {
		Lots []api.Lot `json:"lots" nullable:"false"`
	}
}

// lots returns the packages of one provider or of all.
func (l ledgerAPI) lots(ctx context.Context, in *lotsInput) (*lotsOutput, error) {
	list, err := l.store.Lots(ctx, in.Provider)
	if err != nil {
		return nil, storeProblem(err)
	}
	var out lotsOutput
	out.Body.Lots = []api.Lot{}
	for i := range list {
		out.Body.Lots = append(out.Body.Lots, api.LotOf(&list[i]))
	}
	return &out, nil
}

type addLotInput struct{ Body api.NewLot }

type lotOutput struct{ Body api.Lot }

// addLot books a package.
func (l ledgerAPI) addLot(ctx context.Context, in *addLotInput) (*lotOutput, error) {
	lot, err := in.Body.Lot(time.Now())
	if err != nil {
		return nil, fieldProblem("body.amount", err.Error())
	}
	if err := lot.Validate(); err != nil {
		return nil, fieldProblem("body", err.Error())
	}
	if err := l.store.AddLot(ctx, lot); err != nil {
		return nil, storeProblem(err)
	}
	return &lotOutput{api.LotOf(&ledger.Balance{Lot: lot, Available: lot.Units})}, nil
}

type balanceOutput struct {
	Body struct {
		Providers []api.ProviderBalance `json:"providers" nullable:"false"`
	}
}

// balance returns the sums of the packages by provider.
func (l ledgerAPI) balance(ctx context.Context, in *lotsInput) (*balanceOutput, error) {
	list, err := l.store.Lots(ctx, in.Provider)
	if err != nil {
		return nil, storeProblem(err)
	}
	var out balanceOutput
	out.Body.Providers = api.BalancesOf(list, time.Now())
	return &out, nil
}

type entriesInput struct {
	Provider string    `query:"provider" maxLength:"40" doc:"Only this provider"`
	App      string    `query:"app" maxLength:"100" doc:"Only this app"`
	Purpose  string    `query:"purpose" maxLength:"200" doc:"Only this purpose"`
	From     time.Time `query:"from" doc:"At or after this time"`
	To       time.Time `query:"to" doc:"Before this time"`
	After    string    `query:"after" maxLength:"200" doc:"The next member of the previous page"`
	Limit    int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type entriesOutput struct {
	Body struct {
		Entries []api.Entry `json:"entries" nullable:"false"`
		Next    string      `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one"`
	}
}

// entries returns one page of ledger entries.
func (l ledgerAPI) entries(ctx context.Context, in *entriesInput) (*entriesOutput, error) {
	app, err := appOf(ctx, "query.app", in.App)
	if err != nil {
		return nil, err
	}
	filter := ledger.Filter{From: in.From, To: in.To, App: app, Purpose: in.Purpose, Provider: in.Provider}
	if principal := auth.From(ctx); principal.Key != "" { // without keys there is one tenant
		filter.Tenant = principal.Tenant
	}
	list, next, err := l.store.Entries(ctx, filter, ledger.Page{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, storeProblem(err)
	}
	var out entriesOutput
	out.Body.Entries, out.Body.Next = []api.Entry{}, next
	for i := range list {
		out.Body.Entries = append(out.Body.Entries, api.EntryOf(&list[i]))
	}
	return &out, nil
}
