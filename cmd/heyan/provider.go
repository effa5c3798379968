package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/pages"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers/declared"
)

func newProvider(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{Use: "provider", Short: "List, show, check and create providers: built-in vendors, YAML files and plugins"})
	cmd.AddCommand(newProviderList(c), newProviderShow(c), newProviderCheck(c), newProviderNew(c), newProviderTrial(c), newProviderDrain(c), newProviderResume(c), newProviderClose(c), newProviderSchema(c), newProviderServe())
	return cmd
}

func newProviderList(c *cli) *cobra.Command {
	var (
		path    string
		running string
		only    providerFilter
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use: "list [--check CHECK] [--vendor VENDOR] [--config FILE]", Short: "List the built-in products and the configured providers",
		Long: "Without --json the products are grouped by vendor. docs/providers/README.md compares their prices and charge rules.\n" +
			"With --config it starts the plugins of the configuration as the daemon does, reads their descriptors and stops them. It\n" +
			"calls no vendor and needs no secret.\n\n" +
			"With --running FILE, the configuration that the daemon was started with, it also starts those programs and tells which\n" +
			"plugins SIGHUP would not replace, since the new program names another recipient or source, or makes other promises.\n\n" +
			"Exit codes: 0 success; 1 a plugin cannot be started, or would not be replaced; 64 usage or configuration error.",
		Args: noArgs("use heyan provider show NAME"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := only.check(); err != nil {
				return err
			}
			c.listBuiltins(only, asJSON)
			if path == "" {
				return nil
			}
			loaded, err := c.load(path)
			if err != nil {
				return err
			}
			var current *config.Loaded
			if running != "" {
				if current, err = config.Load(running, c.environ); err != nil {
					return configError("--running: %s", faultLines(err))
				}
			}
			return c.listConfigured(cmd.Context(), loaded.Config, current, only, asJSON)
		},
	}
	configFlag(cmd, &path)
	only.add(cmd)
	cmd.Flags().StringVar(&running, "running", "", "the configuration `FILE` of the running daemon, to tell what SIGHUP would refuse")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// refusals sets for each provider why the running plugin of the same name would not be replaced.
func refusals(ctx context.Context, list []configured, next, running config.Config) (refused []error) {
	for i, p := range next.Providers {
		at := slices.IndexFunc(running.Providers, func(r config.Provider) bool { return r.Name == p.Name })
		if at < 0 || p.Plugin.Path == "" || running.Providers[at].Plugin.Path == "" || list[i].Plugin.Phase != plugins.Ready {
			continue
		}
		before, _, err := assemble.Describe(ctx, running.Providers[at])
		if err != nil {
			refused = append(refused, fmt.Errorf("%s: the running program cannot be read: %w", p.Name, err))
			continue
		}
		after, _, err := assemble.Describe(ctx, p)
		if why := plugins.Refused(before, after); err == nil && why != "" {
			list[i].Plugin.Refused = why
			refused = append(refused, fmt.Errorf("%s: SIGHUP would not replace the plugin: %s; %s", p.Name, why, plugins.ReasonChanged.Remedy()))
		}
	}
	return refused
}

// configured is the JSON of a configured provider: its name, the descriptor of its adapter and
// the state of its plugin.
type configured struct {
	Configured string `json:"configured"`
	descriptorView
	Plugin *pluginView `json:"plugin,omitempty"`
}

type pluginView struct {
	Path   string         `json:"path"`
	Phase  plugins.Phase  `json:"phase"`
	Reason plugins.Reason `json:"reason,omitempty"`
	Text   string         `json:"text,omitempty"`
	Remedy string         `json:"remedy,omitempty"`
	SHA256 string         `json:"sha256,omitempty"`

	Refused string `json:"refused,omitempty"` // why SIGHUP would not replace the running program by this one
}

// listConfigured starts the plugins concurrently and lists the providers, also those whose
// plugin cannot be started and which a filter would else leave out.
func (c *cli) listConfigured(ctx context.Context, conf config.Config, running *config.Loaded, only providerFilter, asJSON bool) error {
	list, errs := make([]configured, len(conf.Providers)), make([]error, len(conf.Providers))
	var group sync.WaitGroup
	for i, p := range conf.Providers {
		group.Go(func() { list[i], errs[i] = describeProvider(ctx, p) })
	}
	group.Wait()
	if running != nil {
		errs = append(errs, refusals(ctx, list, conf, running.Config)...)
	}
	rows := [][]string{c.headers("configured 配置名", "product 产品", "version 版本", "check 核验项", "recipient 接收方", "plugin 插件", "state 状态")}
	for i, one := range list {
		if errs[i] == nil && !only.matches(one.Name, one.Check) {
			continue
		}
		if asJSON {
			c.out.JSON(one)
		}
		row := []string{one.Configured, one.Name, one.Version, c.code(one.Check.String()), one.Recipient, "", ""}
		if p := one.Plugin; p != nil {
			row[5], row[6] = p.Path, c.code(string(p.Phase))
			if p.Reason != plugins.ReasonNone {
				row[6] = c.code(string(p.Phase), string(p.Reason))
			}
		}
		rows = append(rows, row)
	}
	if !asJSON {
		c.section(rows)
	}
	if err := errors.Join(errs...); err != nil {
		return &exitError{code: exitFound, err: errors.New(faultLines(err))}
	}
	return nil
}

// describeProvider returns the descriptor of a provider and the state of its plugin.
func describeProvider(ctx context.Context, p config.Provider) (configured, error) {
	one := configured{Configured: p.Name}
	if p.Plugin.Path != "" {
		one.Plugin = &pluginView{Path: p.Plugin.Path}
	}
	d, state, err := assemble.Describe(ctx, p)
	if err != nil {
		return failed(one, err), err
	}
	if one.Plugin != nil {
		one.Plugin.Phase, one.Plugin.SHA256 = state.Phase, state.SHA256
	}
	one.descriptorView = descriptorViewOf(d, false)
	one.Recipient = cmp.Or(p.Recipient, d.Recipient)
	return one, nil
}

func failed(one configured, err error) configured {
	one.descriptorView = descriptorViewOf(idv.Descriptor{}, false)
	if one.Plugin == nil {
		return one
	}
	one.Plugin.Phase = plugins.Failed
	var e *plugins.Error
	if errors.As(err, &e) {
		one.Plugin.Reason, one.Plugin.Text, one.Plugin.Remedy = e.Reason, e.Reason.What(), e.Reason.Remedy()
	}
	return one
}

func newProviderShow(c *cli) *cobra.Command {
	var (
		asJSON  bool
		product string
		how     startOptions
	)
	cmd := &cobra.Command{
		Use: "show NAME|FILE.yaml|BINARY [flags] [-- ARGS…]", Short: "Print the check, settings, prices and code table of each product of a vendor",
		DisableFlagsInUseLine: true,
		Args:                  targetArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			how.args = args[1:]
			v, err := openVendor(cmd.Context(), args[0], how)
			defer v.close(context.WithoutCancel(cmd.Context()))
			if err != nil {
				return c.pluginError(v, err)
			}
			if err := v.only(product); err != nil {
				return err
			}
			for i, p := range v.products {
				if asJSON {
					c.out.JSON(descriptorViewOf(p.descriptor, true))
					continue
				}
				if i > 0 {
					c.out.Linef("")
				}
				c.printDescriptor(p.descriptor)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&product, "product", "", "the product to print (default all)")
	jsonFlag(cmd, &asJSON)
	startFlags(cmd, &how)
	return cmd
}

// targetArgs requires one vendor; arguments after -- are for the program of its plugin.
func targetArgs(cmd *cobra.Command, args []string) error {
	before := len(args)
	if dash := cmd.ArgsLenAtDash(); dash >= 0 {
		before = dash
	}
	if before != 1 {
		return usageError("needs the name of a built-in vendor, or the path of a YAML file or a plugin program; put the arguments of the program after --")
	}
	return nil
}

// startFlags adds the flags for the start of a plugin.
func startFlags(cmd *cobra.Command, into *startOptions) {
	cmd.Flags().StringVar(&into.sum, "sha256", "", "the required SHA-256 of the plugin program (default any)")
	cmd.Flags().BoolVar(&into.plaintext, "plaintext", false, "use no TLS, for a plugin that does not support AutoMTLS")
	cmd.Flags().DurationVar(&into.timeout, "start-timeout", startTimeout, "how long the plugin may take to start")
}

// descriptorView is the JSON of a descriptor.
type descriptorView struct {
	Name      string         `json:"name"`
	Version   string         `json:"version"`
	Title     string         `json:"title"`
	Check     idv.Check      `json:"check"`
	Documents []idv.Document `json:"documents"`
	Fidelity  idv.Fidelity   `json:"fidelity"`
	Source    string         `json:"source"`
	Recipient string         `json:"recipient"`
	ZeroCache bool           `json:"no_store"`
	Transport string         `json:"transport"`
	Schemes   []string       `json:"schemes"`
	Settings  []api.Setting  `json:"settings,omitempty"`
	Prices    []priceView    `json:"prices,omitempty"`
	Codes     []codeView     `json:"codes,omitempty"`
}

type priceView struct {
	Units   int64    `json:"units"`
	Total   api.Cost `json:"total"`
	PerCall string   `json:"per_call"`
}

type codeView struct {
	Layer   string       `json:"layer"`
	Code    string       `json:"code"`
	Meaning string       `json:"meaning"`
	Field   string       `json:"field,omitempty"`
	Sent    idv.Delivery `json:"delivery"`
	Charge  idv.Charge   `json:"charge"`
	ByFlag  bool         `json:"by_flag,omitempty"`
	Account bool         `json:"account,omitempty"`
	Renews  bool         `json:"renews_token,omitempty"`
	Text    string       `json:"text"`
	Source  string       `json:"source"`
}

// descriptorViewOf returns the JSON of a descriptor; whole adds settings, prices and codes.
func descriptorViewOf(d idv.Descriptor, whole bool) descriptorView {
	c := descriptorView{
		Name: d.Name, Version: d.Version, Title: d.Title, Check: d.Check, Documents: d.Documents, Fidelity: d.Fidelity,
		Source: d.Source, Recipient: d.Recipient, ZeroCache: d.NoStore, Transport: pages.Transport(d), Schemes: d.Schemes,
	}
	if !whole {
		return c
	}
	c.Settings = api.SettingsOf(d.Settings)
	for _, p := range d.Prices {
		c.Prices = append(c.Prices, priceView{
			p.Units, api.CostOf(p.Total), p.PerCall().Amount(),
		})
	}
	c.Codes = rowViews(d)
	return c
}

// rowViews returns the JSON of a code table.
func rowViews(d idv.Descriptor) (list []codeView) {
	for _, r := range d.Codes {
		list = append(list, codeView{
			r.Layer, r.Code, pages.Meaning(r), r.Field.String(), r.Delivery, r.Charge, r.ByFlag, r.Account, r.RenewsToken, r.Text, r.Source,
		})
	}
	return list
}

func (c *cli) printDescriptor(d idv.Descriptor) {
	c.out.Linef("%s %s: %s\n", d.Name, d.Version, d.Title)
	c.field("check", "核验项", c.code(d.Check.String()))
	c.field("documents", "证件", join(d.Documents))
	c.field("fidelity", "精度", c.code(d.Fidelity.String()))
	c.field("source", "数据源", d.Source)
	c.field("recipient", "接收方", d.Recipient)
	transport := idv.Text{EN: pages.Transport(d), ZH: "由 heyan 发出"}
	if d.CustomTransport {
		transport.ZH = "供应商自带"
	}
	c.field("transport", "传输", transport.In(c.lang))
	c.field("signed by", "签名方式", strings.Join(d.Schemes, ", "))
	if d.Confidence != idv.ConfidenceUnknown {
		c.field("confidence", "可信度", pages.Confidence(d.Confidence).In(c.lang))
	}
	for _, note := range d.Notes {
		c.field("note", "说明", note)
	}
	rows := [][]string{c.headers("setting 设置", "default 默认", "required 必填", "secret 密钥", "help 说明")}
	for _, s := range d.Settings {
		rows = append(rows, []string{s.Name, s.Default, c.mark(s.Required), c.mark(s.Secret), s.Help})
	}
	c.section(rows)
	rows = [][]string{c.headers("calls 次数", "price 价格", "per_call 单价")}
	for _, p := range d.Prices {
		rows = append(rows, []string{fmt.Sprint(p.Units), p.Total.String(), p.PerCall().String()})
	}
	c.section(rows)
	vendor, gateway := pages.Layers(d.Codes)
	c.printCodes(vendor)
	c.printCodes(gateway)
}

// printCodes prints a code table.
func (c *cli) printCodes(list []idv.CodeRow) {
	rows := [][]string{c.headers("layer 层", "code 代码", "meaning 含义", "charge 计费", "text 说明")}
	for _, r := range list {
		rows = append(rows, []string{c.code(r.Layer), r.Code, c.code(pages.Meaning(r)), pages.Charge(r).In(c.lang), r.Text})
	}
	c.section(rows)
}

// mark returns "yes" or "".
func (c *cli) mark(yes bool) string {
	if !yes {
		return ""
	}
	return idv.Text{EN: "yes", ZH: "是"}.In(c.lang)
}

// join joins words with commas.
func join[T ~string | idv.Check](list []T) string {
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return strings.Join(out, ", ")
}

func newProviderSchema(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON schema of a vendor's product in YAML, for editors", Args: noArgs("run it as heyan provider schema"),
		RunE: func(*cobra.Command, []string) error {
			schema, err := declared.Schema()
			c.out.Linef("%s", schema)
			return internalError(err)
		},
	}
}

// newProviderServe makes the hidden command that serves a built-in vendor as a plugin, so
// that the vendor can run in a process of its own without another binary.
func newProviderServe() *cobra.Command {
	return &cobra.Command{
		Use: "serve NAME", Short: "Serve a built-in vendor as a plugin", Hidden: true,
		Args: exactly(1, "the name of a built-in vendor; heyan provider list lists them"),
		RunE: func(_ *cobra.Command, args []string) error {
			list := builtins(args[0])
			if len(list) == 0 {
				return usageError("no built-in vendor has this name; heyan provider list lists them")
			}
			// main handles SIGTERM as a request to shut down. A plugin has no state, so the signal ends
			// it at once.
			signal.Reset(syscall.SIGTERM)
			plugins.Serve(list[0], list[1:]...)
			return nil
		},
	}
}
