package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy/consent"
)

type consentAPI struct{ service *consents.Service }

func (c consentAPI) register(h huma.API) {
	register(h, huma.Operation{
		OperationID: "draftConsent", Method: http.MethodPost, Path: "/v1/consents", MaxBodyBytes: maxBody, DefaultStatus: http.StatusCreated,
		Summary: "Draft a consent and its text",
		Description: "The text contains the person's name and number: show it to that person only and do not log it. " +
			"Post ID:present when it is shown, then ID:give or ID:refuse with the person's decision.",
	}, c.draft)
	register(h, huma.Operation{
		OperationID: "listConsents", Method: http.MethodGet, Path: "/v1/consents",
		Summary:     "List all consents, oldest first",
		Description: "The texts are not included. For the consents of one person use POST /v1/subjects:find, since a number must not be part of a URL.",
	}, c.list)
	register(h, huma.Operation{
		OperationID: "changeConsent", Method: http.MethodPost, Path: "/v1/consents/{id}", MaxBodyBytes: maxBody,
		Summary: "Present, give, refuse or withdraw a consent",
		Description: "The path ends in ID:present, ID:give, ID:refuse or ID:withdraw. heyan sets the time. " +
			"A second withdrawal has no effect and is not an error. After a withdrawal no call uses the consent.",
	}, c.change)
	register(h, huma.Operation{
		OperationID: "getConsent", Method: http.MethodGet, Path: "/v1/consents/{id}",
		Summary: "Get a consent without its text",
	}, c.get)
	register(h, huma.Operation{
		OperationID: "getConsentText", Method: http.MethodGet, Path: "/v1/consents/{id}/text",
		Summary:     "Get the text that the person saw",
		Description: "The text is restored byte for byte until the person is erased. It contains the person's name and number.",
	}, c.text)
}

type draftInput struct{ Body api.ConsentDraft }

type draftOutput struct {
	Location string `header:"Location" doc:"The path of the consent"`
	Body     api.Consent
}

// draft stores a draft and returns it with its text.
func (c consentAPI) draft(ctx context.Context, in *draftInput) (*draftOutput, error) {
	d, err := in.Body.Draft(api.DefaultTenant)
	if err != nil {
		return nil, bodyProblem(err)
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	made, err := c.service.Draft(ctx, d)
	if err != nil {
		return nil, c.draftProblem(err, &d)
	}
	return &draftOutput{Location: "/v1/consents/" + made.Record.ID, Body: api.DraftOf(&made, time.Now())}, nil
}

type changeInput struct {
	ID   string `path:"id" doc:"ID:present, ID:give, ID:refuse or ID:withdraw"`
	Body *api.ConsentChange
}

// kinds lists the changes that a caller may make. The store itself finds that a consent
// expired or was superseded.
func kinds() []consent.Kind {
	return []consent.Kind{consent.Present, consent.Give, consent.Refuse, consent.Withdraw}
}

// change records what the person saw or decided.
func (c consentAPI) change(ctx context.Context, in *changeInput) (*consentOutput, error) {
	id, action, _ := strings.Cut(in.ID, ":")
	kind := consent.Kind(action)
	if !slices.Contains(kinds(), kind) {
		return nil, newProblem(http.StatusNotFound, "not_found", "unknown action of a consent; use ID:present, ID:give, ID:refuse or ID:withdraw")
	}
	event := consent.Event{Kind: kind}
	if in.Body != nil {
		if member := in.Body.Foreign(kind); member != "" {
			return nil, fieldProblem("body."+member, "does not belong to :"+action+"; remove it")
		}
		if member := in.Body.Blank(); member != "" {
			return nil, fieldProblem("body."+member, "holds only spaces or invisible characters; send its value, or leave it out")
		}
		event.Text, event.Proof = in.Body.TextHash, in.Body.Proof(c.service, api.DefaultTenant)
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	record, err := c.service.Change(ctx, api.DefaultTenant, id, event)
	if err != nil {
		return nil, consentProblem(err)
	}
	return &consentOutput{api.ConsentOf(&record, time.Now())}, nil
}

type consentInput struct {
	ID string `path:"id" doc:"The consent's id"`
}

type consentOutput struct{ Body api.Consent }

// get returns a consent.
func (c consentAPI) get(ctx context.Context, in *consentInput) (*consentOutput, error) {
	record, err := c.service.Consent(ctx, api.DefaultTenant, in.ID)
	if err != nil {
		return nil, consentProblem(err)
	}
	return &consentOutput{api.ConsentOf(&record, time.Now())}, nil
}

type consentsInput struct {
	After string `query:"after" maxLength:"200" doc:"The next member of the previous page"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type consentsOutput struct {
	Body struct {
		Consents []api.Consent `json:"consents" nullable:"false"`
		Next     string        `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one"`
	}
}

// list returns one page of consents.
func (c consentAPI) list(ctx context.Context, in *consentsInput) (*consentsOutput, error) {
	list, next, err := c.service.Store.AllConsents(ctx, api.DefaultTenant, ledger.Page{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, storeProblem(err)
	}
	var out consentsOutput
	out.Body.Consents, out.Body.Next = []api.Consent{}, next
	for i := range list {
		out.Body.Consents = append(out.Body.Consents, api.ConsentOf(&list[i], time.Now()))
	}
	return &out, nil
}

type textOutput struct{ Body api.ConsentText }

// text returns the text of a consent.
func (c consentAPI) text(ctx context.Context, in *consentInput) (*textOutput, error) {
	text, err := c.service.Text(ctx, api.DefaultTenant, in.ID)
	if err != nil {
		return nil, consentProblem(err)
	}
	return &textOutput{api.ConsentTextOf(in.ID, &text)}, nil
}
