package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy/consent"
)

type consentAPI struct{ desk *consents.Service }

func (c consentAPI) register(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "draftConsent", Method: http.MethodPost, Path: "/v1/consents", MaxBodyBytes: maxBody, DefaultStatus: http.StatusCreated,
		Summary: "Make the text that a person is asked to agree to",
		Description: "The text holds the person's own name and number: show it to that person and put it into no log. " +
			"Then tell :present when it is shown, and :give or :refuse what the person decided.",
	}, c.draft)
	huma.Register(api, huma.Operation{
		OperationID: "listConsents", Method: http.MethodGet, Path: "/v1/consents",
		Summary:     "List the consents of everybody, oldest first",
		Description: "Without their texts. Those of one person: POST /v1/subjects:find, since a number has no place in a URL.",
	}, c.list)
	huma.Register(api, huma.Operation{
		OperationID: "changeConsent", Method: http.MethodPost, Path: "/v1/consents/{id}", MaxBodyBytes: maxBody,
		Summary: "Tell what happened to a consent",
		Description: "The path ends in ID:present, ID:give, ID:refuse or ID:withdraw. Times are heyan's own. " +
			"To withdraw twice is no fault; from a withdrawal on no call rests on the consent.",
	}, c.change)
	huma.Register(api, huma.Operation{
		OperationID: "getConsent", Method: http.MethodGet, Path: "/v1/consents/{id}",
		Summary: "Get a consent, without its text",
	}, c.get)
	huma.Register(api, huma.Operation{
		OperationID: "getConsentText", Method: http.MethodGet, Path: "/v1/consents/{id}/text",
		Summary:     "Get the text that the person read",
		Description: "It is made again, byte for byte, until the person is erased. It holds the person's own name and number.",
	}, c.text)
}

// draftBody is what a person is to be asked to agree to.
type draftBody struct {
	App        string            `json:"app,omitempty" maxLength:"100" doc:"Which of the caller's applications may ask on the consent"`
	Purpose    string            `json:"purpose" maxLength:"200" doc:"What the person is asked for, as the configuration's purposes name it"`
	Check      string            `json:"check,omitempty" enum:"id_name,id_name_mobile,id_name_bankcard,id_name_mobile_bankcard" doc:"The question, which says what data and which recipients; id_name if it is left out"`
	Subject    someone           `json:"subject" doc:"The person"`
	Guardian   *guardianBody     `json:"guardian,omitempty" doc:"Who agrees for a child under 14"`
	OfAge      bool              `json:"of_age,omitempty" doc:"The person declared to be 14 or older; for numbers that tell no age"`
	Notice     string            `json:"notice,omitempty" maxLength:"100" doc:"The name of the notice; the configuration's if it is left out"`
	Language   string            `json:"language,omitempty" maxLength:"35" doc:"Of the notice, as zh-CN; the configuration's if it is left out"`
	Business   string            `json:"business,omitempty" maxLength:"600" doc:"What the person is doing, as opening an account; the purpose's title if it is left out"`
	Recipients names             `json:"recipients,omitempty" minItems:"1" maxItems:"50" nullable:"false" doc:"Legal names of the bodies that may get the data; all that the check's route asks if it is left out"`
	Uses       int               `json:"uses,omitempty" minimum:"1" maximum:"1000000" doc:"Verifications that it covers, at most what the configuration says, which also holds if it is left out"`
	Valid      string            `json:"valid,omitempty" maxLength:"20" example:"48h" doc:"How long it stands once it is given, in whole days as 48h, at most what the configuration says"`
	Values     map[string]string `json:"values,omitempty" maxProperties:"50" doc:"Texts for the blanks of your own notices"`
	Channel    string            `json:"channel,omitempty" enum:"web,app,counter,paper" doc:"How the person sees it"`
	Presenter  string            `json:"presenter,omitempty" maxLength:"200" doc:"The page or desk that shows it; nothing personal"`
}

// names is a list that tells null, which is a filter that somebody left empty, from a
// member that is not there: the one must not mean all.
type names []string

// UnmarshalJSON reads null as a list without names.
func (n *names) UnmarshalJSON(text []byte) error {
	err := json.Unmarshal(text, (*[]string)(n))
	if *n == nil {
		*n = names{}
	}
	return err
}

// someone is a person as a notice names one.
type someone struct {
	Name     idv.Sensitive `json:"name,omitzero" doc:"As on the document"`
	IDNumber idv.Sensitive `json:"id_number,omitzero"`
}

func (s someone) subject() idv.Subject { return idv.Subject{Name: s.Name, IDNumber: s.IDNumber} }

type guardianBody struct {
	Subject  someone `json:"subject" doc:"The guardian"`
	Relation string  `json:"relation" maxLength:"100" doc:"What the guardian is to the child, as mother"`
}

type draftInput struct{ Body draftBody }

type draftOutput struct {
	Location string `header:"Location" doc:"Where the consent is"`
	Body     Consent
}

// draft returns what the desk is asked for.
func (b *draftBody) draft() (consents.Draft, error) {
	d := consents.Draft{
		Tenant: Tenant, App: b.App, Purpose: b.Purpose, Subject: b.Subject.subject(), OfAge: b.OfAge, Notice: b.Notice, Language: b.Language,
		Business: b.Business, Recipients: b.Recipients, Uses: b.Uses, Values: b.Values, Channel: b.Channel, Presenter: b.Presenter,
	}
	if err := d.Check.UnmarshalText([]byte(cmp.Or(b.Check, idv.CheckIDName.String()))); err != nil {
		return d, badField("body.check", "no such check")
	}
	if b.Recipients != nil && len(b.Recipients) == 0 {
		return d, badField("body.recipients", "names nobody; leave it out for all that the check's route asks")
	}
	if b.Guardian != nil {
		d.Guardian = &consents.Guardian{Subject: b.Guardian.Subject.subject(), Relation: b.Guardian.Relation}
	}
	if b.Valid == "" {
		return d, nil
	}
	valid, err := time.ParseDuration(b.Valid)
	if err != nil || valid <= 0 {
		return d, badField("body.valid", "want hours that make whole days, as 48h")
	}
	d.Valid = valid
	return d, nil
}

func (c consentAPI) draft(ctx context.Context, in *draftInput) (*draftOutput, error) {
	d, err := in.Body.draft()
	if err != nil {
		return nil, err
	}
	made, err := c.desk.Draft(detached(ctx), d)
	if err != nil {
		return nil, c.ofDraft(err, &d)
	}
	out := draftOutput{Location: "/v1/consents/" + made.Record.ID, Body: ConsentOf(&made.Record, time.Now())}
	out.Body.Text = legible(made.Text)
	return &out, nil
}

type consentInput struct {
	ID string `path:"id" maxLength:"100" doc:"The consent's id"`
}

type consentOutput struct{ Body Consent }

func (c consentAPI) get(ctx context.Context, in *consentInput) (*consentOutput, error) {
	record, err := c.desk.Consent(ctx, Tenant, in.ID)
	if err != nil {
		return nil, ofDesk(err)
	}
	return &consentOutput{ConsentOf(&record, time.Now())}, nil
}

type consentsInput struct {
	After string `query:"after" maxLength:"200" doc:"The cursor that came with the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type consentsOutput struct {
	Body struct {
		Consents []Consent `json:"consents" nullable:"false"`
		Next     string    `json:"next,omitempty" doc:"The cursor of the next page"`
	}
}

func (c consentAPI) list(ctx context.Context, in *consentsInput) (*consentsOutput, error) {
	list, next, err := c.desk.Store.AllConsents(ctx, Tenant, ledger.Page{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, ofStore(err)
	}
	var out consentsOutput
	out.Body.Consents, out.Body.Next = []Consent{}, next
	for i := range list {
		out.Body.Consents = append(out.Body.Consents, ConsentOf(&list[i], time.Now()))
	}
	return &out, nil
}

type textOutput struct {
	Body struct {
		ID     string         `json:"id"`
		Text   string         `json:"text" doc:"What the person read, with the own name and number in it"`
		Hash   string         `json:"text_hash" doc:"What an agreement has to name"`
		Notice consent.Notice `json:"notice"`
	}
}

func (c consentAPI) text(ctx context.Context, in *consentInput) (*textOutput, error) {
	text, err := c.desk.Text(ctx, Tenant, in.ID)
	if err != nil {
		return nil, ofDesk(err)
	}
	var out textOutput
	out.Body.ID, out.Body.Text, out.Body.Hash, out.Body.Notice = in.ID, legible(text.Body), text.Notice.Text, text.Notice
	return &out, nil
}
