package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

type book struct{ store store.Store }

func (b book) register(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "listLots", Method: http.MethodGet, Path: "/v1/ledger/lots",
		Summary: "List the packages and where their units are",
	}, b.lots)
	huma.Register(api, huma.Operation{
		OperationID: "addLot", Method: http.MethodPost, Path: "/v1/ledger/lots", MaxBodyBytes: maxBody, DefaultStatus: http.StatusCreated,
		Summary:     "Book a package that was bought",
		Description: "From its first package on, a provider is asked only while a package has units left.",
	}, b.addLot)
	huma.Register(api, huma.Operation{
		OperationID: "balance", Method: http.MethodGet, Path: "/v1/ledger/balance",
		Summary: "Sum up the packages by provider",
	}, b.balance)
	huma.Register(api, huma.Operation{
		OperationID: "listEntries", Method: http.MethodGet, Path: "/v1/ledger/entries",
		Summary: "List the lines of the book, oldest first",
	}, b.entries)
}

// Lot is a package as the API shows it.
type Lot struct {
	ID         string       `json:"id"`
	Provider   string       `json:"provider"`
	Open       bool         `json:"open,omitzero" doc:"No package was booked: units are counted at list price as they are used"`
	Bought     time.Time    `json:"bought"`
	Expires    time.Time    `json:"expires,omitzero"`
	Note       string       `json:"note,omitempty"`
	Price      idv.CostView `json:"price" doc:"Of one call"`
	Total      idv.CostView `json:"total"`
	Units      int64        `json:"units"`
	Available  int64        `json:"available"`
	Held       int64        `json:"held"`
	Posted     int64        `json:"posted"`
	Unknown    int64        `json:"unknown"`
	WrittenOff int64        `json:"written_off"`
}

// LotOf returns a package as the API shows it.
func LotOf(l *ledger.Balance) Lot {
	return Lot{
		ID: l.ID, Provider: l.Provider, Open: l.Open, Bought: l.Bought, Expires: l.Expires, Note: l.Note,
		Price: cost(l.Price()), Total: cost(l.Total), Units: l.Units,
		Available: l.Available, Held: l.Held, Posted: l.Posted, Unknown: l.Unknown, WrittenOff: l.WrittenOff,
	}
}

func cost(m idv.Money) idv.CostView { return idv.CostView{Amount: m.Amount(), Currency: m.Currency} }

type lotsInput struct {
	Provider string `query:"provider" maxLength:"40" doc:"Only of this provider"`
}

type lotsOutput struct {
	Body struct {
		Lots []Lot `json:"lots" nullable:"false"`
	}
}

func (b book) lots(ctx context.Context, in *lotsInput) (*lotsOutput, error) {
	list, err := b.store.Lots(ctx, in.Provider)
	if err != nil {
		return nil, ofStore(err)
	}
	var out lotsOutput
	out.Body.Lots = []Lot{}
	for i := range list {
		out.Body.Lots = append(out.Body.Lots, LotOf(&list[i]))
	}
	return &out, nil
}

type addLotInput struct {
	Body struct {
		ID       string    `json:"id" minLength:"1" maxLength:"100" doc:"The vendor's id of the package, or one of yours"`
		Provider string    `json:"provider" minLength:"1" maxLength:"40" doc:"The configured name"`
		Units    int64     `json:"units" minimum:"1" maximum:"1000000000" doc:"Calls bought"`
		Amount   string    `json:"amount" maxLength:"20" doc:"What the package cost, a decimal in a string"`
		Currency string    `json:"currency,omitempty" maxLength:"3" doc:"CNY if it is left out"`
		Bought   time.Time `json:"bought,omitzero" doc:"Now if it is left out"`
		Expires  time.Time `json:"expires,omitzero" doc:"Never if it is left out"`
		Note     string    `json:"note,omitempty" maxLength:"200" doc:"An order number; nothing personal"`
	}
}

type lotOutput struct{ Body Lot }

func (b book) addLot(ctx context.Context, in *addLotInput) (*lotOutput, error) {
	micros, err := idv.ParseAmount(in.Body.Amount)
	if err != nil {
		return nil, badField("body.amount", err.Error())
	}
	l := ledger.Lot{
		ID: in.Body.ID, Provider: in.Body.Provider, Units: in.Body.Units, Note: in.Body.Note,
		Total: idv.Money{Micros: micros, Currency: in.Body.Currency}, Bought: in.Body.Bought, Expires: in.Body.Expires,
	}
	if l.Total.Currency == "" {
		l.Total.Currency = idv.CNY
	}
	if l.Bought.IsZero() {
		l.Bought = time.Now().UTC()
	}
	if err := l.Validate(); err != nil {
		return nil, badField("body", err.Error())
	}
	if err := b.store.AddLot(ctx, l); err != nil {
		return nil, ofStore(err)
	}
	return &lotOutput{LotOf(&ledger.Balance{Lot: l, Available: l.Units})}, nil
}

// Standing is how the packages of one provider stand together.
type Standing struct {
	Provider  string       `json:"provider"`
	Lots      int          `json:"lots" doc:"Packages that have not expired"`
	Units     int64        `json:"units"`
	Available int64        `json:"available"`
	Held      int64        `json:"held"`
	Posted    int64        `json:"posted"`
	Unknown   int64        `json:"unknown" doc:"Calls that may have been charged and wait for reconciliation"`
	Left      idv.CostView `json:"left" doc:"What the available units cost"`
}

// Standings sums up packages by provider, in the order given. What was counted at list
// price before the first package was booked is no package and has nothing left.
func Standings(list []ledger.Balance, now time.Time) []Standing {
	out := []Standing{}
	at := map[string]int{}
	left := map[string]idv.Money{}
	for i := range list {
		l := &list[i]
		if l.Expired(now) || l.Open {
			continue
		}
		n, ok := at[l.Provider]
		if !ok {
			n = len(out)
			at[l.Provider], out = n, append(out, Standing{Provider: l.Provider})
		}
		s := &out[n]
		s.Lots++
		s.Units, s.Available, s.Held = s.Units+l.Units, s.Available+l.Available, s.Held+l.Held
		s.Posted, s.Unknown = s.Posted+l.Posted, s.Unknown+l.Unknown
		price := l.Price()
		left[l.Provider] = left[l.Provider].Add(idv.Money{Micros: price.Micros * l.Available, Currency: price.Currency})
	}
	for i := range out {
		out[i].Left = cost(left[out[i].Provider])
	}
	return out
}

type balanceOutput struct {
	Body struct {
		Providers []Standing `json:"providers" nullable:"false"`
	}
}

func (b book) balance(ctx context.Context, in *lotsInput) (*balanceOutput, error) {
	list, err := b.store.Lots(ctx, in.Provider)
	if err != nil {
		return nil, ofStore(err)
	}
	var out balanceOutput
	out.Body.Providers = Standings(list, time.Now())
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

func badField(location, message string) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "bad_request", "the request does not have the form that GET /openapi.json describes")
	p.Errors = []Fault{{Location: location, Message: message}}
	return p
}
