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

func newDemo(t *tool) *cobra.Command {
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
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return t.demo(cmd.Context(), serve, asJSON) }
	return cmd
}

func (t *tool) demo(ctx context.Context, serve, asJSON bool) (err error) {
	self, err := demo.Self()
	if err != nil {
		return internal(err)
	}
	d, err := demo.Open(ctx, self)
	if err != nil {
		return internal(err)
	}
	defer func() { err = internal(errors.Join(err, d.Close(context.WithoutCancel(ctx)))) }()
	if err := t.walkDemo(ctx, d, asJSON); err != nil || !serve {
		return err
	}
	d.Reset()
	if asJSON {
		t.printVendors(d.Vendors(), true)
	}
	return t.serve(ctx, daemon.Options{
		Config: d.Config(), LookupEnv: d.LookupEnv, Log: t.logger(d.Config().Log),
		Ready: func(a daemon.Addresses) { t.printDaemon(a, asJSON) },
	})
}

// walkDemo goes the steps and prints them.
func (t *tool) walkDemo(ctx context.Context, d *demo.Demo, asJSON bool) error {
	if !asJSON {
		t.introduce(d)
	}
	rows := [][]string{t.heads("# #", "asked 询问", "outcome 结果", "answered_by 应答方", "attempts 调用", "cost 费用", "as_told 如所述")}
	progress := terminal.NewProgress(t.stderr, asJSON)
	total, err := d.Walk(ctx, func(r demo.Report) {
		if asJSON {
			t.out.JSON(r)
		}
		rows = append(rows, t.demoRow(r)...)
		progress.Showf("%d  %s", r.Number, r.Title.In(t.lang))
	})
	progress.Clear()
	if err != nil {
		return internal(fmt.Errorf("the walk did not come to its end: %w", err))
	}
	if asJSON {
		t.out.JSON(total)
	} else {
		t.out.Table(rows)
		t.printTotal(total)
	}
	if !total.OK() {
		return silent(exitInternal)
	}
	return nil
}

// introduce names the vendors and how heyan proves itself to each.
func (t *tool) introduce(d *demo.Demo) {
	list := d.Vendors()
	t.out.Linef(words.Text{
		EN: "Two fake vendors on this machine, %s (called with an AppCode, through a plugin process) and %s (called with signatures,\n" +
			"through a built-in adapter), and an engine that asks the first one first. Nobody in this demonstration exists.\n",
		ZH: "本机上的两个模拟供应商：%s（经插件进程，以 AppCode 调用）与 %s（经内置适配器，以签名调用），\n以及一个优先询问前者的引擎。演示中的人物均为虚构。\n",
	}.In(t.lang), list[0].Name, list[1].Name)
}

// demoRow returns a step's row, with the title of an act before it and a row for each
// thing that went otherwise after it.
func (t *tool) demoRow(r demo.Report) [][]string {
	var rows [][]string
	if act := r.Act.In(t.lang); act != "" {
		rows = append(rows, []string{"", "— " + act + " —", "", "", "", "", ""})
	}
	mark := "✓"
	if !r.AsTold {
		mark = "✗"
	}
	rows = append(rows, []string{fmt.Sprint(r.Number), r.Title.In(t.lang), r.Outcome, r.By, fmt.Sprint(r.Attempts), costRange(r.Known, r.Possible), mark})
	for _, difference := range r.Differs {
		rows = append(rows, []string{"", "  ✗ " + difference, "", "", "", "", ""})
	}
	return rows
}

func (t *tool) printTotal(total demo.Total) {
	t.out.Linef(words.Text{
		EN: "\n%d questions, %d calls in heyan's book, %d at the vendors' counters, %d of them billed.",
		ZH: "\n共 %d 次核验；账簿记 %d 次调用，供应商计数 %d 次，其中计费 %d 次。",
	}.In(t.lang), total.Asked, total.Attempts, total.Requests, total.Billed)
	t.out.Linef(words.Text{
		EN: "The vendors' bill: %s. By the book it is at least %s, at most %s: nobody publishes what 202, 204 and 9999 cost.",
		ZH: "供应商账单：%s。账簿：至少 %s，至多 %s（202、204 与 9999 是否计费，供应商未公布）。",
	}.In(t.lang), total.Bill, total.Known, total.Possible)
	for _, difference := range total.Differs {
		t.out.Linef("✗ %s", difference)
	}
	if total.OK() {
		t.out.Linef("%s", words.Text{EN: "All went as told.", ZH: "一切如所述。"}.In(t.lang))
		return
	}
	t.out.Linef(words.Text{EN: "%d of %d steps went otherwise.", ZH: "%d 步（共 %d 步）与所述不符。"}.In(t.lang), total.Steps-total.AsTold, total.Steps)
}

// printDaemon says where the daemon is and how to ask it.
func (t *tool) printDaemon(a daemon.Addresses, asJSON bool) {
	if asJSON {
		t.out.JSON(a)
		return
	}
	t.out.Linef(words.Text{
		EN: "\nA daemon with the same set-up is at http://%s (health and metrics at http://%s). No key is needed. Ask it:\n",
		ZH: "\n同样配置的服务运行于 http://%s（健康检查与指标：http://%s），无需密钥。试一试：\n",
	}.In(t.lang), a.Listen, a.AdminListen)
	t.out.Linef("  curl -s http://%s/v1/verifications -H 'Content-Type: application/json' -d '%s'\n", a.Listen, demo.Body())
	t.out.Linef("%s", words.Text{EN: "Ctrl-C stops it.", ZH: "按 Ctrl-C 停止。"}.In(t.lang))
}
