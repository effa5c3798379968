package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/demo"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/config"
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
			"The name in the request selects the answer: 无记录 gives 202, 异常 203, 坏姓名 204, 坏号码 205, 维护 9999; any other\n" +
			"name gives 01 if the number ends in an even digit or X, else 02. POST /_sandbox/scenario makes a vendor fail, GET\n" +
			"/_sandbox/stats returns the request and billing counters.",
		Args: noArgs("use --listen"),
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "loopback address of the first vendor; the others take the next ports, and port 0 any free ones")
	cmd.Flags().StringVar(&path, "config", "", "serve one sandbox vendor for each provider of this configuration, under its name, with generated credentials")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		flags := "--listen"
		conf := sandbox.Config{Listen: listen, Log: c.keepRunning(config.Log{Level: "warn", Format: "text"})}
		if path != "" {
			flags += ", --config"
			loaded, err := c.load(path)
			if err != nil {
				return err
			}
			for _, p := range loaded.Config.Providers {
				conf.Vendors = append(conf.Vendors, sandbox.VendorConfig{Name: p.Name})
			}
		}
		return c.serveSandbox(cmd.Context(), conf, flags, asJSON)
	}
	return cmd
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
	rows := [][]string{c.headers("vendor 供应商", "url 地址", "appcode AppCode", "app_key AppKey", "app_secret AppSecret")}
	for _, v := range list {
		// The credentials are generated and open nothing but this sandbox, so they may be
		// printed.
		rows = append(rows, []string{v.Name, v.URL, v.AppCode.Reveal(), v.AppKey, v.AppSecret.Reveal()})
	}
	c.out.Table(rows)
	c.out.Linef("\n%s", idv.Text{EN: "query a fictitious person:", ZH: "查询一个虚构的人："}.In(c.lang))
	c.out.Linef("  curl -H 'Authorization: APPCODE %s' '%s/idcard?%s'", list[0].AppCode.Reveal(), list[0].URL, demo.Query())
	c.out.Linef("%s", idv.Text{EN: "put the first vendor into maintenance:", ZH: "让第一个供应商进入维护状态："}.In(c.lang))
	c.out.Linef(`  curl -d '{"vendor":"%s","mode":"maintenance"}' %s/_sandbox/scenario`, list[0].Name, list[0].URL)
	c.out.Linef("%s", idv.Text{EN: "show the request and billing counters:", ZH: "查看请求与计费计数："}.In(c.lang))
	c.out.Linef("  curl %s/_sandbox/stats", list[0].URL)
	if terminal.IsTerminal(c.stdout) {
		c.out.Linef("\n%s", idv.Text{EN: "press Ctrl-C to stop", ZH: "按 Ctrl-C 停止"}.In(c.lang))
	}
}
