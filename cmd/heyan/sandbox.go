package main

import (
	"cmp"
	"context"
	"log/slog"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/demo"
	"github.com/heyan-id/heyan/cmd/internal/fakevendor"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

func newSandbox(c *cli) *cobra.Command {
	var listen, path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve sandbox vendors that answer and bill like the real ones",
		Long: "Serves sandbox vendors on loopback addresses until it is stopped, and prints the address and the credentials of each.\n" +
			"Without --config they are idcert-a and idcert-b. --config names a file of vendors, of any product and in any mix\n" +
			"(docs/sandbox.md), or a configuration of heyan, each of whose providers then gets a vendor.\n\n" +
			"The name in the request selects the answer: 无记录 no record, 异常 unavailable, 坏姓名 and 坏号码 invalid input, 维护\n" +
			"maintenance; any other name gives a match if the number ends in an even digit or X, else a mismatch. For idcert these\n" +
			"are 202, 203, 204, 205, 9999, 01 and 02. The name 码 and a code (码:0/2), or the number of its row in Chinese digits\n" +
			"(码一二), selects any code; GET /_sandbox/codes lists them. POST /_sandbox/scenario makes a vendor fail, GET\n" +
			"/_sandbox/stats returns the request and billing counters.",
		Args: noArgs("use --listen"),
	}
	cmd.Flags().StringVar(&listen, "listen", "", "loopback address of the first vendor; the others take the next ports, and port 0 any free ones (default 127.0.0.1:0)")
	cmd.Flags().StringVar(&path, "config", "", "a `FILE` of sandbox vendors, or a configuration of heyan")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		flags := "--listen"
		set := &fakevendor.Set{}
		quiet := config.Log{Level: "warn", Format: "text"}
		log := c.keepRunning(quiet, levelOf(quiet))
		if path != "" {
			flags += ", --config"
			opened, err := c.openVendors(cmd.Context(), path, log)
			defer func() { opened.Close(context.WithoutCancel(cmd.Context())) }()
			if err != nil {
				return err
			}
			set = opened
		}
		conf := sandbox.Config{Listen: cmp.Or(listen, set.Listen), Vendors: set.Vendors, Log: log}
		return c.serveSandbox(cmd.Context(), conf, flags, asJSON)
	}
	return cmd
}

// openVendors opens the products of a file. The set is closed by the caller, also after an
// error.
func (c *cli) openVendors(ctx context.Context, path string, log *slog.Logger) (*fakevendor.Set, error) {
	set := &fakevendor.Set{}
	text, err := fakevendor.Read(path)
	if err == nil && fakevendor.IsFile(text) {
		file, err := fakevendor.Parse(path, text)
		if err == nil {
			set, err = file.Open(ctx, log)
		}
		if err != nil {
			return set, configError("--config: %s", faultLines(err))
		}
		return set, nil
	}
	loaded, err := c.loadBy(path, checkProducts)
	if err != nil {
		return set, err
	}
	set, err = fakevendor.OfConfig(ctx, loaded.Config, log)
	if err != nil {
		return set, configError("--config: %s; list the product with its fixtures in a file of sandbox vendors", faultLines(err))
	}
	return set, nil
}

// productFault is the path of what a sandbox needs of a configuration: it asks for no consent,
// and makes the keys itself.
var productFault = regexp.MustCompile(`^providers(\[[0-9]+\](\.(name|use|declared|plugin(\..*)?))?)?$`)

// checkProducts reads a configuration and reports what is wrong with the products of its
// providers.
func checkProducts(path string, environ []string) (*config.Loaded, error) {
	loaded, err := config.Load(path, environ)
	if err != nil {
		return nil, err
	}
	if len(loaded.Config.Providers) == 0 {
		return nil, strictyaml.Faults{{File: path, Path: "providers", Text: "is empty; name at least one provider"}}
	}
	faults := slices.DeleteFunc(loaded.Validate(assemble.Known), func(f strictyaml.Fault) bool { return !productFault.MatchString(f.Path) })
	return loaded, faults.Err()
}

func (c *cli) serveSandbox(ctx context.Context, conf sandbox.Config, flags string, asJSON bool) error {
	s, err := sandbox.New(conf)
	if err != nil {
		return usageError("%s: %w", flags, err)
	}
	if err := s.Start(ctx); err != nil {
		return configError("--listen: %w; choose another address, or stop the process that uses the port", err)
	}
	c.printVendors(s.Vendors(), asJSON)
	if c.out.Err() == nil { // without the output the addresses are unknown
		<-ctx.Done()
	}
	return internalError(s.Close(context.WithoutCancel(ctx)))
}

func (c *cli) printVendors(list []sandbox.Vendor, asJSON bool) {
	if asJSON {
		for _, v := range list {
			c.out.JSON(v)
		}
		return
	}
	rows := [][]string{c.headers("vendor 供应商", "url 地址", "product 产品", "settings 配置项")}
	for _, v := range list {
		// The credentials are generated and open nothing but this sandbox, so they may be
		// printed. The settings of a vendor stand in as many rows.
		names, values := v.Credentials()
		for i, name := range names {
			row := []string{"", "", "", name + ": " + values[i]}
			if i == 0 {
				row = []string{v.Name, v.URL, cmp.Or(v.Product, fakevendor.ByHand), row[3]}
			}
			rows = append(rows, row)
		}
		if len(names) == 0 {
			rows = append(rows, []string{v.Name, v.URL, v.Product, ""})
		}
	}
	c.out.Table(rows)
	c.printSteering(list)
}

// printSteering shows how the vendors are asked and changed.
func (c *cli) printSteering(list []sandbox.Vendor) {
	url := list[0].URL
	if i := slices.IndexFunc(list, func(v sandbox.Vendor) bool { return v.Product == "" }); i >= 0 {
		c.out.Linef("\n%s", idv.Text{EN: "query a fictitious person:", ZH: "查询一个虚构的人："}.In(c.lang))
		c.out.Linef("  curl -H 'Authorization: APPCODE %s' '%s/idcard?%s'", list[i].AppCode.Reveal(), list[i].URL, demo.Query())
	} else {
		c.out.Linef("\n%s", idv.Text{EN: "list the codes and the names that select them:", ZH: "列出返回码及选中它们的姓名："}.In(c.lang))
		c.out.Linef("  curl %s/_sandbox/codes", url)
	}
	c.out.Linef("%s", idv.Text{EN: "put the first vendor into maintenance:", ZH: "让第一个供应商进入维护状态："}.In(c.lang))
	c.out.Linef(`  curl -d '{"vendor":"%s","mode":"maintenance"}' %s/_sandbox/scenario`, list[0].Name, url)
	c.out.Linef("%s", idv.Text{EN: "show the request and billing counters:", ZH: "查看请求与计费计数："}.In(c.lang))
	c.out.Linef("  curl %s/_sandbox/stats", url)
	if terminal.IsTerminal(c.stdout) {
		c.out.Linef("\n%s", idv.Text{EN: "press Ctrl-C to stop", ZH: "按 Ctrl-C 停止"}.In(c.lang))
	}
}
