package api

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// FieldError says which member of a body is wrong.
type FieldError struct{ Field, Message string }

// Error returns field and message.
func (e *FieldError) Error() string { return e.Field + ": " + e.Message }

// Channel is one of consents.Channels.
type Channel string

// ConsentDraft is the body that drafts a consent.
type ConsentDraft struct {
	App        string            `json:"app,omitempty" maxLength:"100" doc:"The caller's application that may use the consent"`
	Purpose    string            `json:"purpose" maxLength:"200" doc:"The purpose, as the configuration names it"`
	Check      idv.Check         `json:"check,omitempty" doc:"The check, which determines the claims and the recipients; default id_name"`
	Subject    Person            `json:"subject" doc:"The person"`
	Guardian   *Guardian         `json:"guardian,omitempty" doc:"Who consents for a child under 14"`
	OfAge      bool              `json:"of_age,omitempty" doc:"The person declared to be 14 or older; for numbers that do not contain the birth date"`
	Notice     string            `json:"notice,omitempty" maxLength:"100" doc:"Name of the notice; default by configuration"`
	Language   string            `json:"language,omitempty" maxLength:"35" doc:"Language of the notice, such as zh-CN; default by configuration"`
	Business   string            `json:"business,omitempty" maxLength:"600" doc:"The person's business, such as opening an account; default the purpose's title"`
	Recipients names             `json:"recipients,omitempty" minItems:"1" maxItems:"50" nullable:"false" doc:"Legal names of the organizations that may receive the claims; default all providers of the check's route"`
	Uses       int               `json:"uses,omitempty" minimum:"1" maximum:"1000000" doc:"Verifications that the consent allows; the configuration sets the default and the maximum"`
	Valid      string            `json:"valid,omitempty" maxLength:"20" example:"48h" doc:"How long the consent is valid once given, in hours that make whole days such as 48h; the configuration sets the default and the maximum"`
	Values     map[string]string `json:"values,omitempty" maxProperties:"50" doc:"Texts for the blanks of custom notices"`
	Channel    Channel           `json:"channel,omitempty" doc:"Where the text is shown"`
	Presenter  string            `json:"presenter,omitempty" maxLength:"200" doc:"The page or counter that shows the text; no personal data"`
}

// names distinguishes null, which is an empty list, from a member that is absent. An empty
// list must not select all recipients.
type names []string

// UnmarshalJSON reads null as an empty list.
func (n *names) UnmarshalJSON(text []byte) error {
	err := json.Unmarshal(text, (*[]string)(n))
	if *n == nil {
		*n = names{}
	}
	return err
}

// Person is a person as a notice names one.
type Person struct {
	Name     idv.Sensitive `json:"name,omitzero" doc:"As printed on the document"`
	IDNumber idv.Sensitive `json:"id_number,omitzero"`
	Document idv.Document  `json:"document,omitzero" doc:"The type of document that the number belongs to, as in a verification"`
	BankCard idv.Sensitive `json:"bank_card,omitzero" doc:"Only for a check without an ID number, which knows the person by the card"`
}

// Subject returns the person for the consent service.
func (p Person) Subject() idv.Subject {
	return idv.Subject{Name: p.Name, IDNumber: p.IDNumber, Document: p.Document, BankCard: p.BankCard}
}

// Guardian consents for a child.
type Guardian struct {
	Subject  Person `json:"subject" doc:"The guardian"`
	Relation string `json:"relation" maxLength:"100" doc:"The guardian's relation to the child, such as mother"`
}

// Draft returns the draft for the consent service. The error is a *FieldError.
func (b *ConsentDraft) Draft(tenant idv.Tenant) (consents.Draft, error) {
	d := consents.Draft{
		Tenant: tenant, App: b.App, Purpose: b.Purpose, Check: cmp.Or(b.Check, idv.CheckIDName), Subject: b.Subject.Subject(), OfAge: b.OfAge, Notice: b.Notice, Language: b.Language,
		Business: b.Business, Recipients: b.Recipients, Uses: b.Uses, Values: b.Values, Channel: string(b.Channel), Presenter: b.Presenter,
	}
	if b.Recipients != nil && len(b.Recipients) == 0 {
		return d, &FieldError{"recipients", "is empty; name at least one recipient, or omit the member for all providers of the check's route"}
	}
	if b.Guardian != nil {
		d.Guardian = &consents.Guardian{Subject: b.Guardian.Subject.Subject(), Relation: b.Guardian.Relation}
	}
	if b.Valid == "" {
		return d, nil
	}
	valid, err := time.ParseDuration(b.Valid)
	if err != nil || valid <= 0 {
		return d, &FieldError{"valid", "must be a number of hours that makes whole days, such as 48h"}
	}
	d.Valid = valid
	return d, nil
}

// ConsentChange is the body that records what a person saw or decided.
type ConsentChange struct {
	TextHash  string         `json:"text_hash,omitempty" maxLength:"200" doc:"For give: the hash of the text that the person saw"`
	Action    consent.Action `json:"action,omitempty" doc:"For give: what the person did; a preselected box is not an action"`
	Channel   Channel        `json:"channel,omitempty" doc:"For present and give: where the text is shown"`
	Presenter string         `json:"presenter,omitempty" maxLength:"200" doc:"For present and give: the page or counter that shows the text; no personal data"`
	Session   idv.Sensitive  `json:"session,omitzero" doc:"For present and give: the person's session; stored as a keyed hash"`
	Address   idv.Sensitive  `json:"address,omitzero" doc:"For present and give: the person's network address; stored as a keyed hash"`
	Agent     idv.Sensitive  `json:"agent,omitzero" doc:"For present and give: the person's user agent; stored as a keyed hash"`
}

// Foreign returns the first member that the kind of change does not use, "" if there is
// none. A front refuses such a member: the caller would believe that it is stored.
func (c *ConsentChange) Foreign(kind consent.Kind) string {
	give, shown := kind == consent.Give, kind == consent.Present || kind == consent.Give
	for _, m := range []struct {
		name        string
		given, used bool
	}{
		{"text_hash", c.TextHash != "", give},
		{"action", c.Action != "", give},
		{"channel", c.Channel != "", shown},
		{"presenter", c.Presenter != "", shown},
		{"session", !c.Session.IsZero(), shown},
		{"address", !c.Address.IsZero(), shown},
		{"agent", !c.Agent.IsZero(), shown},
	} {
		if m.given && !m.used {
			return m.name
		}
	}
	return ""
}

// Blank returns the first member whose hash is stored and that holds only spaces or
// invisible characters, "" if there is none. The hash would count as evidence.
func (c *ConsentChange) Blank() string {
	for _, m := range []struct {
		name  string
		blank bool
	}{
		{"session", c.Session.IsBlank()}, {"address", c.Address.IsBlank()}, {"agent", c.Agent.IsBlank()},
	} {
		if m.blank {
			return m.name
		}
	}
	return ""
}

// Proof returns the proof that belongs to the change, with session, address and agent hashed by the service.
func (c *ConsentChange) Proof(s *consents.Service, tenant idv.Tenant) consent.Proof {
	return s.Proof(tenant, consent.Proof{Channel: string(c.Channel), Presenter: c.Presenter, Action: c.Action},
		consents.ClientContext{Session: c.Session, Address: c.Address, Agent: c.Agent})
}
