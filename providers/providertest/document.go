package providertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/body"
)

// ErrSkipped is the error of a rule that was not tested.
var ErrSkipped = errors.New("skipped")

// onDocuments returns rules whose tests see every body as the JSON document of
// [body.Format.Document]. So one test serves each form of body. A rule is skipped if the form
// has no body for any reply that it derives.
func onDocuments(rules []Rule) []Rule {
	for i, rule := range rules {
		rules[i].Test = func(ctx context.Context, h Harness) error {
			h, d, err := h.documents()
			if err != nil {
				return err
			}
			err = rule.Test(ctx, h)
			if err == nil && d.printed == 0 && d.refused > 0 {
				return fmt.Errorf("%w (body: %v)", ErrSkipped, h.Format)
			}
			return err
		}
	}
	return rules
}

// documents is a codec whose replies have documents as their bodies.
type documents struct {
	providers.Codec
	format  body.Format
	own     map[string]bool // the documents of the fixtures
	printed int             // how many other documents were decoded
	refused int             // how many the form has no body for
}

// documents returns the harness with documents as the bodies of its fixtures. A gateway's
// body need not have the form of the vendor's.
func (h Harness) documents() (Harness, *documents, error) {
	d := &documents{Codec: h.Codec, format: h.Format, own: map[string]bool{}}
	list := make([]Fixture, len(h.Fixtures))
	for i, f := range h.Fixtures {
		document, err := h.Format.Document(bytes.TrimSpace(f.Reply.Body))
		switch {
		case err == nil:
			f.Reply.Body = document
		case f.Layer == providers.LayerVendor && !h.Format.IsJSON():
			return h, nil, fmt.Errorf("the fixture %s: its body is not %v", f.Code, h.Format)
		}
		d.own[string(f.Reply.Body)] = true
		list[i] = f
	}
	h.Codec, h.Fixtures = d, list
	return h, d, nil
}

// Decode decodes the body that the reply's document stands for. A document without one
// fails, as a reply does that no vendor can send.
func (d *documents) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	raw, err := d.format.Print(r.Body)
	if err != nil {
		d.refused++
		return idv.Answer{}, providers.Garbled("the form has no such body")
	}
	if !d.own[string(r.Body)] && !d.own[string(d.normal(r.Body))] {
		d.printed++
	}
	r.Body = raw
	return d.Codec.Decode(q, r)
}

// normal returns a document as it is read again after it was printed: XML has no numbers,
// and a list of one element is that element. It is nil if there is none.
func (d *documents) normal(document []byte) []byte {
	if d.format.IsJSON() && !bytes.Contains(document, []byte(`"#`)) {
		return document
	}
	raw, err := d.format.Print(document)
	if err != nil {
		return nil
	}
	again, err := d.format.Document(raw)
	if err != nil {
		return nil
	}
	return again
}

// normal is that of the documents; it changes nothing outside them.
func (h Harness) normal(document []byte) []byte {
	if d, ok := h.Codec.(*documents); ok {
		return d.normal(document)
	}
	return document
}

// unchanged reports whether a derived document says the same as the sample's in this form of
// body, so that it is no other reply.
func (h Harness) unchanged(s sample, document []byte) bool {
	return !bytes.Equal(document, s.reply.Body) && bytes.Equal(h.normal(document), s.reply.Body)
}

// printable reports whether the form has a body for a document.
func (h Harness) printable(document []byte) bool {
	_, err := h.Format.Print(document)
	return err == nil
}
