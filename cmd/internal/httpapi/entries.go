package httpapi

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/ledger"
)

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
		Entries []api.Entry `json:"entries" nullable:"false"`
		Next    string      `json:"next,omitempty" doc:"The cursor of the next page"`
	}
}

func (b book) entries(ctx context.Context, in *entriesInput) (*entriesOutput, error) {
	filter := ledger.Filter{From: in.From, To: in.To, App: in.App, Purpose: in.Purpose, Provider: in.Provider}
	list, next, err := b.store.Entries(ctx, filter, ledger.Page{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, ofStore(err)
	}
	var out entriesOutput
	out.Body.Entries, out.Body.Next = []api.Entry{}, next
	for i := range list {
		out.Body.Entries = append(out.Body.Entries, api.EntryOf(&list[i]))
	}
	return &out, nil
}
