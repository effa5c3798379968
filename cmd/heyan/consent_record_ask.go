package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// decider is the name of who decides: the person, or the guardian of a child.
func decider(d *consents.Draft) idv.Sensitive {
	if d.Guardian != nil {
		return d.Guardian.Subject.Name
	}
	return d.Subject.Name
}

// askPerson lets the person at the terminal decide. Only the own name agrees and only
// a clear no refuses; after anything else nothing was decided, for a slip is neither.
func (t *tool) askPerson(ctx context.Context, c *office, r consent.Record, name idv.Sensitive) error {
	typed, err := t.ask(ctx, words.Text{
		EN: "Type your full name to agree, or no to refuse:", ZH: "同意请输入您的姓名，不同意请输入“不同意”：",
	}.In(t.lang))
	if err != nil {
		return err
	}
	event := consent.Event{Kind: consent.Give, Text: r.Notice.Text, Proof: consent.Proof{Action: consent.TypedName}}
	switch {
	case slices.Contains([]string{"no", "否", "不", "不同意"}, strings.ToLower(typed)):
		event = consent.Event{Kind: consent.Refuse}
	case typed == "" || !sameName(idv.NewSensitive(typed), name):
		t.nextStep(r)
		return &ending{code: exitRefused, err: errors.New(words.Text{
			EN: "this is neither the name nor a no, so nothing was decided", ZH: "输入的既不是本人姓名，也不是“不同意”，未记录任何决定",
		}.In(t.lang))}
	}
	return t.change(ctx, c, r.ID, event, false)
}

// sameName compares two names in the form that vendors get.
func sameName(a, b idv.Sensitive) bool {
	form := func(s idv.Sensitive) idv.Sensitive {
		return identity.CheckName(s, identity.Options{Lenient: true}).Canonical()
	}
	one := form(a)
	return !one.IsZero() && one.Equal(form(b))
}
