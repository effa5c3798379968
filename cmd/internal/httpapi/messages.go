package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
)

// messages are the undelivered messages to webhooks.
type messages struct{ Dependencies }

func (m messages) register(h huma.API) {
	register(h, access.Admin, huma.Operation{
		OperationID: "listMessages", Method: http.MethodGet, Path: "/v1/webhooks/messages",
		Summary: "List the undelivered messages to webhooks, newest first", Description: "Those about verifications of the tenant. Delivered messages are not kept.",
	}, m.list)
	register(h, access.Admin, huma.Operation{
		OperationID: "resendMessage", Method: http.MethodPost, Path: "/v1/webhooks/messages/{id}:resend",
		Summary: "Send an undelivered message again", Description: "It is due at once and has all its attempts again. Its id stays, so a receiver that has it can drop it.",
	}, m.resend, notFound)
}

type messagesInput struct {
	Dead   bool   `query:"dead" doc:"Only messages that are not sent any more"`
	Cursor string `query:"cursor" maxLength:"1000" doc:"The next member of the previous page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type messagesOutput struct {
	Body struct {
		Messages []api.Message `json:"messages" nullable:"false"`
		Next     string        `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one"`
	}
}

// list returns a page of messages.
func (m messages) list(ctx context.Context, in *messagesInput) (*messagesOutput, error) {
	principal := auth.From(ctx)
	list, next, err := m.Store.Messages(ctx, store.MessageFilter{Tenant: principal.Tenant, Apps: principal.Apps, Dead: in.Dead}, ledger.Page{After: in.Cursor, Limit: in.Limit})
	switch {
	case errors.Is(err, store.ErrPage):
		return nil, fieldProblem("query.cursor", "must be the next member of the previous page of this list")
	case err != nil:
		return nil, storeFailure(err)
	}
	var out messagesOutput
	out.Body.Messages, out.Body.Next = []api.Message{}, next
	for i := range list {
		out.Body.Messages = append(out.Body.Messages, api.MessageOf(&list[i]))
	}
	return &out, nil
}

type messageInput struct {
	ID string `path:"id" doc:"The message's id"`
}

type messageOutput struct{ Body api.Message }

// resend makes a message due now.
func (m messages) resend(ctx context.Context, in *messageInput) (*messageOutput, error) {
	principal := auth.From(ctx)
	ctx, cancel := detached(ctx)
	defer cancel()
	sent, err := m.Store.ResendMessage(m.acting(ctx, audit.MessageResend, in.ID, ""), store.MessageFilter{Tenant: principal.Tenant, Apps: principal.Apps}, in.ID)
	switch {
	case errors.Is(err, store.ErrNoMessage):
		return nil, newProblem(http.StatusNotFound, "not_found", "no undelivered message has this id; GET /v1/webhooks/messages lists them")
	case err != nil:
		return nil, storeFailure(err)
	}
	return &messageOutput{api.MessageOf(&sent)}, nil
}
