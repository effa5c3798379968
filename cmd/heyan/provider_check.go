package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/certify"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

// checkFlags are the flags of `heyan provider check`.
type checkFlags struct {
	startOptions
	product   string
	fixtures  string
	settings  map[string]string
	check     string
	notEchoed []string
	asJSON    bool
}

func newProviderCheck(c *cli) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check NAME|FILE.yaml|BINARY [flags] [-- ARGS…]",
		Short: "Run the provider contract against a built-in vendor, a YAML file or a plugin",
		Long: "Starts the program of a plugin as the daemon does, and tests each rule of the contract with replies that are derived\n" +
			"from its fixtures: truncated, with duplicate or malformed fields, or about another person. Nothing leaves this\n" +
			"machine. The program runs with your permissions, so check only programs that you trust.\n\n" +
			"Fixtures: NAME.json is one recorded reply of the vendor or of its gateway, with what must come of it:\n" +
			`  {"status": 200, "headers": {}, "body": {"code": "1"}, "expect": {"verdict": "match", "charge": "charged", "vendor_code": "1"}}` + "\n" +
			"The body is an object or a string, or body_base64 in its place. expect has a verdict or a failure, the charge, and\n" +
			"optionally field, vendor_code (its parts joined by /) and vendor_ref. There must be one for each code of the vendor.\n" +
			"If a plugin serves several products, each has a folder of its own, named after the part behind the slash. All are\n" +
			"about 测试 with the number 11010120990101005X, a fictitious person, unless subject names another.\n\n" +
			"A provider with its own transport is tested against a server on a loopback address; it needs the setting base_url, and\n" +
			"receives placeholders for its secret settings. So does a required setting without a default that --setting does not give.\n\n" +
			"Of a YAML file, the fixtures are in the folder of its name without .yaml, and the replies of the Aliyun gateway come with heyan.\n\n" +
			"Exit codes: 0 no rule fails; 1 a rule fails, the YAML file has faults, or the program is not a valid plugin; 64 usage error.",
		DisableFlagsInUseLine: true,
		Args:                  targetArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.args = args[1:]
			return c.certify(cmd.Context(), args[0], f)
		},
	}
	cmd.Flags().StringVar(&f.product, "product", "", "the product to check (default all)")
	cmd.Flags().StringVar(&f.fixtures, "fixtures", "", "the folder of the fixtures (default testdata beside the program, or those of the built-in vendor)")
	cmd.Flags().StringToStringVar(&f.settings, "setting", nil, "a setting as name=value; may be repeated (default those of the descriptor)")
	cmd.Flags().StringVar(&f.check, "check", "", "the check that the fixtures answer (default that of the descriptor)")
	cmd.Flags().StringSliceVar(&f.notEchoed, "not-echoed", nil, "claims that the vendor does not echo, such as mobile; the rules about echoes are skipped if it echoes none")
	startFlags(cmd, &f.startOptions)
	jsonFlag(cmd, &f.asJSON)
	return cmd
}

// certify runs the contract for each product and prints the results.
func (c *cli) certify(ctx context.Context, word string, f checkFlags) error {
	f.startOptions.fixtures = f.fixtures
	v, err := openVendor(ctx, word, f.startOptions)
	defer v.close(context.WithoutCancel(ctx))
	if err != nil {
		return c.pluginError(v, err)
	}
	several := len(v.products) > 1
	if err := v.only(f.product); err != nil {
		return err
	}
	if len(v.products) > 1 && (len(f.settings) > 0 || f.check != "" || len(f.notEchoed) > 0) {
		return usageError("--setting, --check and --not-echoed are for one product; choose it with --product")
	}
	failed := 0
	for _, p := range v.products {
		broken, err := c.certifyProduct(ctx, v, p, several, f)
		if err != nil {
			return err
		}
		failed += broken
	}
	if failed == 0 {
		return nil
	}
	if v.log != nil {
		c.printLog(v.log)
	}
	return exitCode(exitFound)
}

// result is the JSON of one rule.
type result struct {
	Product string `json:"product"`
	certify.Result
}

// certifyProduct runs the contract for one product and returns how many rules failed.
func (c *cli) certifyProduct(ctx context.Context, v *vendor, p product, several bool, f checkFlags) (broken int, err error) {
	a, err := f.adapter(ctx, v, p, several)
	if err != nil {
		return 0, c.pluginError(v, err)
	}
	if !f.asJSON {
		c.printVendor(v, p, len(a.Recordings))
	}
	var reasons []string
	total, err := certify.Run(ctx, a, func(s certify.Result) {
		if s.Skipped != "" && !slices.Contains(reasons, s.Skipped) {
			reasons = append(reasons, s.Skipped)
		}
		if f.asJSON {
			c.out.JSON(result{p.descriptor.Name, s})
			return
		}
		c.printRule(s)
	})
	switch {
	case ctx.Err() != nil:
		return 0, internalError(err)
	case err != nil:
		return 0, configError("%v", err)
	}
	if f.asJSON {
		c.out.JSON(v.certificate(p, len(a.Recordings), total))
	} else {
		c.printCount(total, reasons)
	}
	return total.Failed, nil
}

func (c *cli) printVendor(v *vendor, p product, fixtures int) {
	c.out.Linef("%s %s: %s\n", p.descriptor.Name, p.descriptor.Version, p.descriptor.Title)
	c.field("check", "核验项", c.code(p.descriptor.Check.String()))
	c.field("recipient", "接收方", p.descriptor.Recipient)
	c.field("codes", "代码", c.codeCount(p.descriptor))
	c.field("fixtures", "样例", fmt.Sprint(fixtures))
	if v.plugin != nil {
		c.field("protocol", "协议", protocol)
		c.field("ready in", "启动用时", fmt.Sprintf("%d ms", v.ready.Milliseconds()))
		c.field("sha256", "sha256", v.plugin.State().SHA256)
	}
	c.out.Linef("")
}

// codeCount returns the number of codes by who sends them, since a vendor's file lists its own
// alone.
func (c *cli) codeCount(d idv.Descriptor) string {
	own := 0
	for _, row := range d.Codes {
		if row.Layer == providers.LayerVendor {
			own++
		}
	}
	if own == len(d.Codes) {
		return fmt.Sprint(own)
	}
	return fmt.Sprintf(idv.Text{EN: "%d (%d of the vendor, %d of its gateway)", ZH: "%d（供应商 %d，网关 %d）"}.In(c.lang), len(d.Codes), own, len(d.Codes)-own)
}

func (c *cli) printRule(s certify.Result) {
	s.Says = c.text(s.Says)
	switch {
	case s.Skipped != "":
		c.out.Linef(idv.Text{EN: "- %-20s skipped (%s): %s", ZH: "- %-20s 已跳过（%s）：%s"}.In(c.lang), s.Rule, s.Skipped, s.Says)
	case s.Passed:
		c.out.Linef("✓ %-20s %s", s.Rule, s.Says)
	default:
		c.out.Linef("✗ %-20s %s\n  %-20s %s", s.Rule, s.Says, "", s.Failure)
	}
}

// rules returns a number of rules.
func (c *cli) rules(n int) string {
	return idv.Text{EN: idv.Count(n, "rule"), ZH: fmt.Sprintf("%d 条规则", n)}.In(c.lang)
}

func (c *cli) printCount(t certify.Total, reasons []string) {
	count := func(en, zh string, args ...any) string {
		return fmt.Sprintf(idv.Text{EN: en, ZH: zh}.In(c.lang), args...)
	}
	line := count("All %s passed", "%s全部通过", c.rules(t.Rules))
	switch {
	case t.Failed > 0:
		line = count("%d of %s failed", "共 %[2]s，%[1]d 条未通过", t.Failed, c.rules(t.Rules))
	case t.Skipped > 0:
		line = count("%d of %s passed", "共 %[2]s，%[1]d 条通过", t.Rules-t.Skipped, c.rules(t.Rules))
	}
	if t.Skipped > 0 {
		line += count(", %d skipped (%s)", "，%d 条已跳过（%s）", t.Skipped, strings.Join(reasons, "; "))
	}
	c.out.Linef("\n%s", line+idv.Text{EN: ".", ZH: "。"}.In(c.lang))
}

// certificate is the JSON of the overall result.
type certificate struct {
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	Check    idv.Check `json:"check"`
	Receiver string    `json:"recipient"`
	Protocol string    `json:"protocol,omitempty"`
	SHA256   string    `json:"sha256,omitempty"`
	ReadyMS  int64     `json:"ready_ms,omitempty"`
	Codes    int       `json:"codes"`
	Fixtures int       `json:"fixtures"`
	certify.Total
}

func (v *vendor) certificate(p product, fixtures int, total certify.Total) certificate {
	c := certificate{
		Name: p.descriptor.Name, Version: p.descriptor.Version, Check: p.descriptor.Check, Receiver: p.descriptor.Recipient,
		Codes: len(p.descriptor.Codes), Fixtures: fixtures, Total: total,
	}
	if v.plugin != nil {
		c.Protocol, c.SHA256, c.ReadyMS = protocol, v.plugin.State().SHA256, v.ready.Milliseconds()
	}
	return c
}

// adapter returns the adapter to check, with its settings and fixtures.
func (f checkFlags) adapter(ctx context.Context, v *vendor, p product, several bool) (certify.Adapter, error) {
	a := certify.Adapter{Card: p.descriptor, NotEchoed: p.builtin.NotEchoed}
	var err error
	if a.Recordings, err = f.load(v, p, several); err != nil {
		return a, err
	}
	if err := f.question(&a); err != nil {
		return a, err
	}
	settings, secrets, err := f.values(p.descriptor)
	switch {
	case err != nil:
		return a, err
	case v.plugin == nil:
		a.Codec, err = p.builtin.New(settings)
	case p.descriptor.CustomTransport:
		a.Provider, err = customTransport(ctx, p.plugged, settings, secrets)
	default:
		a.Codec, err = p.plugged.Codec(ctx, settings)
	}
	return a, err
}

// load reads the fixtures. With several products, each has a folder of its own.
func (f checkFlags) load(v *vendor, p product, several bool) (list []providertest.Recording, err error) {
	dir := f.fixtures
	if v.file || dir == "" && v.plugin == nil {
		list, err = providertest.RecordingsOf(p.builtin)
	} else {
		dir = cmp.Or(dir, filepath.Join(filepath.Dir(v.path), "testdata"))
		if several && v.plugin != nil {
			dir = filepath.Join(dir, path.Base(p.descriptor.Name))
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, usageError("--fixtures: no folder %s; the default is testdata beside the program, with a folder for each product if there are several", dir)
		}
		list, err = providertest.Recordings(os.DirFS(dir))
	}
	switch {
	case err != nil:
		return nil, configError("--fixtures: %v", err)
	case len(list) == 0:
		return nil, configError("--fixtures: no recorded reply in %s; NAME.json holds one and its expected outcome", cmp.Or(dir, folderOf(v.path), "the product's own folder"))
	}
	return list, nil
}

// folderOf returns the folder of the recorded replies of a YAML file, "" for no file.
func folderOf(path string) string { return strings.TrimSuffix(path, filepath.Ext(path)) }

// question reads --check and --not-echoed.
func (f checkFlags) question(a *certify.Adapter) error {
	if f.check != "" && a.Check.UnmarshalText([]byte(f.check)) != nil {
		return usageError("--check: unknown check; the checks are %s", checkList())
	}
	for _, word := range f.notEchoed {
		claim, ok := claimOf(word)
		if !ok {
			return usageError("--not-echoed: unknown claim; the claims are name, id_number, mobile, bank_card")
		}
		a.NotEchoed |= idv.Claims(claim)
	}
	return nil
}

func claimOf(word string) (idv.Claim, bool) {
	for c := idv.ClaimName; c <= idv.ClaimBankCard; c++ {
		if c.String() == word {
			return c, true
		}
	}
	return 0, false
}

// values returns the given settings and those of [providertest.Settings]. A codec gets no
// secrets; a provider with its own transport gets placeholders.
func (f checkFlags) values(d idv.Descriptor) (providers.Settings, map[string]idv.Sensitive, error) {
	settings, secrets := providertest.Settings(d), map[string]idv.Sensitive{}
	for _, s := range d.Settings {
		if !s.Secret {
			continue
		}
		if _, given := f.settings[s.Name]; given {
			return nil, nil, usageError("--setting: %s is a secret; omit it, since no secret is needed here", s.Name)
		}
		secrets[s.Name] = idv.NewSensitive(providertest.Placeholder)
	}
	for name, value := range f.settings {
		if _, listed := settings[name]; !listed {
			return nil, nil, usageError("--setting: the descriptor lists no such setting; heyan provider show lists them")
		}
		settings[name] = cmp.Or(value, settings[name])
	}
	return settings, secrets, nil
}

// baseURL is the setting with the vendor's address.
const baseURL = "base_url"

// customTransport returns a constructor of providers that call a loopback address. It creates
// one provider first, so that invalid settings are reported at once.
func customTransport(ctx context.Context, p plugins.Product, s providers.Settings, secrets map[string]idv.Sensitive) (func(string) (idv.Provider, error), error) {
	if _, ok := s[baseURL]; !ok {
		return nil, configError("the provider has its own transport but no setting base_url, so it cannot be tested without calling its vendor; add the setting")
	}
	provider := func(base string) (idv.Provider, error) {
		s[baseURL] = base
		return p.Provider(ctx, s, secrets)
	}
	_, err := provider("http://127.0.0.1:9")
	return provider, err
}
