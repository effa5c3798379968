package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/ledger"
)

type consentAPI struct{ desk *consents.Service }

func (c consentAPI) register(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "draftConsent", Method: http.MethodPost, Path: "/v1/consents", MaxBodyBytes: maxBody, DefaultStatus: http.StatusCreated,
		Summary: "Make the text that a person is asked to agree to",
		Description: "The text holds the person's own name and number: show it to that person and put it into no log. " +
			"Then tell :present when it is shown, and :give or :refuse what the person decided.",
	}, c.draft)
	huma.Register(h, huma.Operation{
		OperationID: "listConsents", Method: http.MethodGet, Path: "/v1/consents",
		Summary:     "List the consents of everybody, oldest first",
		Description: "Without their texts. Those of one person: POST /v1/subjects:find, since a number has no place in a URL.",
	}, c.list)
	huma.Register(h, huma.Operation{
		OperationID: "changeConsent", Method: http.MethodPost, Path: "/v1/consents/{id}", MaxBodyBytes: maxBody,
		Summary: "Tell what happened to a consent",
		Description: "The path ends in ID:present, ID:give, ID:refuse or ID:withdraw. Times are heyan's own. " +
			"To withdraw twice is no fault; from a withdrawal on no call rests on the consent.",
	}, c.change)
	huma.Register(h, huma.Operation{
		OperationID: "getConsent", Method: http.MethodGet, Path: "/v1/consents/{id}",
		Summary: "Get a consent, without its text",
	}, c.get)
	huma.Register(h, huma.Operation{
		OperationID: "getConsentText", Method: http.MethodGet, Path: "/v1/consents/{id}/text",
		Summary:     "Get the text that the person read",
		Description: "It is made again, byte for byte, until the person is erased. It holds the person's own name and number.",
	}, c.text)
}

type draftInput struct{ Body api.ConsentDraft }

type draftOutput struct {
	Location string `header:"Location" doc:"Where the consent is"`
	Body     api.Consent
}

func (c consentAPI) draft(ctx context.Context, in *draftInput) (*draftOutput, error) {
	d, err := in.Body.Draft(api.DefaultTenant)
	if err != nil {
		return nil, ofField(err)
	}
	made, err := c.desk.Draft(detached(ctx), d)
	if err != nil {
		return nil, c.ofDraft(err, &d)
	}
	return &draftOutput{Location: "/v1/consents/" + made.Record.ID, Body: api.DraftOf(&made, time.Now())}, nil
}

type consentInput struct {
	ID string `path:"id" maxLength:"100" doc:"The consent's id"`
}

type consentOutput struct{ Body api.Consent }

func (c consentAPI) get(ctx context.Context, in *consentInput) (*consentOutput, error) {
	record, err := c.desk.Consent(ctx, api.DefaultTenant, in.ID)
	if err != nil {
		return nil, ofDesk(err)
	}
	return &consentOutput{api.ConsentOf(&record, time.Now())}, nil
}

type consentsInput struct {
	After string `query:"after" maxLength:"200" doc:"The cursor that came with the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type consentsOutput struct {
	Body struct {
		Consents []api.Consent `json:"consents" nullable:"false"`
		Next     string        `json:"next,omitempty" doc:"The cursor of the next page"`
	}
}

func (c consentAPI) list(ctx context.Context, in *consentsInput) (*consentsOutput, error) {
	list, next, err := c.desk.Store.AllConsents(ctx, api.DefaultTenant, ledger.Page{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, ofStore(err)
	}
	var out consentsOutput
	out.Body.Consents, out.Body.Next = []api.Consent{}, next
	for i := range list {
		out.Body.Consents = append(out.Body.Consents, api.ConsentOf(&list[i], time.Now()))
	}
	return &out, nil
}

type textOutput struct{ Body api.ConsentText }

func (c consentAPI) text(ctx context.Context, in *consentInput) (*textOutput, error) {
	text, err := c.desk.Text(ctx, api.DefaultTenant, in.ID)
	if err != nil {
		return nil, ofDesk(err)
	}
	return &textOutput{api.ConsentTextOf(in.ID, &text)}, nil
}
