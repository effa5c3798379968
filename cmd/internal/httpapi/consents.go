package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/consent"
)

type consentAPI struct{ service *consents.Service }

func (c consentAPI) register(h huma.API) {
	register(h, access.Consent, huma.Operation{
		OperationID: "draftConsent", Method: http.MethodPost, Path: "/v1/consents", MaxBodyBytes: maxBody, DefaultStatus: http.StatusCreated,
		Summary: "Draft a consent and its text",
		Description: "The text contains the person's name and number: show it to that person only and do not log it. " +
			"Post ID:present when it is shown, then ID:give or ID:refuse with the person's decision.",
	}, c.draft, invalidInput, denied, limited, consentState, storeDown)
	register(h, access.Consent, huma.Operation{
		OperationID: "listConsents", Method: http.MethodGet, Path: "/v1/consents",
		Summary:     "List all consents, oldest first",
		Description: "The texts are not included. For the consents of one person use POST /v1/subjects:find, since a number must not be part of a URL.",
	}, c.list, invalidInput, storeDown)
	for _, a := range consentActions() {
		register(h, access.Consent, huma.Operation{
			OperationID: string(a.kind) + "Consent", Method: http.MethodPost, Path: "/v1/consents/{id}:" + string(a.kind), MaxBodyBytes: maxBody,
			Summary: a.summary, Description: a.description,
		}, func(ctx context.Context, in *changeInput) (*consentOutput, error) { return c.change(ctx, a.kind, in) },
			append(a.kinds, invalidInput, notFound, consentState, storeDown)...)
	}
	register(h, access.Consent, huma.Operation{
		OperationID: "getConsent", Method: http.MethodGet, Path: "/v1/consents/{id}",
		Summary: "Get a consent without its text",
	}, c.get, notFound, storeDown)
	register(h, access.Consent, huma.Operation{
		OperationID: "getConsentText", Method: http.MethodGet, Path: "/v1/consents/{id}/text",
		Summary:     "Get the text that the person saw",
		Description: "The text is restored byte for byte until the person is erased. It contains the person's name and number.",
	}, c.text, notFound, erased, noticeLost, storeDown)
}

type draftInput struct{ Body api.ConsentDraft }

type draftOutput struct {
	Location string `header:"Location" doc:"The path of the consent"`
	Body     api.Consent
}

// draft stores a draft and returns it with its text.
func (c consentAPI) draft(ctx context.Context, in *draftInput) (*draftOutput, error) {
	app, err := appOf(ctx, "body.app", in.Body.App)
	if err != nil {
		return nil, err
	}
	in.Body.App = app
	d, err := in.Body.Draft(auth.From(ctx).Tenant)
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
	ID   string `path:"id" doc:"The consent's id"`
	Body *api.ConsentChange
}

// consentAction is a change that a caller may make. The store itself finds that a consent
// expired or was superseded.
type consentAction struct {
	kind                 consent.Kind
	summary, description string
	kinds                []kind // beside those of every change
}

func consentActions() []consentAction {
	return []consentAction{
		{consent.Present, "Record that the text was shown", "Post it when the person sees the text. heyan sets the time.", []kind{erased}},
		{consent.Give, "Record that the person agrees", "The body names the text by its hash and the person's action. heyan sets the time.", []kind{erased}},
		{consent.Refuse, "Record that the person refuses", "heyan sets the time. The person cannot be asked again for a while.", []kind{erased}},
		{consent.Withdraw, "Record that the person withdraws the consent", "A second withdrawal has no effect and is not an error. No call uses the consent after it.", nil},
	}
}

// change records what the person saw or decided.
func (c consentAPI) change(ctx context.Context, kind consent.Kind, in *changeInput) (*consentOutput, error) {
	event := consent.Event{Kind: kind}
	if in.Body != nil {
		if member := in.Body.Foreign(kind); member != "" {
			return nil, fieldProblem("body."+member, "does not belong to :"+string(kind)+"; remove it")
		}
		if member := in.Body.Blank(); member != "" {
			return nil, fieldProblem("body."+member, "holds only spaces or invisible characters; send its value, or leave it out")
		}
		event.Text, event.Proof = in.Body.TextHash, in.Body.Proof(c.service, auth.From(ctx).Tenant)
	}
	if err := c.check(ctx, in.ID); err != nil {
		return nil, consentProblem(err)
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	record, err := c.service.Change(ctx, auth.From(ctx).Tenant, in.ID, event)
	if err != nil {
		return nil, consentProblem(err)
	}
	return &consentOutput{api.ConsentOf(&record, time.Now())}, nil
}

type consentInput struct {
	ID string `path:"id" doc:"The consent's id"`
}

type consentOutput struct{ Body api.Consent }

// find returns a consent that the principal may see. Any other is not found.
func (c consentAPI) find(ctx context.Context, id string) (consent.Record, error) {
	principal := auth.From(ctx)
	record, err := c.service.Consent(ctx, principal.Tenant, id)
	if err == nil && !principal.Sees(record.App) {
		return consent.Record{}, consent.ErrNotFound
	}
	return record, err
}

// check returns consent.ErrNotFound for a consent of the tenant that the principal may not
// see. It reads nothing for a principal that sees all of them.
func (c consentAPI) check(ctx context.Context, id string) error {
	if len(auth.From(ctx).Apps) == 0 {
		return nil
	}
	_, err := c.find(ctx, id)
	return err
}

// get returns a consent.
func (c consentAPI) get(ctx context.Context, in *consentInput) (*consentOutput, error) {
	record, err := c.find(ctx, in.ID)
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
	list, next, err := c.service.Store.AllConsents(ctx, auth.From(ctx).Tenant, ledger.Page{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, storeProblem(err)
	}
	var out consentsOutput
	out.Body.Consents, out.Body.Next = []api.Consent{}, next
	principal := auth.From(ctx)
	for i := range list {
		if !principal.Sees(list[i].App) {
			continue // so a page may be shorter than its limit
		}
		out.Body.Consents = append(out.Body.Consents, api.ConsentOf(&list[i], time.Now()))
	}
	return &out, nil
}

type textOutput struct{ Body api.ConsentText }

// text returns the text of a consent.
func (c consentAPI) text(ctx context.Context, in *consentInput) (*textOutput, error) {
	if err := c.check(ctx, in.ID); err != nil {
		return nil, consentProblem(err)
	}
	text, err := c.service.Text(ctx, auth.From(ctx).Tenant, in.ID)
	if err != nil {
		return nil, consentProblem(err)
	}
	return &textOutput{api.ConsentTextOf(in.ID, &text)}, nil
}
