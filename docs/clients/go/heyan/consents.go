package heyan

import (
	"context"
	"net/http"
	"time"
)

// ConsentDraft asks for a consent and its text.
type ConsentDraft struct {
	App      string
	Purpose  string
	Check    Check // default IDName
	Subject  Subject
	OfAge    bool   // the person declared to be 14 or older, for numbers that do not contain the birth date
	Language string // such as zh-CN; default by configuration
	Uses     int    // verifications that the consent allows; default by configuration
	Channel  string // where the text is shown
}

// Consent is a person's consent.
type Consent struct {
	ID         string    `json:"id"` // the ConsentID of a VerifyRequest
	State      string    `json:"state"`
	App        string    `json:"app"`
	Purpose    string    `json:"purpose"`
	Items      []string  `json:"items"`      // the claims that may be sent
	Recipients []Party   `json:"recipients"` // the organizations that may receive them
	Controller Party     `json:"controller"`
	Uses       int       `json:"uses"`
	Used       int       `json:"used"`
	TextHash   string    `json:"text_hash"` // a decision must name it
	ValidUntil time.Time `json:"valid_until"`

	// Text is what to show to the person. It holds name and number, and only DraftConsent
	// returns it.
	Text Sensitive `json:"text"`
}

// Party is an organization.
type Party struct {
	Name    string `json:"name"`
	Contact string `json:"contact"`
	Address string `json:"address"`
}

// Decision records that a person agreed to a text.
type Decision struct {
	TextHash string `json:"text_hash"` // of the text that the person saw
	Action   string `json:"action"`    // checkbox, typed_name, signature or spoken
}

// DraftConsent stores a draft and returns it with the text to show. A draft whose response
// is lost is not repeated.
func (c *Client) DraftConsent(ctx context.Context, d ConsentDraft) (Consent, error) {
	return c.consent(ctx, operation{name: "draftConsent", path: "/v1/consents", body: struct {
		App      string  `json:"app,omitempty"`
		Purpose  string  `json:"purpose"`
		Check    Check   `json:"check,omitempty"`
		Subject  subject `json:"subject"`
		OfAge    bool    `json:"of_age,omitempty"`
		Language string  `json:"language,omitempty"`
		Uses     int     `json:"uses,omitempty"`
		Channel  string  `json:"channel,omitempty"`
	}{d.App, d.Purpose, d.Check, d.Subject.reveal(), d.OfAge, d.Language, d.Uses, d.Channel}})
}

// PresentConsent records that the text is shown to the person now.
func (c *Client) PresentConsent(ctx context.Context, id string) (Consent, error) {
	return c.consent(ctx, operation{name: "presentConsent", path: "/v1/consents/", id: &id, action: ":present"})
}

// GiveConsent records that the person agreed.
func (c *Client) GiveConsent(ctx context.Context, id string, d Decision) (Consent, error) {
	return c.consent(ctx, operation{name: "giveConsent", path: "/v1/consents/", id: &id, action: ":give", body: d})
}

// RefuseConsent records that the person refused.
func (c *Client) RefuseConsent(ctx context.Context, id string) (Consent, error) {
	return c.consent(ctx, operation{name: "refuseConsent", path: "/v1/consents/", id: &id, action: ":refuse"})
}

// WithdrawConsent records that the person withdrew the consent. No call uses it afterwards.
func (c *Client) WithdrawConsent(ctx context.Context, id string) (Consent, error) {
	return c.consent(ctx, operation{name: "withdrawConsent", path: "/v1/consents/", id: &id, action: ":withdraw", repeatable: true})
}

func (c *Client) consent(ctx context.Context, op operation) (r Consent, err error) {
	op.method, op.required = http.MethodPost, "id"
	err = c.do(ctx, op, &r)
	return r, err
}
