package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

func newConsent(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "consent", Short: "Notices, what people agreed to, and the receipts they keep",
	})
	cmd.AddCommand(newConsentReceipt(c))
	cmd.AddCommand(newConsentNotice(c), newConsentLint(c))
	cmd.AddCommand(
		newConsentRecord(c), newConsentPresent(c), newConsentGive(c), newConsentRefuse(c), newConsentWithdraw(c), newConsentShow(c), newConsentList(c),
	)
	return cmd
}

// withDesk opens the desk for a moment, also while a daemon works with its store.
func (c *cli) withConsents(cmd *cobra.Command, path string, want storeAccess, do func(context.Context, *consents.Service) error) (err error) {
	loaded, err := c.load(path)
	if err != nil {
		return err
	}
	if checkStore(loaded.Config.Store, want) != nil {
		return configError("--config: store: nothing is kept of anybody there: the memory store ends with its process, and of a sqlite file the path " +
			"is relative to the folder in which the daemon is started")
	}
	ctx := cmd.Context()
	service, s, err := assemble.OpenDesk(ctx, c.attached(loaded.Config))
	if err != nil {
		return c.storeError("--config: ", err)
	}
	defer func() { err = c.unavailable(internalError(errors.Join(err, s.Close()))) }()
	return do(ctx, service)
}

// refuseDesk tells why the desk did not do what it was asked for.
func (c *cli) consentRefused(err error, asJSON bool) error {
	var blanks notice.Faults
	var known *idv.Error
	var failed *plugins.Error
	switch {
	case errors.As(err, &failed):
		return configError("--config: %s", faultLines(err))
	case errors.Is(err, consent.ErrNotFound):
		return usageError("there is no such consent; `heyan consent list` finds those of a person")
	case errors.Is(err, consents.ErrText):
		return configError("%w", consents.ErrText)
	case errors.Is(err, consent.ErrErased):
		err = &policy.Denial{Failure: idv.Denied, Field: idv.FieldConsentID, Decision: policy.Deny(policy.Reason{
			Rule: consent.RulePrefix + "erased", ZH: "此人已被删除，文本与密钥一并销毁。", EN: "Its person was erased, and the text with the keys.",
		})}
	case errors.As(err, &blanks):
		err = &idv.Error{Failure: idv.InvalidInput, Origin: idv.OriginCaller, Code: "notice", Detail: blanks.Error()}
	case !errors.As(err, &known), refusalCode(known.Failure) == exitInternal:
		return internalError(err)
	}
	e := idv.AsError(err)
	flag := flagOf(e.Field)
	switch e.Field {
	case idv.FieldName, idv.FieldIDNumber:
		flag = e.Field.String() + " (--input)"
	case idv.FieldConsentID:
		flag = "" // the rule says that it is the consent, and no flag names it here
	}
	return c.printRefusal(err, words.Text{EN: "refused (%s): %s", ZH: "已拒绝（%s）：%s"}, flag, asJSON)
}

// askable refuses to ask where nobody can answer.
func (c *cli) requireTerminal(input, instead string) error {
	if input == "-" || !terminal.IsTerminal(c.stdin) {
		return usageError("nobody can be asked: stdin is no terminal, or the person is read from it; %s", instead)
	}
	return nil
}

// ask puts a question to whoever sits at the terminal and returns the line that is
// typed, or an error when the command is interrupted.
func (c *cli) prompt(ctx context.Context, question string) (string, error) {
	_, _ = fmt.Fprintf(c.stderr, "%s ", question) // who does not see it answers nothing
	answer := make(chan string, 1)
	go func() { // it ends with the process if nobody answers
		line, _ := readLine(bufio.NewReader(c.stdin)) // an end of input is an empty answer
		answer <- strings.TrimSpace(line)
	}()
	select {
	case line := <-answer:
		return line, nil
	case <-ctx.Done():
		return "", &exitError{code: exitRefused, err: errors.New("interrupted; nothing was done")}
	}
}

// oneConsent makes a command about one consent, which its argument names.
func (c *cli) oneConsent(cmd *cobra.Command, do func(ctx context.Context, svc *consents.Service, id string, asJSON bool) error) *cobra.Command {
	var path string
	var asJSON bool
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.DisableFlagsInUseLine = true
	cmd.Args = exactly(1, "the id of a consent, as heyan consent record and heyan consent list print it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withConsents(cmd, path, mustExist, func(ctx context.Context, svc *consents.Service) error { return do(ctx, svc, args[0], asJSON) })
	}
	return cmd
}

func newConsentPresent(c *cli) *cobra.Command {
	var proof consent.Proof
	cmd := c.oneConsent(&cobra.Command{
		Use: "present ID --config FILE", Short: "Show a person the text that was drafted, and record that it was shown",
	}, func(ctx context.Context, svc *consents.Service, id string, asJSON bool) error {
		if err := checkChannel(proof.Channel); err != nil {
			return err
		}
		text, err := svc.Text(ctx, tenant, id)
		if err != nil {
			return c.consentRefused(err, asJSON)
		}
		record, err := svc.Change(ctx, tenant, id, consent.Event{Kind: consent.Present, Proof: proof})
		if err != nil {
			return c.consentRefused(err, asJSON)
		}
		c.showText(record, text.Body, asJSON)
		c.printNextStep(record)
		return nil
	})
	channelFlags(cmd, &proof.Channel, &proof.Presenter)
	return cmd
}

func newConsentGive(c *cli) *cobra.Command {
	var action, hash string
	cmd := c.oneConsent(&cobra.Command{
		Use: "give ID --action A --config FILE", Short: "Record that a person agreed to the text that was shown",
		Long: "A newer consent of the same person, app and purpose ends the older one. An agreement within the moment that the\n" +
			"configuration's policy.consent.min_review says does not count: nobody has read the text by then.\n\n" +
			"Exit codes: 0 done; 4 refused, and why.",
	}, func(ctx context.Context, svc *consents.Service, id string, asJSON bool) error {
		if !slices.Contains(consent.Actions(), consent.Action(action)) {
			return usageError("--action: say what the person did to agree: checkbox, typed_name, signature or spoken")
		}
		event := consent.Event{Kind: consent.Give, Text: hash, Proof: consent.Proof{Action: consent.Action(action)}}
		if hash == "" {
			record, err := svc.Consent(ctx, tenant, id)
			if err != nil {
				return c.consentRefused(err, asJSON)
			}
			event.Text = record.Notice.Text
		}
		return c.change(ctx, svc, id, event, asJSON)
	})
	cmd.Flags().StringVar(&action, "action", "", "what the person did: checkbox, typed_name, signature or spoken")
	cmd.Flags().StringVar(&hash, "text-hash", "", "the text_hash of the text that the person saw; the record's if it is left out")
	return cmd
}

func newConsentRefuse(c *cli) *cobra.Command {
	return c.oneConsent(&cobra.Command{
		Use: "refuse ID --config FILE", Short: "Record that a person did not agree; the person is not asked again for a while",
	}, c.oneKind(consent.Refuse))
}

func newConsentWithdraw(c *cli) *cobra.Command {
	return c.oneConsent(&cobra.Command{
		Use: "withdraw ID --config FILE", Short: "Take a consent back for a person; no call follows",
		Long: "From now on no call rests on it, also none of a verification that is running. What was done before stays lawful. To\n" +
			"withdraw twice is no fault.",
	}, c.oneKind(consent.Withdraw))
}

// only is a change that needs nothing but its kind.
func (c *cli) oneKind(k consent.Kind) func(context.Context, *consents.Service, string, bool) error {
	return func(ctx context.Context, svc *consents.Service, id string, asJSON bool) error {
		return c.change(ctx, svc, id, consent.Event{Kind: k}, asJSON)
	}
}

// change tells the desk what happened and prints where the consent stands.
func (c *cli) change(ctx context.Context, svc *consents.Service, id string, e consent.Event, asJSON bool) error {
	record, err := svc.Change(ctx, tenant, id, e)
	switch {
	case err != nil:
		return c.consentRefused(err, asJSON)
	case asJSON:
		c.out.JSON(api.ConsentOf(&record, time.Now()))
	case record.State == consent.Given:
		c.out.Linef(words.Text{
			EN: "%s: given; it covers %d verifications until %s (UTC+8)", ZH: "%s：已同意（given），可用于 %d 次核验，有效至 %s（UTC+8）",
		}.In(c.lang), record.ID, record.MaxUses, csvfile.Time(record.Until()).Plain())
	default:
		c.out.Linef(words.Text{EN: "%s: %s", ZH: "%s：%s"}.In(c.lang), record.ID, stateText(record.State).In(c.lang))
	}
	return nil
}

func newConsentShow(c *cli) *cobra.Command {
	var withText bool
	cmd := c.oneConsent(&cobra.Command{
		Use: "show ID --config FILE", Short: "Print what is kept of a consent, or with --text what the person read",
		Long: "The text holds the person's name and number: print it for that person, not into a log. It is made again from what was\n" +
			"sealed, byte for byte, and is gone when the person is erased. Times are UTC+8.",
	}, func(ctx context.Context, svc *consents.Service, id string, asJSON bool) error {
		if withText {
			text, err := svc.Text(ctx, tenant, id)
			if err != nil {
				return c.consentRefused(err, asJSON)
			}
			record, err := svc.Consent(ctx, tenant, id)
			if err != nil {
				return c.consentRefused(err, asJSON)
			}
			c.showText(record, text.Body, asJSON)
			return nil
		}
		record, err := svc.Consent(ctx, tenant, id)
		if err != nil {
			return c.consentRefused(err, asJSON)
		}
		if asJSON {
			c.out.JSON(api.ConsentOf(&record, time.Now()))
			return nil
		}
		c.printConsent(&record)
		return nil
	})
	cmd.Flags().BoolVar(&withText, "text", false, "print the text that the person read, with the name and number in it")
	return cmd
}

// stateText says where a consent stands.
func stateText(s consent.State) words.Text {
	texts := map[consent.State]words.Text{
		consent.Drafted:    {EN: "drafted; nobody has seen it yet", ZH: "文本已生成（drafted），尚未展示"},
		consent.Presented:  {EN: "presented; the person has not decided", ZH: "已展示（presented），本人尚未决定"},
		consent.Given:      {EN: "given", ZH: "已同意（given）"},
		consent.Refused:    {EN: "refused; nobody is asked on it", ZH: "已拒绝（refused），不得据此核验"},
		consent.Withdrawn:  {EN: "withdrawn; no call rests on it any more", ZH: "已撤回（withdrawn），不得再据此核验"},
		consent.Expired:    {EN: "expired; its time is over", ZH: "已过期（expired）"},
		consent.Superseded: {EN: "superseded; a newer one stands in its place", ZH: "已被较新的同意取代（superseded）"},
	}
	return texts[s]
}

func (c *cli) printConsent(r *consent.Record) {
	at := func(when time.Time) string { return csvfile.Time(when).Plain() }
	plain := func(text string) string { return csvfile.Text(text).Plain() }
	v := api.ConsentOf(r, time.Now())
	c.out.Linef("%s: %s\n", v.ID, stateText(v.State).In(c.lang))
	c.field("purpose", "目的", plain(v.Purpose))
	c.field("app", "应用", plain(v.App))
	c.field("data", "信息", strings.Join(v.Items, ", "))
	for _, p := range v.Recipients {
		c.field("recipient", "接收方", plain(p.Name+", "+p.Contact))
	}
	c.field("guardian", "监护人", plain(v.Guardian))
	c.field("uses", "次数", usesText(r))
	c.field("drafted", "生成", at(v.DraftedAt))
	c.field("presented", "展示", at(v.PresentedAt))
	c.field("decided", "决定", at(v.DecidedAt))
	c.field("action", "方式", string(v.Proof.Action))
	c.field("valid until", "有效至", at(v.ValidUntil))
	c.field("ended", "终止", at(v.EndedAt))
	c.field("notice", "告知书", v.Notice.Name+" "+v.Notice.Version+" "+v.Notice.Language)
	c.field("text hash", "文本摘要", v.Notice.Text)
	c.field("erased by", "删除编号", v.Erased)
}

func newConsentList(c *cli) *cobra.Command {
	var path, input string
	var f outputFormat
	cmd := &cobra.Command{
		Use: "list --config FILE --input FILE", Short: "Print the consents of a person, oldest first",
		Long: `The person comes from a file, or with - from stdin, as {"id_number":"…"}. Times are UTC+8.`,
		Args: noArgs("--input gives the person"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		return c.withPerson(cmd, path, input, func(ctx context.Context, svc *consents.Service, number idv.Sensitive) error {
			found, err := svc.Find(ctx, tenant, number)
			if err != nil {
				return c.consentRefused(err, f.json)
			}
			return c.listConsents(&found, f)
		})
	}
	return cmd
}

// listConsents prints a line for each consent that was found.
func (c *cli) listConsents(found *consents.SubjectRecords, f outputFormat) error {
	out := c.listing(f, "consent 同意编号", "state 状态", "purpose 目的", "app 应用", "uses 次数", "drafted 生成", "decided 决定", "valid_until 有效至", "ended 终止",
		"role 身份")
	now := time.Now()
	for i := range found.Consents {
		r := &found.Consents[i]
		v := api.ConsentOf(r, now)
		v.AsGuardian = found.AsGuardian(r)
		err := out.line(v, csvfile.Text(v.ID), csvfile.Text(v.State), csvfile.Text(v.Purpose), csvfile.Text(v.App), csvfile.Text(usesText(r)),
			csvfile.Time(v.DraftedAt), csvfile.Time(v.DecidedAt), csvfile.Time(v.ValidUntil), csvfile.Time(v.EndedAt), csvfile.Text(roleText(v.AsGuardian)))
		if err != nil {
			return err
		}
	}
	return out.end(words.Text{EN: "no consent of this person is kept", ZH: "未保存此人的同意记录"}.In(c.lang))
}

// roleText says as what a person stands in a consent.
func roleText(guardian bool) string {
	if guardian {
		return "guardian"
	}
	return "subject"
}

// usesText says how much of a consent is used up.
func usesText(r *consent.Record) string { return fmt.Sprintf("%d/%d", r.Used, r.MaxUses) }
