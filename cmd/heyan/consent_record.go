package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// recordFlags are the flags of `heyan consent record`.
type recordFlags struct {
	config, input, check string
	draft                consents.Draft // what the other flags say of it
	draftOnly, ask, json bool
}

func newConsentRecord(c *cli) *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use: "record --config FILE --input FILE --purpose P", Short: "Make the text that a person is asked to agree to, and show it",
		Long: "Prints the text for the person to read, with the own name and number in it; stderr says how to record the decision, by\n" +
			"the consent's id. With --ask the person at this terminal types the own name to agree, or no. What is kept holds no name\n" +
			"and no number in clear. The person comes from a file, or with - from stdin:\n" +
			`  {"name":"…","id_number":"…"}` + "\n" +
			"For a child under 14, \"guardian\":{\"name\":\"…\",\"id_number\":\"…\",\"relation\":\"mother\"} stands beside them, and for blanks of\n" +
			"your own notices \"values\":{\"branch\":\"…\"}.\n\n" +
			"Exit codes: 0 done; 4 refused, and why.",
		Args: noArgs("--input gives the person"),
	}
	flags, d := cmd.Flags(), &f.draft
	configFlag(cmd, &f.config)
	inputFlag(cmd, &f.input)
	flags.StringVar(&d.Purpose, "purpose", "", "what the person is asked for, as the configuration's purposes name it")
	flags.StringVar(&d.App, "app", ownApp, "who may ask on the consent: the app that the API is called for")
	flags.StringVar(&f.check, "check", idv.CheckIDName.String(), "the question, which says what data and which recipients: "+checkList())
	flags.StringVar(&d.Notice, "notice", "", "the name of the notice; the configuration's if it is left out")
	flags.StringVar(&d.Language, "language", "", "the language of the notice, as zh-CN; the configuration's if it is left out")
	flags.StringVar(&d.Business, "business", "", "what the person is doing, as opening an account; the purpose's title if it is left out")
	flags.StringArrayVar(&d.Recipients, "recipient", nil, "the legal name of a body that may get the data; several by --recipient again, all if it is left out")
	flags.IntVar(&d.Uses, "uses", 0, "how many verifications it covers, at most what the configuration says")
	flags.DurationVar(&d.Valid, "valid", 0, "how long it stands, in whole days as 48h, at most what the configuration says")
	flags.BoolVar(&d.OfAge, "of-age", false, "the person declared to be 14 or older; for numbers that tell no age")
	channelFlags(cmd, &d.Channel, &d.Presenter)
	flags.BoolVar(&f.draftOnly, "draft-only", false, "make the text and do not record that the person sees it; heyan consent present does that later")
	flags.BoolVar(&f.ask, "ask", false, "ask the person at this terminal for the decision")
	jsonFlag(cmd, &f.json)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.recordConsent(cmd, f) }
	return cmd
}

// channelFlags add how the person sees the text.
func channelFlags(cmd *cobra.Command, channel, presenter *string) {
	cmd.Flags().StringVar(channel, "channel", "counter", "how the person sees it: "+strings.Join(consents.Channels(), ", "))
	cmd.Flags().StringVar(presenter, "presenter", "", "the desk or page that shows it")
}

// knownChannel refuses a channel that is none: the word is kept in clear.
func checkChannel(channel string) error {
	if slices.Contains(consents.Channels(), channel) {
		return nil
	}
	return usageError("--channel: say how the person sees the text, by one of %s", strings.Join(consents.Channels(), ", "))
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
			record, err = svc.Change(ctx, tenant, record.ID, consent.Event{Kind: consent.Present})
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

// refuseDraft tells why there is no draft, and whose claim is wrong if it can be
// either's: the desk looks at the person first, and names the claim alone.
func (c *cli) refuseDraft(err error, d *consents.Draft, asJSON bool) error {
	claim := idv.AsError(err).Field
	if d.Guardian != nil && (claim == idv.FieldName || claim == idv.FieldIDNumber) {
		if _, own := identity.Normalize(d.Subject, idv.CheckIDName, time.Now()); own == nil {
			c.notef("%s", words.Text{EN: "this is about the guardian:", ZH: "以下指监护人："}.In(c.lang))
		}
	}
	return c.consentRefused(err, asJSON)
}

// fillDraft reads what the flags name.
func (c *cli) fillDraft(f *recordFlags) (err error) {
	if err := required("--purpose", f.draft.Purpose, "say what the person is asked for"); err != nil {
		return err
	}
	if err := checkChannel(f.draft.Channel); err != nil {
		return err
	}
	if f.ask && (f.draftOnly || f.json) {
		return usageError("--ask: a decision is for a text that is shown to the person here; leave --draft-only and --json out")
	}
	if f.ask {
		if err := c.requireTerminal(f.input, "leave --ask out and record the decision by `heyan consent give`"); err != nil {
			return err
		}
	}
	if f.draft.Check, err = parseCheck(f.check); err != nil {
		return err
	}
	f.draft.Tenant = tenant
	return c.readPerson(f.input, &f.draft)
}

// showText prints what the person is to read.
func (c *cli) showText(r consent.Record, text idv.Sensitive, asJSON bool) {
	if asJSON {
		view := api.ConsentOf(&r, time.Now())
		view.Text = revealNotice(text)
		c.out.JSON(view)
		return
	}
	_, _ = c.out.Write([]byte(revealNotice(text))) // the printer remembers the error
}

// nextStep says how the decision is recorded.
func (c *cli) printNextStep(r consent.Record) {
	if r.State == consent.Drafted {
		c.notef(words.Text{
			EN: "consent %s is drafted, and nobody has seen it yet; when it is shown:\n  heyan consent present %s --config …",
			ZH: "同意编号 %s：文本已生成，尚未展示；展示时执行：\n  heyan consent present %s --config …",
		}.In(c.lang), r.ID, r.ID)
		return
	}
	c.notef(words.Text{
		EN: "consent %s is presented; the person reads the text and decides. Then record what the person did:\n" +
			"  heyan consent give %s --action signature --config …\n  heyan consent refuse %s --config …",
		ZH: "同意编号 %s：文本已展示，请本人阅读后决定，再记录其决定：\n" +
			"  heyan consent give %s --action signature --config …\n  heyan consent refuse %s --config …",
	}.In(c.lang), r.ID, r.ID, r.ID)
}

// decider is the name of who decides: the person, or the guardian of a child.
func decidingName(d *consents.Draft) idv.Sensitive {
	if d.Guardian != nil {
		return d.Guardian.Subject.Name
	}
	return d.Subject.Name
}

// askPerson lets the person at the terminal decide. Only the own name agrees and only
// a clear no refuses; after anything else nothing was decided, for a slip is neither.
func (c *cli) askPerson(ctx context.Context, svc *consents.Service, r consent.Record, name idv.Sensitive) error {
	typed, err := c.prompt(ctx, words.Text{
		EN: "Type your full name to agree, or no to refuse:", ZH: "同意请输入您的姓名，不同意请输入“不同意”：",
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
		return &exitError{code: exitRefused, err: errors.New(words.Text{
			EN: "this is neither the name nor a no, so nothing was decided", ZH: "输入的既不是本人姓名，也不是“不同意”，未记录任何决定",
		}.In(c.lang))}
	}
	return c.change(ctx, svc, r.ID, event, false)
}

// sameName compares two names in the form that vendors get.
func sameName(a, b idv.Sensitive) bool {
	form := func(s idv.Sensitive) idv.Sensitive {
		return identity.CheckName(s, identity.Options{Lenient: true}).Canonical()
	}
	one := form(a)
	return !one.IsZero() && one.Equal(form(b))
}
