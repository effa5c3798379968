package api

import (
	"time"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// ConsentText is the text of a consent with the person's name and number.
type ConsentText struct {
	ID     string         `json:"id"`
	Text   string         `json:"text" doc:"The completed text with the person's name and number"`
	Hash   string         `json:"text_hash" doc:"Hash of the text; a decision must name it"`
	Notice consent.Notice `json:"notice"`
}

// ConsentTextOf returns the view of a consent's text.
func ConsentTextOf(id string, text *notice.Rendered) ConsentText {
	return ConsentText{ID: id, Text: unmasked(text.Body), Hash: text.Notice.Text, Notice: text.Notice}
}

// DraftOf returns the view of a new draft, with the text to show to the person.
func DraftOf(d *consents.DraftResult, now time.Time) Consent {
	c := ConsentOf(&d.Record, now)
	c.Text = unmasked(d.Text)
	return c
}

// unmasked returns the text of a notice, which contains a name and a number. Only the views
// whose purpose is that text may call it.
func unmasked(text idv.Sensitive) string { return text.Reveal() }

// RevealKey returns an API key in clear, for the response that creates it.
func RevealKey(key idv.Sensitive) string { return key.Reveal() }
