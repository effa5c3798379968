package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
)

type ledgerAPI struct {
	Dependencies

	store  store.Store
	engine *engine.Engine
}

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
		OperationID: "cancelLot", Method: http.MethodPost, Path: "/v1/ledger/lots/{id}:cancel", MaxBodyBytes: maxBody,
		Summary: "Cancel a prepaid package that was added by mistake",
		Description: "The available units go back, and so does every unit that returns later; what was used stays in " +
			"the ledger at its price. Without another package, the calls of the provider are then counted at list price. It cannot be undone.",
	}, l.cancelLot, notFound, lotState, storeDown)
	register(h, access.Ledger, huma.Operation{
		OperationID: "balance", Method: http.MethodGet, Path: "/v1/ledger/balance",
		Summary: "Get the balance of each provider",
	}, l.balance, invalidInput, storeDown)
	register(h, access.Ledger, huma.Operation{
		OperationID: "listEntries", Method: http.MethodGet, Path: "/v1/ledger/entries",
		Summary: "List the ledger entries, oldest first",
		Description: "With an API key: the entries of the calls of its tenant. Nodes commit entries side by side, so an entry may appear before others " +
			"that were listed already. A reader that follows the ledger takes final=true and goes on with the last next that it got.",
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
		return nil, bodyProblem(err)
	}
	if names := l.providers(); !slices.Contains(names, lot.Provider) {
		return nil, fieldProblem("body.provider", "no provider has this name; the configured ones are "+strings.Join(names, ", "))
	}
	if err := lot.Validate(); err != nil {
		return nil, fieldProblem("body", err.Error())
	}
	if err := l.store.AddLot(l.acting(ctx, audit.LotAdd, lot.ID, ""), lot); err != nil {
		return nil, storeProblem(err)
	}
	return l.lot(ctx, lot.ID)
}

// providers returns the names of the configured providers.
func (l ledgerAPI) providers() []string {
	var names []string
	for _, p := range l.engine.Providers() {
		names = append(names, p.Name)
	}
	return names
}

// lot returns a package as it stands in the ledger.
func (l ledgerAPI) lot(ctx context.Context, id string) (*lotOutput, error) {
	list, err := l.store.Lots(ctx, "")
	if err != nil {
		return nil, storeProblem(err)
	}
	for i := range list {
		if list[i].ID == id {
			return &lotOutput{api.LotOf(&list[i])}, nil
		}
	}
	return nil, noLot()
}

func noLot() *Problem {
	return newProblem(http.StatusNotFound, "not_found", "no package has this id; GET /v1/ledger/lots lists them")
}

type cancelLotInput struct {
	ID   string `path:"id" doc:"The id of the package; a colon in it is written as %3A"`
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"Recorded in the ledger; no personal data"`
	}
}

// cancelLot cancels a package.
func (l ledgerAPI) cancelLot(ctx context.Context, in *cancelLotInput) (*lotOutput, error) {
	lots, err := l.store.Lots(ctx, "")
	if err != nil {
		return nil, storeProblem(err)
	}
	id := store.FindLot(lots, in.ID)
	err = l.store.CancelLot(l.acting(ctx, audit.LotCancel, id, in.Body.Reason), id, in.Body.Reason)
	var canceled *ledger.LotError
	switch {
	case errors.Is(err, ledger.ErrNoLot):
		return nil, noLot()
	case errors.As(err, &canceled):
		return nil, newProblem(http.StatusConflict, "lot_state", "the package was canceled at "+canceled.Lot.Canceled.Format(time.RFC3339)+" already")
	case errors.Is(err, ledger.ErrTooFew):
		return nil, newProblem(http.StatusConflict, "lot_state", "no unit of the package is left to take back; what was used stays in the ledger")
	case err != nil:
		return nil, storeProblem(err)
	}
	return l.lot(ctx, id)
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
	Final    bool      `query:"final" doc:"Only entries before final_until: no entry appears before them later"`
	After    string    `query:"after" maxLength:"200" doc:"The next member of the previous page"`
	Limit    int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type entriesOutput struct {
	Body struct {
		Entries    []api.Entry `json:"entries" nullable:"false"`
		Next       string      `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one. With final: absent on an empty one only, so that a reader goes on with it later"`
		FinalUntil time.Time   `json:"final_until,omitzero" doc:"With final: the entries before this time are final"`
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
	var out entriesOutput
	var list []ledger.Entry
	page := ledger.Page{After: in.After, Limit: in.Limit}
	if in.Final {
		list, out.Body.Next, out.Body.FinalUntil, err = store.FinalEntries(ctx, l.store, filter, page)
	} else {
		list, out.Body.Next, err = l.store.Entries(ctx, filter, page)
	}
	if err != nil {
		return nil, storeProblem(err)
	}
	out.Body.Entries = []api.Entry{}
	for i := range list {
		out.Body.Entries = append(out.Body.Entries, api.EntryOf(&list[i]))
	}
	return &out, nil
}
