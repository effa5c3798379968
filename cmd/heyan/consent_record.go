package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/audit"
	"github.com/heyan-id/heyan/policy/consent"
)

// recordFlags are the flags of `heyan consent record`.
type recordFlags struct {
	config, input, check string
	draft                consents.Draft // from the other flags
	draftOnly, ask, json bool
}

func newConsentRecord(c *cli) *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use: "record --config FILE --input FILE --purpose P", Short: "Issue the notice for a person, print it, and record that it was shown",
		Long: "Prints the text that the person has to read, including the name and the ID number; stderr shows the command that\n" +
			"records the decision. With --ask the person at this terminal types the full name to consent, or no. The record holds no\n" +
			"name and no number in clear. The person is read from a file, or with - from stdin:\n" +
			`  {"name":"…","id_number":"…"}` + "\n" +
			"For a child under 14 add \"guardian\":{\"name\":\"…\",\"id_number\":\"…\",\"relation\":\"mother\"}, and for the blanks of a custom\n" +
			"notice \"values\":{\"branch\":\"…\"}.\n\n" +
			"Exit codes: 0 success; 4 refused.",
		Args: noArgs("use --input"),
	}
	flags, d := cmd.Flags(), &f.draft
	configFlag(cmd, &f.config)
	inputFlag(cmd, &f.input)
	flags.StringVar(&d.Purpose, "purpose", "", "the purpose, as the configuration names it")
	flags.StringVar(&d.App, "app", ownApp, "the app that may use the consent")
	flags.StringVar(&f.check, "check", idv.CheckIDName.String(), "the check, which determines the data and the recipients: "+checkList())
	flags.StringVar(&d.Notice, "notice", "", "the name of the notice (default that of the configuration)")
	flags.StringVar(&d.Language, "language", "", "the language of the notice, such as zh-CN (default that of the configuration)")
	flags.StringVar(&d.Business, "business", "", "the business in which the data is needed, such as opening an account (default the title of the purpose)")
	flags.StringArrayVar(&d.Recipients, "recipient", nil, "the legal name of a recipient; may be repeated (default all recipients of the route)")
	flags.IntVar(&d.Uses, "uses", 0, "the number of verifications, up to the limit in the configuration")
	flags.DurationVar(&d.Valid, "valid", 0, "the validity in whole days, such as 48h, up to the limit in the configuration")
	flags.BoolVar(&d.OfAge, "of-age", false, "the person declared to be 14 or older; for ID numbers without a birth date")
	channelFlags(cmd, &d.Channel, &d.Presenter)
	flags.BoolVar(&f.draftOnly, "draft-only", false, "issue the text without recording that it was shown; heyan consent present does that later")
	flags.BoolVar(&f.ask, "ask", false, "prompt for the decision at this terminal")
	jsonFlag(cmd, &f.json)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.recordConsent(cmd, f) }
	return cmd
}

// channelFlags adds the flags of the presentation.
func channelFlags(cmd *cobra.Command, channel, presenter *string) {
	cmd.Flags().StringVar(channel, "channel", "counter", "how the text is shown: "+strings.Join(consents.Channels(), ", "))
	cmd.Flags().StringVar(presenter, "presenter", "", "the counter or page that shows it")
}

// checkChannel rejects an unknown channel, since the word is stored in clear.
func checkChannel(channel string) error {
	if slices.Contains(consents.Channels(), channel) {
		return nil
	}
	return usageError("--channel: must be one of %s", strings.Join(consents.Channels(), ", "))
}

func (c *cli) recordConsent(cmd *cobra.Command, f recordFlags) error {
	if err := c.fillDraft(&f); err != nil {
		return err
	}
	return c.withConsents(cmd, f.config, mayCreate, func(ctx context.Context, svc *consents.Service) error {
		drafted, err := svc.Draft(ctx, f.draft)
		if err != nil {
			return c.refuseDraft(err, &f.draft, f.json)
		}
		record := drafted.Record
		if !f.draftOnly {
			record, err = svc.Change(c.acting(ctx, svc, audit.ConsentRecord, record.ID), c.tenant, record.ID, consent.Event{Kind: consent.Present})
		}
		if err != nil {
			return c.consentRefused(err, f.json)
		}
		c.showText(record, drafted.Text, f.json)
		if f.ask {
			return c.askPerson(ctx, svc, record, decidingName(&f.draft))
		}
		c.printNextStep(record)
		return nil
	})
}

// refuseDraft explains why there is no draft. The service checks the person before the
// guardian and names only the claim, so a fault of a valid person's claim is the guardian's.
func (c *cli) refuseDraft(err error, d *consents.Draft, asJSON bool) error {
	claim := idv.AsError(err).Field
	if d.Guardian != nil && (claim == idv.FieldName || claim == idv.FieldIDNumber) {
		if _, own := identity.Normalize(d.Subject, idv.CheckIDName, time.Now()); own == nil {
			c.notef("%s", idv.Text{EN: "the following concerns the guardian:", ZH: "以下指监护人："}.In(c.lang))
		}
	}
	return c.consentRefused(err, asJSON)
}

// fillDraft checks the flags and reads the person.
func (c *cli) fillDraft(f *recordFlags) (err error) {
	if err := required("--purpose", f.draft.Purpose, "name the purpose, as the configuration does"); err != nil {
		return err
	}
	if err := checkChannel(f.draft.Channel); err != nil {
		return err
	}
	if f.ask && (f.draftOnly || f.json) {
		return usageError("--ask: cannot be combined with --draft-only or --json")
	}
	if f.ask {
		if err := c.requireTerminal(f.input, "omit --ask and record the decision with `heyan consent give`"); err != nil {
			return err
		}
	}
	if f.draft.Check, err = parseCheck(f.check); err != nil {
		return err
	}
	f.draft.Tenant = c.tenant
	return c.readPerson(f.input, &f.draft)
}

// showText prints the text for the person.
func (c *cli) showText(r consent.Record, text idv.Sensitive, asJSON bool) {
	if asJSON {
		view := api.ConsentOf(&r, time.Now())
		view.Text = revealNotice(text)
		c.out.JSON(view)
		return
	}
	_, _ = c.out.Write([]byte(revealNotice(text))) // the printer keeps the error
}

// printNextStep prints the command that records the next event.
func (c *cli) printNextStep(r consent.Record) {
	if r.State == consent.Drafted {
		c.notef(idv.Text{
			EN: "consent %s is drafted but not shown; to show it:\n  heyan consent present %s --config %s",
			ZH: "同意编号 %s：文本已生成，尚未展示；展示时执行：\n  heyan consent present %s --config %s",
		}.In(c.lang), r.ID, r.ID, c.configPath)
		return
	}
	c.notef(idv.Text{
		EN: "consent %s is presented; after the person has read the text, record the decision:\n" +
			"  heyan consent give %s --action signature --config %s\n  heyan consent refuse %s --config %s",
		ZH: "同意编号 %s：文本已展示，请本人阅读后决定，再记录其决定：\n" +
			"  heyan consent give %s --action signature --config %s\n  heyan consent refuse %s --config %s",
	}.In(c.lang), r.ID, r.ID, c.configPath, r.ID, c.configPath)
}

// decidingName returns the name of the person who decides: the guardian if there is one.
func decidingName(d *consents.Draft) idv.Sensitive {
	if d.Guardian != nil {
		return d.Guardian.Subject.Name
	}
	return d.Subject.Name
}

// askPerson prompts for the decision. Only the full name gives consent and only a clear no
// refuses it; anything else records nothing, since it may be a typing error.
func (c *cli) askPerson(ctx context.Context, svc *consents.Service, r consent.Record, name idv.Sensitive) error {
	typed, err := c.prompt(idv.Text{
		EN: "Type your full name to consent, or no to refuse:", ZH: "同意请输入您的姓名，不同意请输入“不同意”：",
	}.In(c.lang))
	if err != nil {
		return err
	}
	event := consent.Event{Kind: consent.Give, Text: r.Notice.Text, Proof: consent.Proof{Action: consent.TypedName}}
	switch {
	case slices.Contains([]string{"no", "否", "不", "不同意"}, strings.ToLower(typed)):
		event = consent.Event{Kind: consent.Refuse}
	case typed == "" || !sameName(idv.NewSensitive(typed), name):
		c.printNextStep(r)
		return &exitError{code: exitRefused, err: errors.New(idv.Text{
			EN: "the input is neither the name nor no; nothing was recorded", ZH: "输入的既不是本人姓名，也不是“不同意”，未记录任何决定",
		}.In(c.lang))}
	}
	return c.change(ctx, svc, r.ID, event, false)
}

// sameName compares two names in the normalized form that vendors receive.
func sameName(a, b idv.Sensitive) bool {
	form := func(s idv.Sensitive) idv.Sensitive {
		return identity.CheckName(s, identity.Options{Lenient: true}).Canonical()
	}
	one := form(a)
	return !one.IsZero() && one.Equal(form(b))
}
