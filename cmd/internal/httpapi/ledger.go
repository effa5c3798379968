package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

type book struct{ store store.Store }

func (b book) register(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "listLots", Method: http.MethodGet, Path: "/v1/ledger/lots",
		Summary: "List the packages and where their units are",
	}, b.lots)
	huma.Register(h, huma.Operation{
		OperationID: "addLot", Method: http.MethodPost, Path: "/v1/ledger/lots", MaxBodyBytes: maxBody, DefaultStatus: http.StatusCreated,
		Summary:     "Book a package that was bought",
		Description: "From its first package on, a provider is asked only while a package has units left.",
	}, b.addLot)
	huma.Register(h, huma.Operation{
		OperationID: "balance", Method: http.MethodGet, Path: "/v1/ledger/balance",
		Summary: "Sum up the packages by provider",
	}, b.balance)
	huma.Register(h, huma.Operation{
		OperationID: "listEntries", Method: http.MethodGet, Path: "/v1/ledger/entries",
		Summary: "List the lines of the book, oldest first",
	}, b.entries)
}

type lotsInput struct {
	Provider string `query:"provider" maxLength:"40" doc:"Only of this provider"`
}

type lotsOutput struct {
	Body struct {
		Lots []api.Lot `json:"lots" nullable:"false"`
	}
}

func (b book) lots(ctx context.Context, in *lotsInput) (*lotsOutput, error) {
	list, err := b.store.Lots(ctx, in.Provider)
	if err != nil {
		return nil, ofStore(err)
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

func (b book) addLot(ctx context.Context, in *addLotInput) (*lotOutput, error) {
	l, err := in.Body.Lot(time.Now())
	if err != nil {
		return nil, badField("body.amount", err.Error())
	}
	if err := l.Validate(); err != nil {
		return nil, badField("body", err.Error())
	}
	if err := b.store.AddLot(ctx, l); err != nil {
		return nil, ofStore(err)
	}
	return &lotOutput{api.LotOf(&ledger.Balance{Lot: l, Available: l.Units})}, nil
}

type balanceOutput struct {
	Body struct {
		Providers []api.ProviderBalance `json:"providers" nullable:"false"`
	}
}

func (b book) balance(ctx context.Context, in *lotsInput) (*balanceOutput, error) {
	list, err := b.store.Lots(ctx, in.Provider)
	if err != nil {
		return nil, ofStore(err)
	}
	var out balanceOutput
	out.Body.Providers = api.BalancesOf(list, time.Now())
	return &out, nil
}

// ofStore translates an error of the book.
func ofStore(err error) *Problem {
	switch {
	case errors.Is(err, ledger.ErrDuplicate):
		return newProblem(http.StatusConflict, "exists", "a package with this id is booked already; use another id, or leave it")
	case errors.Is(err, store.ErrPage):
		return badField("query.after", "is no cursor of this list; send the one that came with the page before")
	}
	return storeFailed(err)
}

// ofField translates the fault of a body's member.
func ofField(err error) error {
	var f *api.FieldError
	if errors.As(err, &f) {
		return badField("body."+f.Field, f.Message)
	}
	return err
}

func badField(location, message string) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "bad_request", "the request does not have the form that GET /openapi.json describes")
	p.Errors = []Fault{{Location: location, Message: message}}
	return p
}
