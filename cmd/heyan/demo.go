package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/cmd/internal/demo"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

func newDemo(c *cli) *cobra.Command {
	var serve, asJSON bool
	var traffic int
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a demonstration with sandbox vendors: no account, no cost",
		Long: "Starts two sandbox vendors on loopback addresses and an engine. Part one shows match, mismatch, no record, a typo that\n" +
			"is stopped before any paid call, and failover from the first 9999 of a vendor in maintenance to its recovery. Part\n" +
			"two shows consent: no call without it, calls only to its recipients, no call after its withdrawal.\n" +
			"It takes about four seconds. Exit codes: 0 every step has the expected result; 70 at least one does not.\n\n" +
			"--serve then runs a daemon with the same vendors, with packages, consents and results, and prints its address, a key and\n" +
			"commands to try. --traffic keeps fictitious persons being verified, so that metrics and lists have content.",
		Args: noArgs("use --serve to keep a daemon running"),
	}
	cmd.Flags().BoolVar(&serve, "serve", false, "afterwards run a daemon with the same vendors and print its address")
	cmd.Flags().IntVar(&traffic, "traffic", 30, "with --serve: verifications a minute in the background; 0 none")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if traffic < 0 || traffic > 600 {
			return usageError("--traffic: must be from 0 to 600")
		}
		return c.demo(cmd.Context(), serve, traffic, asJSON)
	}
	return cmd
}

func (c *cli) demo(ctx context.Context, serve bool, traffic int, asJSON bool) (err error) {
	self, err := demo.Self()
	if err != nil {
		return internalError(err)
	}
	d, err := demo.Open(ctx, self)
	if err != nil {
		return internalError(err)
	}
	defer func() { err = internalError(errors.Join(err, d.Close(context.WithoutCancel(ctx)))) }()
	if err := c.runDemo(ctx, d, asJSON); err != nil || !serve {
		return err
	}
	d.Reset()
	if asJSON {
		c.printVendors(d.Vendors(), true)
	}
	return c.serveDemo(ctx, d, traffic, asJSON)
}

// serveDemo runs the daemon of the demonstration with its traffic.
func (c *cli) serveDemo(ctx context.Context, d *demo.Demo, traffic int, asJSON bool) error {
	ctx, stop := context.WithCancel(ctx)
	var key idv.Sensitive
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	var failed error
	err := c.serve(ctx, func(err error) error { return err }, daemon.Options{
		Config: d.ServeConfig(), LookupEnv: d.LookupEnv,
		Started: func(ctx context.Context, keys auth.Issuer) (err error) {
			_, key, err = keys.Issue(ctx, access.Key{Name: "demo", Tenant: api.DefaultTenant, Scopes: access.Scopes()})
			return err
		},
		Ready: func(a daemon.Addresses) {
			caller := d.NewCaller("http://"+a.Listen, api.RevealKey(key))
			var consent string
			if consent, failed = caller.Seed(ctx); failed != nil {
				stop()
				return
			}
			c.printDaemon(a, d.Vendors()[0].URL, api.RevealKey(key), consent, asJSON)
			running.Go(func() {
				defer caller.Close()
				if traffic > 0 {
					caller.Run(ctx, time.Minute/time.Duration(traffic))
				}
			})
		},
	})
	if errors.Is(failed, context.Canceled) {
		failed = nil // stopped by the user
	}
	return errors.Join(err, internalError(failed))
}

// runDemo runs the steps and prints them.
func (c *cli) runDemo(ctx context.Context, d *demo.Demo, asJSON bool) error {
	if !asJSON {
		c.printVendorNames(d)
	}
	rows := [][]string{c.headers("# #", "step 步骤", "outcome 结果", "answered_by 应答方", "attempts 调用", "cost 费用", "expected 符合预期")}
	progress := terminal.NewProgress(c.stderr, asJSON)
	total, err := d.Run(ctx, func(r demo.Report) {
		if asJSON {
			c.out.JSON(r)
		}
		rows = append(rows, c.demoRow(r)...)
		progress.Showf("%d  %s", r.Number, r.Title.In(c.lang))
	})
	progress.Clear()
	if err != nil {
		return internalError(fmt.Errorf("the demonstration stopped: %w", err))
	}
	if asJSON {
		c.out.JSON(total)
	} else {
		c.out.Table(rows)
		c.printTotal(total)
	}
	if !total.OK() {
		return exitCode(exitInternal)
	}
	return nil
}

// printVendorNames names the vendors and how heyan authenticates to each.
func (c *cli) printVendorNames(d *demo.Demo) {
	list := d.Vendors()
	c.out.Linef(idv.Text{
		EN: "Two sandbox vendors of different companies on this machine: %s (idcert of the Aliyun market, with an AppCode, through a\n" +
			"plugin process) and %s (faceid of Tencent Cloud, signed with TC3, through a built-in adapter). The engine calls the\n" +
			"first one first. All persons are fictitious.\n",
		ZH: "本机上两家不同公司的模拟供应商：%s（阿里云市场 idcert，经插件进程，AppCode 鉴权）与 %s（腾讯云人脸核身，\n经内置适配器，TC3 签名），引擎优先调用前者。演示中的人物均为虚构。\n",
	}.In(c.lang), list[0].Name, list[1].Name)
}

// demoRow returns the row of a step, with the title of a part before it and a row for each
// unexpected result after it.
func (c *cli) demoRow(r demo.Report) [][]string {
	var rows [][]string
	if act := r.Act.In(c.lang); act != "" {
		rows = append(rows, []string{"", "— " + act + " —", "", "", "", "", ""})
	}
	mark := "✓"
	if !r.Expected {
		mark = "✗"
	}
	rows = append(rows, []string{fmt.Sprint(r.Number), r.Title.In(c.lang), c.outcome(r.Outcome), r.By, fmt.Sprint(r.Attempts), costRange(r.Known, r.Possible), mark})
	for _, difference := range r.Differs {
		rows = append(rows, []string{"", "  ✗ " + difference, "", "", "", "", ""})
	}
	return rows
}

// outcome returns the outcome of a step, "verdict" or "failure (reason)", in the language.
func (c *cli) outcome(text string) string {
	code, detail, ok := strings.Cut(strings.TrimSuffix(text, ")"), " (")
	if !ok {
		return c.code(code)
	}
	return c.code(code, detail)
}

func (c *cli) printTotal(total demo.Total) {
	c.out.Linef("%s", idv.Text{
		EN: fmt.Sprintf("\n%s; %s in heyan's ledger, %d by the vendors' counters, %d of them billed.",
			idv.Count(total.Asked, "verification"), idv.Count(total.Attempts, "call"), total.Requests, total.Billed),
		ZH: fmt.Sprintf("\n共 %d 次核验；账本记录 %d 次调用，供应商计数 %d 次，其中计费 %d 次。", total.Asked, total.Attempts, total.Requests, total.Billed),
	}.In(c.lang))
	c.out.Linef(idv.Text{
		EN: "Vendors' bill: %s. Ledger: at least %s, at most %s, since the vendor does not publish whether 202, 204 and 9999 are billed.",
		ZH: "供应商账单：%s。账本：至少 %s，至多 %s（202、204 与 9999 是否计费，供应商未公布）。",
	}.In(c.lang), total.Bill, total.Known, total.Possible)
	for _, difference := range total.Differs {
		c.out.Linef("✗ %s", difference)
	}
	if total.OK() {
		c.out.Linef("%s", idv.Text{EN: "All steps passed.", ZH: "全部符合预期。"}.In(c.lang))
		return
	}
	c.out.Linef(idv.Text{EN: "%[1]d of %[3]s failed.", ZH: "%[1]d 步（共 %[2]d 步）不符合预期。"}.In(c.lang), total.Steps-total.Expected, total.Steps, idv.Count(total.Steps, "step"))
}

// demoView is the JSON of a daemon of the demonstration.
type demoView struct {
	daemon.Addresses

	Key string `json:"key"`
}

// printDaemon prints the addresses of the daemon and commands to try.
func (c *cli) printDaemon(a daemon.Addresses, vendor, key, consent string, asJSON bool) {
	if asJSON {
		c.out.JSON(demoView{a, key})
		return
	}
	c.out.Linef(idv.Text{
		EN: "\nA daemon with the same vendors listens at http://%s (health and metrics at http://%s). The key has all\nscopes and ends with the process. Commands to try in another terminal:\n",
		ZH: "\n同样配置的服务运行于 http://%s（健康检查与指标：http://%s）。\n密钥具备全部权限，随进程失效。可在另一个终端执行：\n",
	}.In(c.lang), a.Listen, a.AdminListen)
	c.out.Linef("  KEY=%s", key)
	with := func(path string) string {
		return fmt.Sprintf(`curl -s -H "Authorization: Bearer $KEY" http://%s%s`, a.Listen, path)
	}
	for _, one := range []struct {
		text    idv.Text
		command string
	}{
		{
			idv.Text{EN: "verify a person who consented", ZH: "核验一位已同意的人"},
			fmt.Sprintf(`curl -s http://%s/v1/verifications -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '%s'`, a.Listen, demo.Body(consent)),
		},
		{idv.Text{EN: "the vendors and their state", ZH: "供应商及其状态"}, with("/v1/providers")},
		{idv.Text{EN: "the packages and what is left", ZH: "套餐及余量"}, with("/v1/ledger/lots")},
		{idv.Text{EN: "the consent", ZH: "该同意"}, with("/v1/consents/" + consent)},
		{
			idv.Text{EN: "the first vendor goes into maintenance for ten seconds; verify again", ZH: "首选供应商维护十秒，再次核验"},
			fmt.Sprintf("curl -s -d '%s' %s/_sandbox/scenario", demo.Maintenance(), vendor),
		},
		{idv.Text{EN: "metrics for Prometheus", ZH: "Prometheus 指标"}, fmt.Sprintf("curl -s http://%s/metrics", a.AdminListen)},
	} {
		c.out.Linef("  # %s\n  %s", one.text.In(c.lang), one.command)
	}
	c.out.Linef("\n%s", idv.Text{EN: "Press Ctrl-C to stop.", ZH: "按 Ctrl-C 停止。"}.In(c.lang))
}
