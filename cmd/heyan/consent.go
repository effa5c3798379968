package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/audit"
	"github.com/heyan-id/heyan/policy/consent"
)

func newConsent(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "consent", Short: "Manage notices, consents and receipts",
	})
	cmd.AddCommand(newConsentReceipt(c))
	cmd.AddCommand(newConsentNotice(c), newConsentLint(c))
	for _, sub := range []*cobra.Command{
		newConsentRecord(c), newConsentPresent(c), newConsentGive(c), newConsentRefuse(c), newConsentWithdraw(c), newConsentShow(c), newConsentList(c),
	} {
		c.tenantFlag(sub.Flags())
		cmd.AddCommand(sub)
	}
	return cmd
}

// withConsents opens the consent service for one command. A daemon may use the same store
// at the same time.
func (c *cli) withConsents(cmd *cobra.Command, path string, want storeAccess, do func(context.Context, *consents.Service) error) (err error) {
	loaded, err := c.load(path)
	if err != nil {
		return err
	}
	if checkStore(loaded.Config.Store, want) != nil {
		return configError("--config: store: no data there: the memory store ends with its process, and the path of a sqlite file is relative to " +
			"the folder in which the daemon is started; start heyan in that folder, or use sqlite or postgres")
	}
	ctx := cmd.Context()
	service, s, err := assemble.OpenConsents(ctx, c.attached(loaded.Config))
	if err != nil {
		return c.storeError("--config: ", err)
	}
	defer func() { err = c.unavailable(internalError(errors.Join(err, s.Close()))) }()
	return do(ctx, service)
}

// acting returns a context under which a change of the tenant's consents is recorded.
func (c *cli) acting(ctx context.Context, svc *consents.Service, k audit.Kind, target string) context.Context {
	return audit.With(ctx, svc.Keyring, audit.Act{Tenant: c.tenant, Principal: principal(), Kind: k, Target: target})
}

// consentRefused explains why the consent service refused.
func (c *cli) consentRefused(err error, asJSON bool) error {
	var blanks strictyaml.Faults
	var known *idv.Error
	var failed *plugins.Error
	switch {
	case errors.As(err, &failed):
		return configError("--config: %s", faultLines(err))
	case errors.Is(err, consent.ErrNotFound):
		return usageError("no such consent; `heyan consent list` lists the consents of a person")
	case errors.Is(err, consents.ErrText):
		return configError("%w", consents.ErrText)
	case errors.Is(err, consent.ErrErased):
		err = &policy.Denial{Failure: idv.Denied, Field: idv.FieldConsentID, Decision: policy.Deny(policy.Reason{
			Rule: consent.RulePrefix + "erased", ZH: "此人信息已删除，文本与密钥一并销毁。", EN: "The personal data, the text and the keys have been erased.",
		})}
	case errors.As(err, &blanks):
		err = &idv.Error{Failure: idv.InvalidInput, Origin: idv.OriginCaller, Code: "notice", Detail: blanks.Error()}
	case !errors.As(err, &known), refusalCode(known.Failure) == exitInternal:
		return internalError(err)
	}
	e := idv.AsError(err)
	flag := flagOf(e.Field)
	switch e.Field {
	case idv.FieldName, idv.FieldIDNumber, idv.FieldBankCard:
		flag = e.Field.String() + " (--input)"
	case idv.FieldConsentID:
		flag = "" // the rule names the consent, which is an argument here
	}
	return c.printRefusal(err, idv.Text{EN: "refused (%s): %s", ZH: "已拒绝（%s）：%s"}, flag, asJSON)
}

// requireTerminal rejects a command that must prompt but has no terminal on stdin.
func (c *cli) requireTerminal(input, instead string) error {
	if input == "-" || !terminal.IsTerminal(c.stdin) {
		return usageError("cannot prompt: stdin is not a terminal, or --input reads from it; %s", instead)
	}
	return nil
}

// prompt asks on the terminal and returns the line that the user types.
func (c *cli) prompt(question string) (string, error) {
	_, _ = fmt.Fprintf(c.stderr, "%s ", question) // without the question there is no answer
	in, err := c.open("-")
	if err != nil {
		return "", internalError(err)
	}
	line, err := readLine(bufio.NewReader(in))
	if err != nil && !errors.Is(err, io.EOF) { // the end of the input is an empty answer
		return "", inputError(err, "stdin: reading the answer failed")
	}
	return strings.TrimSpace(line), nil
}

// oneConsent completes a command whose argument is the id of a consent.
func (c *cli) oneConsent(cmd *cobra.Command, do func(ctx context.Context, svc *consents.Service, id string, asJSON bool) error) *cobra.Command {
	var path string
	var asJSON bool
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.DisableFlagsInUseLine = true
	cmd.Args = oneIdentifier("the id of one consent, as heyan consent record and heyan consent list print it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withConsents(cmd, path, mustExist, func(ctx context.Context, svc *consents.Service) error { return do(ctx, svc, args[0], asJSON) })
	}
	return cmd
}

func newConsentPresent(c *cli) *cobra.Command {
	var proof consent.Proof
	cmd := c.oneConsent(&cobra.Command{
		Use: "present ID --config FILE", Short: "Print the text of a drafted consent and record that it was shown",
	}, func(ctx context.Context, svc *consents.Service, id string, asJSON bool) error {
		if err := checkChannel(proof.Channel); err != nil {
			return err
		}
		text, err := svc.Text(ctx, c.tenant, id)
		if err != nil {
			return c.consentRefused(err, asJSON)
		}
		record, err := svc.Change(c.acting(ctx, svc, audit.ConsentRecord, id), c.tenant, id, consent.Event{Kind: consent.Present, Proof: proof})
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
		Use: "give ID --action A --config FILE", Short: "Record that the person consented to the text that was shown",
		Long: "A newer consent of the same person, app and purpose supersedes the older one. A consent sooner after the presentation\n" +
			"than policy.consent.min_review is rejected, since the text cannot have been read.\n\n" +
			"Exit codes: 0 success; 4 refused.",
	}, func(ctx context.Context, svc *consents.Service, id string, asJSON bool) error {
		if !slices.Contains(consent.Actions(), consent.Action(action)) {
			return usageError("--action: must be checkbox, typed_name, signature or spoken")
		}
		event := consent.Event{Kind: consent.Give, Text: hash, Proof: consent.Proof{Action: consent.Action(action)}}
		if hash == "" {
			record, err := svc.Consent(ctx, c.tenant, id)
			if err != nil {
				return c.consentRefused(err, asJSON)
			}
			event.Text = record.Notice.Text
		}
		return c.change(ctx, svc, id, event, asJSON)
	})
	cmd.Flags().StringVar(&action, "action", "", "how the person consented: checkbox, typed_name, signature or spoken")
	cmd.Flags().StringVar(&hash, "text-hash", "", "the text_hash of the text that the person saw (default that of the record)")
	return cmd
}

func newConsentRefuse(c *cli) *cobra.Command {
	return c.oneConsent(&cobra.Command{
		Use: "refuse ID --config FILE", Short: "Record that the person refused; a new request is blocked for a while",
	}, c.oneKind(consent.Refuse))
}

func newConsentWithdraw(c *cli) *cobra.Command {
	return c.oneConsent(&cobra.Command{
		Use: "withdraw ID --config FILE", Short: "Withdraw a consent; no further call is made on it",
		Long: "From then on no call is made on the consent, also not within a running verification. Earlier processing stays lawful.\n" +
			"Withdrawing twice is not an error.",
	}, c.oneKind(consent.Withdraw))
}

// oneKind returns the command for an event that has only a kind.
func (c *cli) oneKind(k consent.Kind) func(context.Context, *consents.Service, string, bool) error {
	return func(ctx context.Context, svc *consents.Service, id string, asJSON bool) error {
		return c.change(ctx, svc, id, consent.Event{Kind: k}, asJSON)
	}
}

// change records an event and prints the new state of the consent.
func (c *cli) change(ctx context.Context, svc *consents.Service, id string, e consent.Event, asJSON bool) error {
	act := audit.ConsentRecord
	if e.Kind == consent.Withdraw {
		act = audit.ConsentWithdraw
	}
	record, err := svc.Change(c.acting(ctx, svc, act, id), c.tenant, id, e)
	switch {
	case err != nil:
		return c.consentRefused(err, asJSON)
	case asJSON:
		c.out.JSON(api.ConsentOf(&record, time.Now()))
	case record.State == consent.Given:
		until := csvfile.Time(record.Until()).Plain()
		c.say(fmt.Sprintf("%s: given; valid for up to %s until %s", record.ID, idv.Count(record.MaxUses, "verification"), until),
			fmt.Sprintf("%s：已同意（given），可用于 %d 次核验，有效至 %s", record.ID, record.MaxUses, until))
	default:
		c.out.Linef(idv.Text{EN: "%s: %s", ZH: "%s：%s"}.In(c.lang), record.ID, stateText(record.State).In(c.lang))
	}
	return nil
}

func newConsentShow(c *cli) *cobra.Command {
	var withText bool
	cmd := c.oneConsent(&cobra.Command{
		Use: "show ID --config FILE", Short: "Print the record of a consent, or with --text the text that was shown",
		Long: "The text contains the person's name and ID number: print it for that person only, never into a log. It is restored\n" +
			"byte for byte from encrypted data, and is lost when the person is erased. Times are UTC+8.",
	}, func(ctx context.Context, svc *consents.Service, id string, asJSON bool) error {
		if withText {
			text, err := svc.Text(ctx, c.tenant, id)
			if err != nil {
				return c.consentRefused(err, asJSON)
			}
			record, err := svc.Consent(ctx, c.tenant, id)
			if err != nil {
				return c.consentRefused(err, asJSON)
			}
			c.showText(record, text.Body, asJSON)
			return nil
		}
		record, err := svc.Consent(ctx, c.tenant, id)
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
	cmd.Flags().BoolVar(&withText, "text", false, "print the text that was shown, including the name and the ID number")
	return cmd
}

// stateText describes the state of a consent.
func stateText(s consent.State) idv.Text {
	texts := map[consent.State]idv.Text{
		consent.Drafted:    {EN: "drafted; not shown yet", ZH: "文本已生成（drafted），尚未展示"},
		consent.Presented:  {EN: "presented; no decision yet", ZH: "已展示（presented），本人尚未决定"},
		consent.Given:      {EN: "given", ZH: "已同意（given）"},
		consent.Refused:    {EN: "refused; no verification may use it", ZH: "已拒绝（refused），不得据此核验"},
		consent.Withdrawn:  {EN: "withdrawn; no verification may use it", ZH: "已撤回（withdrawn），不得再据此核验"},
		consent.Expired:    {EN: "expired; no verification may use it", ZH: "已过期（expired）"},
		consent.Superseded: {EN: "superseded by a newer consent", ZH: "已被较新的同意取代（superseded）"},
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
	c.field("data", "信息", codes(c, v.Items))
	for _, p := range v.Recipients {
		c.field("recipient", "接收方", plain(p.Name+", "+p.Contact))
	}
	c.field("guardian", "监护人", plain(v.Guardian))
	c.field("uses", "次数", usesText(r))
	c.field("drafted", "生成", at(v.DraftedAt))
	c.field("presented", "展示", at(v.PresentedAt))
	c.field("decided", "决定", at(v.DecidedAt))
	c.field("action", "方式", c.code(string(v.Proof.Action)))
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
		Use: "list --config FILE --input FILE", Short: "List the consents of a person, oldest first",
		Long: `The person is read from a file, or with - from stdin, as {"id_number":"…"}. Times are UTC+8.`,
		Args: noArgs("use --input"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		return c.withPerson(cmd, path, input, func(ctx context.Context, svc *consents.Service, person idv.Subject) error {
			found, err := svc.Find(ctx, c.tenant, person)
			if err != nil {
				return c.consentRefused(err, f.json)
			}
			return c.listConsents(&found, f)
		})
	}
	return cmd
}

// listConsents prints one row for each consent.
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
	return out.end(idv.Text{EN: "no consent of this person", ZH: "未保存此人的同意记录"}.In(c.lang))
}

// roleText returns the role of the person in a consent.
func roleText(guardian bool) string {
	if guardian {
		return "guardian"
	}
	return "subject"
}

// usesText returns the used and the allowed verifications of a consent.
func usesText(r *consent.Record) string { return fmt.Sprintf("%d/%d", r.Used, r.MaxUses) }
