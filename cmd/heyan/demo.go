package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/cmd/internal/demo"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/cmd/internal/words"
)

func newDemo(c *cli) *cobra.Command {
	var serve, asJSON bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See the main job at work: fake vendors, a real engine, no account, no money",
		Long: "Starts two fake vendors on loopback addresses and an engine between them, and walks through match, mismatch, no record,\n" +
			"a typo that is stopped before any paid call, and a vendor in maintenance: from its first 9999 to its return.\n" +
			"A second act asks for consent: refused without it, within its recipients with it, not after its withdrawal.\n" +
			"It takes about four seconds and exits 0 only if all went as told, else 70.",
		Args: noArgs("--serve keeps a daemon running"),
	}
	cmd.Flags().BoolVar(&serve, "serve", false, "afterwards keep a daemon with the same set-up running, and print its address")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.demo(cmd.Context(), serve, asJSON) }
	return cmd
}

func (c *cli) demo(ctx context.Context, serve, asJSON bool) (err error) {
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
	return c.serve(ctx, daemon.Options{
		Config: d.Config(), LookupEnv: d.LookupEnv, Log: c.logger(d.Config().Log),
		Ready: func(a daemon.Addresses) { c.printDaemon(a, asJSON) },
	})
}

// walkDemo goes the steps and prints them.
func (c *cli) runDemo(ctx context.Context, d *demo.Demo, asJSON bool) error {
	if !asJSON {
		c.printVendorNames(d)
	}
	rows := [][]string{c.headers("# #", "asked 询问", "outcome 结果", "answered_by 应答方", "attempts 调用", "cost 费用", "as_told 如所述")}
	progress := terminal.NewProgress(c.stderr, asJSON)
	total, err := d.Walk(ctx, func(r demo.Report) {
		if asJSON {
			c.out.JSON(r)
		}
		rows = append(rows, c.demoRow(r)...)
		progress.Showf("%d  %s", r.Number, r.Title.In(c.lang))
	})
	progress.Clear()
	if err != nil {
		return internalError(fmt.Errorf("the walk did not come to its end: %w", err))
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

// introduce names the vendors and how heyan proves itself to each.
func (c *cli) printVendorNames(d *demo.Demo) {
	list := d.Vendors()
	c.out.Linef(words.Text{
		EN: "Two fake vendors on this machine, %s (called with an AppCode, through a plugin process) and %s (called with signatures,\n" +
			"through a built-in adapter), and an engine that asks the first one first. Nobody in this demonstration exists.\n",
		ZH: "本机上的两个模拟供应商：%s（经插件进程，以 AppCode 调用）与 %s（经内置适配器，以签名调用），\n以及一个优先询问前者的引擎。演示中的人物均为虚构。\n",
	}.In(c.lang), list[0].Name, list[1].Name)
}

// demoRow returns a step's row, with the title of an act before it and a row for each
// thing that went otherwise after it.
func (c *cli) demoRow(r demo.Report) [][]string {
	var rows [][]string
	if act := r.Act.In(c.lang); act != "" {
		rows = append(rows, []string{"", "— " + act + " —", "", "", "", "", ""})
	}
	mark := "✓"
	if !r.AsTold {
		mark = "✗"
	}
	rows = append(rows, []string{fmt.Sprint(r.Number), r.Title.In(c.lang), r.Outcome, r.By, fmt.Sprint(r.Attempts), costRange(r.Known, r.Possible), mark})
	for _, difference := range r.Differs {
		rows = append(rows, []string{"", "  ✗ " + difference, "", "", "", "", ""})
	}
	return rows
}

func (c *cli) printTotal(total demo.Total) {
	c.out.Linef(words.Text{
		EN: "\n%d questions, %d calls in heyan's book, %d at the vendors' counters, %d of them billed.",
		ZH: "\n共 %d 次核验；账簿记 %d 次调用，供应商计数 %d 次，其中计费 %d 次。",
	}.In(c.lang), total.Asked, total.Attempts, total.Requests, total.Billed)
	c.out.Linef(words.Text{
		EN: "The vendors' bill: %s. By the book it is at least %s, at most %s: nobody publishes what 202, 204 and 9999 cost.",
		ZH: "供应商账单：%s。账簿：至少 %s，至多 %s（202、204 与 9999 是否计费，供应商未公布）。",
	}.In(c.lang), total.Bill, total.Known, total.Possible)
	for _, difference := range total.Differs {
		c.out.Linef("✗ %s", difference)
	}
	if total.OK() {
		c.out.Linef("%s", words.Text{EN: "All went as told.", ZH: "一切如所述。"}.In(c.lang))
		return
	}
	c.out.Linef(words.Text{EN: "%d of %d steps went otherwise.", ZH: "%d 步（共 %d 步）与所述不符。"}.In(c.lang), total.Steps-total.AsTold, total.Steps)
}

// printDaemon says where the daemon is and how to ask it.
func (c *cli) printDaemon(a daemon.Addresses, asJSON bool) {
	if asJSON {
		c.out.JSON(a)
		return
	}
	c.out.Linef(words.Text{
		EN: "\nA daemon with the same set-up is at http://%s (health and metrics at http://%s). No key is needed. Ask it:\n",
		ZH: "\n同样配置的服务运行于 http://%s（健康检查与指标：http://%s），无需密钥。试一试：\n",
	}.In(c.lang), a.Listen, a.AdminListen)
	c.out.Linef("  curl -s http://%s/v1/verifications -H 'Content-Type: application/json' -d '%s'\n", a.Listen, demo.Body())
	c.out.Linef("%s", words.Text{EN: "Ctrl-C stops it.", ZH: "按 Ctrl-C 停止。"}.In(c.lang))
}
