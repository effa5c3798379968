package httpapi

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// Entry is a line of the book as the API shows it.
type Entry struct {
	Seq      int64        `json:"seq" doc:"Gapless, in the order of writing"`
	At       time.Time    `json:"at"`
	Lot      string       `json:"lot"`
	Provider string       `json:"provider"`
	Attempt  string       `json:"attempt,omitempty" doc:"The call that it is about"`
	App      string       `json:"app,omitempty"`
	Purpose  string       `json:"purpose,omitempty"`
	From     string       `json:"from"`
	To       string       `json:"to"`
	Units    int64        `json:"units"`
	Amount   idv.CostView `json:"amount"`
	Why      string       `json:"reason,omitempty"`
}

// EntryOf returns a line of the book as the API shows it.
func EntryOf(e *ledger.Entry) Entry {
	return Entry{
		Seq: e.Seq, At: e.At, Lot: e.Lot, Provider: e.Provider, Attempt: e.Hold, App: e.App, Purpose: e.Purpose,
		From: e.From.String(), To: e.To.String(), Units: e.Units, Amount: cost(e.Amount), Why: e.Why,
	}
}

type entriesInput struct {
	Provider string    `query:"provider" maxLength:"40"`
	App      string    `query:"app" maxLength:"100"`
	Purpose  string    `query:"purpose" maxLength:"200"`
	From     time.Time `query:"from" doc:"From this time on"`
	To       time.Time `query:"to" doc:"Before this time"`
	After    string    `query:"after" maxLength:"200" doc:"The cursor that came with the page before"`
	Limit    int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type entriesOutput struct {
	Body struct {
		Entries []Entry `json:"entries" nullable:"false"`
		Next    string  `json:"next,omitempty" doc:"The cursor of the next page"`
	}
}

func (b book) entries(ctx context.Context, in *entriesInput) (*entriesOutput, error) {
	filter := ledger.Filter{From: in.From, To: in.To, App: in.App, Purpose: in.Purpose, Provider: in.Provider}
	list, next, err := b.store.Entries(ctx, filter, ledger.Page{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, ofStore(err)
	}
	var out entriesOutput
	out.Body.Entries, out.Body.Next = []Entry{}, next
	for i := range list {
		out.Body.Entries = append(out.Body.Entries, EntryOf(&list[i]))
	}
	return &out, nil
}
