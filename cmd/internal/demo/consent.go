package demo

import (
	"context"
	"slices"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// The recipients behind the two vendors in the second part, so that a person can consent to
// one of them only.
const (
	firstRecipient  = "示例数据服务有限公司"
	secondRecipient = "备用数据服务有限公司"
)

// withConsent returns the configuration of the second part: the same vendors, with consent
// required for every call.
func withConsent(c config.Config) config.Config {
	c.Policy.Consent = config.Defaults().Policy.Consent
	c.Policy.Consent.MinReview = 0 // no person reads the notice here
	c.Policy.Consent.Controller = config.Party{Name: "某某商城有限公司", Contact: "400-000-0001"}
	c.Policy.Purposes = []config.Purpose{{
		Name: purpose, Title: "确认演示人物的姓名与号码相符", Basis: "consent", Minors: "guardian",
	}}
	c.Providers = slices.Clone(c.Providers)
	for i, recipient := range []string{firstRecipient, secondRecipient} {
		p := &c.Providers[i]
		p.Use, p.Plugin = []string{adapter, other}[i], config.DefaultProvider().Plugin
		p.Recipient, p.RecipientContact = recipient, "400-000-0002"
	}
	return c
}

// consentSteps returns the steps of the second part: calls with and without valid consent.
func consentSteps() []step {
	return []step{
		{
			code: "no_consent", title: idv.Text{EN: "no notice, no consent: no call", ZH: "未告知、未同意：不发起调用"}, who: agreeing(),
			want: refusal(consent.Missing),
		}, {
			code: "presented", title: idv.Text{EN: "notice shown, consent not yet given: no call", ZH: "已展示告知书，尚未勾选：不发起调用"},
			before: showNotice, who: agreeing(), want: refusal(consent.NotGiven),
		}, {
			code: "given", title: idv.Text{EN: "consent given for the company behind " + first + " only", ZH: "本人同意，接收方仅 " + first + " 的公司"},
			before: agree, who: agreeing(), want: want{verdict: idv.Match, by: first, tries: 1, toFirst: 1},
		}, {
			code: "recipients", title: idv.Text{EN: first + " returns 9999: no consent for " + second + ", so no failover", ZH: first + " 返回 9999：同意不含 " + second + "，不切换"},
			before: play(sandbox.ModeMaintenance), who: agreeing(), want: want{reason: idv.Maintenance, tries: 1, toFirst: 1},
		}, {
			code: "withdrawn", title: idv.Text{EN: "consent withdrawn: no further call", ZH: "本人撤回同意：此后不再调用"},
			before: withdraw, who: agreeing(), want: refusal(consent.WasWithdrawn),
		}, {
			code: "child", title: idv.Text{EN: "child under 14 without a guardian: no notice is issued", ZH: "未满十四周岁且无监护人：不出具告知书"},
			who: child(), ask: askWithNotice, want: refusal(consent.NeedsGuardian),
		}, {
			code: "erased", title: idv.Text{EN: "personal data erased: no record is found", ZH: "删除本人信息：此后查无此人"},
			before: erase, who: agreeing(), want: refusal(consent.WasWithdrawn), after: nothingFound,
		},
	}
}

// refusal is the expected result of a step that a consent rule ends before any call.
func refusal(f consent.Fault) want {
	return want{reason: idv.Denied, rule: consent.RulePrefix + string(f)}
}

// draft issues a notice that names only the first vendor's company.
func (run *runner) draft(ctx context.Context, p person) error {
	r := p.request()
	drafted, err := run.app.Consents.Draft(ctx, consents.Draft{
		Tenant: r.Tenant, App: r.App, Purpose: r.Purpose, Check: r.Check, Subject: r.Subject,
		Recipients: []string{firstRecipient}, Channel: "web", Presenter: "heyan demo",
	})
	run.consent = drafted.Record
	return err
}

// change records an event of the consent. It pauses first, since the rules reject two
// events with the same time: their order could not be proved.
func (run *runner) change(ctx context.Context, e consent.Event) error {
	time.Sleep(time.Millisecond)
	record, err := run.app.Consents.Change(ctx, run.consent.Tenant, run.consent.ID, e)
	if err == nil {
		run.consent = record
	}
	return err
}

func showNotice(ctx context.Context, run *runner) error {
	if err := run.draft(ctx, agreeing()); err != nil {
		return err
	}
	return run.change(ctx, consent.Event{Kind: consent.Present})
}

func agree(ctx context.Context, run *runner) error {
	err := run.change(ctx, consent.Event{Kind: consent.Give, Text: run.consent.Notice.Text, Proof: consent.Proof{Action: consent.Checkbox}})
	time.Sleep(time.Millisecond) // the consent must be earlier than the call
	return err
}

// withdraw withdraws the consent after the vendor has recovered, so that only the consent
// can be the cause of the refusal.
func withdraw(ctx context.Context, run *runner) error {
	if err := play(sandbox.ModeNormal)(ctx, run); err != nil {
		return err
	}
	return run.change(ctx, consent.Event{Kind: consent.Withdraw})
}

// askWithNotice issues a new notice and verifies if that succeeds.
func askWithNotice(ctx context.Context, run *runner, p person) (idv.Verification, error) {
	if err := run.draft(ctx, p); err != nil {
		return idv.Verification{}, err
	}
	return run.verify(ctx, p)
}

// erase records one more consent, so that there is data to erase, and erases the person.
func erase(ctx context.Context, run *runner) error {
	if err := showNotice(ctx, run); err != nil {
		return err
	}
	if err := agree(ctx, run); err != nil {
		return err
	}
	r := agreeing().request()
	_, err := run.app.Consents.Erase(ctx, r.Tenant, r.Subject)
	return err
}

// nothingFound expects no record of the person except the erasure.
func nothingFound(ctx context.Context, run *runner) []string {
	r := agreeing().request()
	found, err := run.app.Consents.Find(ctx, r.Tenant, r.Subject)
	if err != nil {
		return []string{"the search for the person failed"}
	}
	return []string{
		unequal("consents found", len(found.Consents), 0), unequal("verifications found", len(found.Verifications), 0),
		unequal("erasures found", len(found.Erasures), 1),
	}
}
