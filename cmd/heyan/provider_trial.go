package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/trial"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

// trialFlags are the flags of `heyan provider trial`.
type trialFlags struct {
	config, input, out, replay, fixtures, product string
	app, purpose, consent                         string
	yes, raw, dryRun, asJSON                      bool
}

func newProviderTrial(c *cli) *cobra.Command {
	var f trialFlags
	cmd := &cobra.Command{
		Use:   "trial NAME --config FILE --input FILE",
		Short: "Make one confirmed live call to a configured provider and show the masked reply",
		Long: "Makes exactly one call, with consent, policy and ledger as heyan verify, without failover and without a cached answer,\n" +
			"and asks for confirmation of the price first. Prints status, headers and body: values that are on the path to the code,\n" +
			"and words of a list; all others are replaced by made-up values of the same kind and length. Marks members that the codec\n" +
			"does not read, that are missing, and codes that are unlisted or inferred, and writes a recorded reply about the fictitious\n" +
			"person, which heyan provider check reads and which can be contributed. A call without a reply is recorded as unknown and\n" +
			"never repeated.\n\n" +
			"With --replay it decodes a saved reply without a call: a recorded reply, or the output of curl -i. NAME is then a configured\n" +
			"provider, or without --config what heyan provider check takes. No secret is needed. The reply is about the fictitious person\n" +
			"of the fixtures unless --input names another.\n\n" +
			"With --dry-run it shows the request as it would be signed and sent: method, address, headers, parameters and body. A value is\n" +
			"shown if neither the person nor a secret changes it. Nothing is sent, and ledger, consents and policy are not used.\n\n" +
			"Exit codes: 0 match; 1 mismatch; 2 no record; 3 no verdict; 4 refused before any call, or not confirmed.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "the name of a configured provider"),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := providerName(args[0])
			switch {
			case err != nil:
				return err
			case f.raw:
				return usageError("--raw: a reply is never printed unmasked, since terminals and logs keep it; the masked reply shows names, types and codes")
			case f.dryRun:
				return c.rehearseTrial(cmd.Context(), name, f)
			case f.replay != "":
				return c.replayTrial(cmd.Context(), name, f)
			}
			return c.liveTrial(cmd.Context(), name, f)
		},
	}
	flags := cmd.Flags()
	configFlag(cmd, &f.config)
	inputFlag(cmd, &f.input)
	flags.StringVar(&f.out, "out", "", "the file of the recorded reply (default NAME-trial.json, or the next free name; with --replay none); existing files are never overwritten")
	flags.StringVar(&f.replay, "replay", "", "decode this saved reply without a call")
	flags.StringVar(&f.fixtures, "fixtures", "", "a folder of recorded replies to compare with (default those of the product)")
	flags.StringVar(&f.product, "product", "", "with --replay and without --config: the product of a plugin that serves several")
	c.tenantFlag(flags)
	flags.StringVar(&f.app, "app", ownApp, "the calling app, as the consent names it")
	flags.StringVar(&f.purpose, "purpose", "", "the purpose of the verification; recorded with the result")
	flags.StringVar(&f.consent, "consent", "", "the id of the subject's consent, as heyan consent record prints it")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show the masked request as it would be signed and sent, and send nothing")
	flags.BoolVar(&f.yes, "yes", false, "do not prompt for confirmation of the call and its price")
	flags.BoolVar(&f.raw, "raw", false, "refused: a reply is never printed unmasked")
	_ = flags.MarkHidden("raw") // it exists
	jsonFlag(cmd, &f.asJSON)
	return cmd
}

// recorder joins a codec with its transport and keeps the one reply of a trial, in memory
// only. The codec gets no header that it does not get otherwise.
type recorder struct {
	idv.Provider
	codec     providers.Codec
	transport providers.Transport
	query     idv.Query
	reply     *providers.Reply // nil if none came
}

// Ask keeps the query.
func (r *recorder) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	r.query = q
	return r.Provider.Ask(ctx, q)
}

// Availability returns that of the provider, whose plugin may be restarting.
func (r *recorder) Availability() idv.Availability { return idv.AvailabilityOf(r.Provider) }

// Do makes the call and keeps its reply.
func (r *recorder) Do(ctx context.Context, call providers.Call) (providers.Reply, error) {
	own := call.Replies
	call.Replies.Headers = slices.Concat(own.Headers, diagnosticHeaders())
	reply, err := r.transport.Do(ctx, call)
	if err != nil {
		return reply, err
	}
	r.reply = &reply
	narrow := reply
	narrow.Header = trial.CodecHeaders(reply.Header, own)
	return narrow, nil
}

// Renew passes a refused access token on.
func (r *recorder) Renew(refused providers.Credential) bool {
	t, ok := r.transport.(providers.Renewer)
	return ok && t.Renew(refused)
}

// diagnosticHeaders are headers that a trial shows beside those that the codec reads.
func diagnosticHeaders() []string {
	return []string{
		"Server", "Via", "Location", "Content-Encoding", "Content-Language", "X-Request-Id", "X-Trace-Id", "X-Ca-Request-Id",
		"X-Ca-Error-Code", "X-Ca-Error-Message", "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "Www-Authenticate",
	}
}

// examineTimeout bounds the work of a plugin on the replies that are made of the one reply.
const examineTimeout = 10 * time.Second

// liveCall is what the one call of a trial needs.
type liveCall struct {
	provider   config.Provider
	descriptor idv.Descriptor
	app        *assemble.App
	kept       *recorder // nil for a provider with its own transport
	request    idv.Request
	recorded   []providertest.Recording
}

// liveTrial makes the one call of a trial.
func (c *cli) liveTrial(ctx context.Context, name string, f trialFlags) error {
	if f.out == "" {
		f.out = c.freeName(strings.ReplaceAll(name, "/", "-") + "-trial")
	}
	if err := c.checkTrial(f); err != nil {
		return err
	}
	call, err := c.openTrial(ctx, name, f)
	if err != nil {
		return err
	}
	defer func() { _ = call.app.Close(context.WithoutCancel(ctx)) }() // no call is in flight
	if done, err := c.confirmTrial(ctx, call, f); done || err != nil {
		return err
	}
	view := trialView{Provider: name, Product: call.descriptor.Name}
	v, refused := call.app.Engine.Verify(ctx, call.request)
	view.Reply = call.examine(ctx)
	if refused == nil {
		view.v = &v
		return c.endTrial(view, f, verdictCode(v.Verdict))
	}
	if view.Reply != nil { // the store failed after the reply, which is paid for
		_ = c.endTrial(view, f, exitNoVerdict) // the refusal is the error
	}
	return c.refused(refused, f.asJSON && view.Reply == nil)
}

// freeName returns the file of a recorded reply by its name without the extension, with a
// number if there is such a file.
func (c *cli) freeName(base string) string {
	name := base + ".json"
	for n := 2; ; n++ {
		if _, err := os.Lstat(name); err != nil {
			break
		}
		name = fmt.Sprintf("%s-%d.json", base, n)
	}
	if name != base+".json" {
		c.notef(idv.Text{EN: "%s exists, so the reply goes to %s.", ZH: "%s 已存在，应答将写入 %s。"}.In(c.lang), base+".json", name)
	}
	return name
}

// openTrial assembles an engine with the one provider.
func (c *cli) openTrial(ctx context.Context, name string, f trialFlags) (*liveCall, error) {
	loaded, err := c.load(f.config)
	if err != nil {
		return nil, err
	}
	conf, p, err := only(loaded.Config, name)
	if err != nil {
		return nil, err
	}
	call := &liveCall{provider: p}
	if call.recorded, err = recordedOf(ctx, p, f); err != nil {
		return nil, err
	}
	subject, err := c.readSubject(f.input)
	if err != nil {
		return nil, err
	}
	o := c.attached(conf)
	o.Join = func(codec providers.Codec, t providers.Transport) idv.Provider {
		call.kept = &recorder{codec: codec, transport: t}
		call.kept.Provider = providers.NewProvider(codec, call.kept)
		return call.kept
	}
	if call.app, err = assemble.New(ctx, o); err != nil {
		return nil, c.startError("--config: ", err)
	}
	d := call.app.Descriptor(p)
	call.descriptor = d
	call.request = idv.Request{
		Tenant: c.tenant, App: f.app, Purpose: f.purpose, ConsentID: f.consent, Check: d.Check, Subject: subject.Only(d.Check.Claims()),
	}
	return call, nil
}

// examine returns the report of the reply, nil if none came.
func (call *liveCall) examine(ctx context.Context) *trial.Report {
	if call.kept == nil || call.kept.reply == nil {
		return nil
	}
	// The reply is paid for, so an interrupt does not end this, but a plugin that hangs does.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), examineTimeout)
	defer cancel()
	report := trial.Examine(ctx, trial.Reply{Codec: call.kept.codec, Query: call.kept.query, Reply: *call.kept.reply, Recorded: call.recorded})
	return &report
}

// checkTrial finds what would fail after the call that is paid for.
func (c *cli) checkTrial(f trialFlags) error {
	if err := required("--input", f.input, "name a JSON file with the subject, or - for stdin"); err != nil {
		return err
	}
	if _, err := os.Lstat(f.out); err == nil {
		return configError("--out: the file exists, and a reply never replaces one; name another file, or omit --out for the next free name. Nothing was sent")
	}
	probe, err := os.CreateTemp(filepath.Dir(f.out), ".heyan-trial-*")
	if err != nil {
		return configError("--out: cannot write to the folder: %v", strictyaml.Cause(err))
	}
	_ = errors.Join(probe.Close(), os.Remove(probe.Name())) // it is empty
	if f.yes {
		return nil
	}
	return c.requireTerminal(f.input, "use --yes to make the call, which may be billed, without confirmation")
}

// only reduces a configuration to one provider, so that nothing else can be called.
func only(conf config.Config, name string) (config.Config, config.Provider, error) {
	i := slices.IndexFunc(conf.Providers, func(p config.Provider) bool { return p.Name == name })
	if i < 0 {
		return conf, config.Provider{}, notConfigured()
	}
	p := conf.Providers[i]
	p.CacheTTL = 0
	conf.Providers = []config.Provider{p}
	route := config.Route{Mode: "priority", Providers: []string{p.Name}, MaxAttempts: 1}
	for _, r := range conf.Routes {
		if slices.Contains(r.Providers, p.Name) {
			route.Check = r.Check
		}
	}
	if route.Check == "" {
		return conf, p, usageError("no route has this provider; add it to the route of its check, after the others")
	}
	conf.Routes = []config.Route{route}
	conf.Accounts = slices.DeleteFunc(slices.Clone(conf.Accounts), func(a config.Account) bool { return a.Name != p.Account })
	return conf, p, nil
}

// confirmTrial shows what the call is, and asks. done says that the command has ended.
func (c *cli) confirmTrial(ctx context.Context, call *liveCall, f trialFlags) (done bool, err error) {
	p, d, r := call.provider, call.descriptor, call.request
	plan, err := call.app.Engine.Explain(ctx, r)
	if err != nil {
		return true, c.refused(err, f.asJSON)
	}
	if len(plan.Steps) == 0 {
		return true, c.printPlan(plan, f.asJSON)
	}
	recipient := p.Recipient
	if recipient == "" {
		recipient = d.Recipient
	}
	c.notef(idv.Text{
		EN: "One call to %s (%s), %s: %s goes to %s. Price: %s, if the vendor charges the call.",
		ZH: "将调用 %s（%s，%s）一次：%s 将提供给 %s。若供应商计费，费用为 %s。",
	}.In(c.lang), p.Name, d.Name, d.Check, subjectText(r.Subject.Masked()), recipient, priceText(p.Price.Of(d)).In(c.lang))
	if f.yes {
		return false, nil
	}
	answer, err := c.prompt(idv.Text{EN: "Type yes to call:", ZH: "确认调用请输入 yes："}.In(c.lang))
	if err == nil && !slices.Contains([]string{"yes", "是"}, strings.ToLower(answer)) {
		err = &exitError{code: exitRefused, err: errors.New(idv.Text{EN: "not confirmed; nothing was sent", ZH: "未确认，未发送任何数据"}.In(c.lang))}
	}
	return err != nil, err
}

// priceText returns a price for the question whether to pay it. Few vendors publish one, and
// an unknown price must not look like a free call.
func priceText(price idv.Money) idv.Text {
	if price.Currency == "" {
		return idv.Text{EN: "not known (set providers[].price)", ZH: "未知（未配置 providers[].price）"}
	}
	return idv.Text{EN: price.String(), ZH: price.String()}
}

// recordedOf returns the recorded replies of a configured provider.
func recordedOf(ctx context.Context, p config.Provider, f trialFlags) ([]providertest.Recording, error) {
	if p.Plugin.Path != "" && f.fixtures == "" {
		return nil, nil
	}
	if f.fixtures != "" {
		return checkFlags{fixtures: f.fixtures}.load(&vendor{}, product{}, false)
	}
	v, err := openVendor(ctx, wordOf(p), startOptions{})
	if err != nil {
		return nil, err
	}
	return recordedBy(v.products[0])
}

// recordedBy returns the recorded replies that come with a product.
func recordedBy(p product) ([]providertest.Recording, error) {
	if p.builtin.Fixtures == nil {
		return nil, nil
	}
	folders, err := p.builtin.Fixtures()
	if err != nil {
		return nil, nil //nolint:nilerr // a YAML file without replies is tried too
	}
	list, err := providertest.Recordings(folders...)
	return list, configFault("fixtures", err)
}

// wordOf returns what openVendor takes for a configured provider.
func wordOf(p config.Provider) string {
	switch {
	case p.Plugin.Path != "":
		return p.Plugin.Path
	case p.Declared != "":
		return p.Declared
	}
	return p.Use
}
