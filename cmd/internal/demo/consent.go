package demo

import (
	"context"
	"slices"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// The bodies behind the two vendors in the second act, so that a person can agree to
// one of them and not to the other.
const (
	firstRecipient  = "示例数据服务有限公司"
	secondRecipient = "备用数据服务有限公司"
)

// askingFirst returns the configuration of the second act: the same vendors, asked by
// a house that keeps consents and makes no call without one.
func askingFirst(c config.Config) config.Config {
	c.Policy.Consent = config.Defaults().Policy.Consent
	c.Policy.Consent.MinReview = 0 // nobody reads here
	c.Policy.Consent.Controller = config.Party{Name: "某某商城有限公司", Contact: "400-000-0001"}
	c.Policy.Purposes = []config.Purpose{{
		Name: purpose, Title: "确认演示人物的姓名与号码相符", Basis: "consent", Minors: "guardian",
	}}
	c.Providers = slices.Clone(c.Providers)
	for i, recipient := range []string{firstRecipient, secondRecipient} {
		p := &c.Providers[i]
		p.Use, p.Plugin = adapter, config.DefaultProvider().Plugin
		p.Recipient, p.RecipientContact = recipient, "400-000-0002"
	}
	return c
}

// consentSteps are the steps of the second act: who may be asked about, and when no more.
func consentSteps() []step {
	return []step{
		{
			code: "no_consent", title: words.Text{EN: "nobody was told, nobody agreed: no call", ZH: "未告知、未同意：不发起调用"}, who: agreeing(),
			want: refusal(consent.Missing),
		}, {
			code: "presented", title: words.Text{EN: "the notice is shown, the box is still empty: no call", ZH: "已展示告知书，尚未勾选：不发起调用"},
			before: showNotice, who: agreeing(), want: refusal(consent.NotGiven),
		}, {
			code: "given", title: words.Text{EN: "the person agrees to " + first + "'s company, and to no other", ZH: "本人同意，接收方仅 " + first + " 的公司"},
			before: agree, who: agreeing(), want: want{verdict: idv.Match, by: first, tries: 1, toFirst: 1},
		}, {
			code: "recipients", title: words.Text{EN: first + " says 9999: " + second + " was not agreed to, and is not asked", ZH: first + " 返回 9999：未同意 " + second + "，不转问"},
			before: play(sandbox.ModeMaintenance), who: agreeing(), want: want{reason: idv.Maintenance, tries: 1, toFirst: 1},
		}, {
			code: "withdrawn", title: words.Text{EN: "the person withdraws: no call from then on", ZH: "本人撤回同意：此后不再调用"},
			before: withdraw, who: agreeing(), want: refusal(consent.WasWithdrawn),
		}, {
			code: "child", title: words.Text{EN: "a child, and no guardian: not even the notice is made", ZH: "未满十四周岁且无监护人：不出具告知书"},
			who: child(), ask: askAfresh, want: refusal(consent.NeedsGuardian),
		}, {
			code: "erased", title: words.Text{EN: "the person is erased: nothing is found any more", ZH: "删除本人信息：此后查无此人"},
			before: erase, who: agreeing(), want: refusal(consent.WasWithdrawn), after: nothingFound,
		},
	}
}

// refusal is how a step goes that a consent's fault ends before any call.
func refusal(f consent.Fault) want {
	return want{reason: idv.Denied, rule: consent.RulePrefix + string(f)}
}

// draft makes the notice for somebody, which names the first vendor's company alone.
func (w *walk) draft(ctx context.Context, p person) error {
	r := p.request()
	drafted, err := w.house.Desk.Draft(ctx, consents.Draft{
		Tenant: r.Tenant, App: r.App, Purpose: r.Purpose, Check: r.Check, Subject: r.Subject,
		Recipients: []string{firstRecipient}, Channel: "web", Presenter: "heyan demo",
	})
	w.consent = drafted.Record
	return err
}

// change tells the desk what happened to the consent. It pauses first: of two things
// in one instant nobody could prove which was earlier, so the rules refuse them.
func (w *walk) change(ctx context.Context, e consent.Event) error {
	time.Sleep(time.Millisecond)
	record, err := w.house.Desk.Change(ctx, w.consent.Tenant, w.consent.ID, e)
	if err == nil {
		w.consent = record
	}
	return err
}

func showNotice(ctx context.Context, w *walk) error {
	if err := w.draft(ctx, agreeing()); err != nil {
		return err
	}
	return w.change(ctx, consent.Event{Kind: consent.Present})
}

func agree(ctx context.Context, w *walk) error {
	err := w.change(ctx, consent.Event{Kind: consent.Give, Text: w.consent.Notice.Text, Proof: consent.Proof{Action: consent.Checkbox}})
	time.Sleep(time.Millisecond) // it is given before the call that rests on it
	return err
}

// withdraw takes the consent back, when the vendor is in good order again: that nobody
// is asked is not for want of one.
func withdraw(ctx context.Context, w *walk) error {
	if err := play(sandbox.ModeNormal)(ctx, w); err != nil {
		return err
	}
	return w.change(ctx, consent.Event{Kind: consent.Withdraw})
}

// askAfresh makes a notice of one's own, and asks if there is one.
func askAfresh(ctx context.Context, w *walk, p person) (idv.Verification, error) {
	if err := w.draft(ctx, p); err != nil {
		return idv.Verification{}, err
	}
	return w.verify(ctx, p)
}

// erase lets the person agree once more, so that there is something to end, and takes
// them out.
func erase(ctx context.Context, w *walk) error {
	if err := showNotice(ctx, w); err != nil {
		return err
	}
	if err := agree(ctx, w); err != nil {
		return err
	}
	r := agreeing().request()
	_, err := w.house.Desk.Erase(ctx, r.Tenant, r.Subject.IDNumber)
	return err
}

// nothingFound expects nothing to be kept of the person but that they were erased.
func nothingFound(ctx context.Context, w *walk) []string {
	r := agreeing().request()
	found, err := w.house.Desk.Find(ctx, r.Tenant, r.Subject.IDNumber)
	if err != nil {
		return []string{"it could not be looked for the person"}
	}
	return []string{
		unequal("consents found", len(found.Consents), 0), unequal("verifications found", len(found.Verifications), 0),
		unequal("erasures found", len(found.Erasures), 1),
	}
}
