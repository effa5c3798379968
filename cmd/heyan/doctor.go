package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/cmd/internal/doctor"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
)

func newDoctor(c *cli) *cobra.Command {
	var path string
	var asJSON bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "doctor --config FILE",
		Short: "Examine an installation without a paid call: what is wrong, and the remedy",
		Long: "Examines what `heyan serve` would find: the configuration, the secrets and the files that it names, the database and its\n" +
			"disk, the clocks, the plugins, DNS, proxy and TLS of each vendor, the addresses to listen on, certificates, packages, API\n" +
			"keys, and what the system allows the process. Run it as the user and in the environment of the daemon, also while that\n" +
			"runs: it opens the database without writing, migrates nothing, and ends each connection to a vendor after the TLS\n" +
			"handshake, so that no request is sent. It starts plugin programs and secret helpers for a moment.\n\n" +
			"Exit codes: 0 all is well, or warnings only; 1 at least one failure.",
		Args: noArgs("use --config"),
	}
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Second, "how long each check may wait for others, such as vendors and the database")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case path == "":
			return usageError("--config is missing: name the file to check")
		case timeout <= 0:
			return usageError("--timeout: must be positive, such as 5s")
		}
		return c.doctor(cmd.Context(), path, timeout, asJSON)
	}
	return cmd
}

func (c *cli) doctor(ctx context.Context, path string, timeout time.Duration, asJSON bool) error {
	var current atomic.Value
	stop := c.showProgress(asJSON, func() string {
		name, _ := current.Load().(string)
		return name
	})
	list := doctor.Examine(ctx, doctor.Options{
		Path: path, Environ: c.environ, LookupEnv: c.lookupEnv, Timeout: timeout,
		Secrets:  func(conf config.Config) error { return daemon.CheckSecrets(conf, c.lookupEnv) },
		Progress: func(check string) { current.Store(check) },
	})
	stop()
	c.printExamination(list, asJSON)
	if doctor.Worst(list) == doctor.Fail {
		return exitCode(exitFound)
	}
	return nil
}

// showProgress shows what a command is doing on a terminal until stop is called.
func (c *cli) showProgress(quiet bool, doing func() string) (stop func()) {
	progress := terminal.NewProgress(c.stderr, quiet)
	if progress == nil {
		return func() {}
	}
	ended := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(250 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				progress.Showf("%s …", doing())
			case <-ended:
				progress.Clear()
				return
			}
		}
	})
	return func() {
		close(ended)
		running.Wait()
	}
}

// findingJSON is the JSON of a finding.
type findingJSON struct {
	Check   string        `json:"check"`
	Subject string        `json:"subject,omitempty"`
	Status  doctor.Status `json:"status"`
	Detail  string        `json:"detail"`
	Remedy  string        `json:"remedy,omitempty"`
}

// printExamination prints the findings, each remedy in a row below what it is for.
func (c *cli) printExamination(list []doctor.Finding, asJSON bool) {
	rows := [][]string{c.headers("status 状态", "check 检查项", "subject 对象", "found 结果")}
	counts := map[doctor.Status]int{}
	for i := range list {
		f := &list[i]
		counts[f.Status]++
		if asJSON {
			c.out.JSON(findingJSON{f.Check, f.Subject, f.Status, f.Text.EN, f.Remedy.EN})
			continue
		}
		rows = append(rows, []string{string(f.Status), c.checkName(f.Check), f.Subject, f.Text.In(c.lang)})
		if remedy := f.Remedy.In(c.lang); remedy != "" {
			rows = append(rows, []string{"", "", "", "→ " + remedy})
		}
	}
	if asJSON {
		return
	}
	if c.out.Fits(rows) {
		c.out.Table(rows)
	} else {
		c.printNarrow(rows[1:])
	}
	c.out.Linef(idv.Text{EN: "\n%d ok, %s, %s", ZH: "\n正常 %d 项，警告 %s 项，故障 %s 项"}.In(c.lang),
		counts[doctor.OK], c.count(counts[doctor.Warn], "warning"), c.count(counts[doctor.Fail], "failure"))
}

// printNarrow prints the rows of a table that the terminal would wrap, with what was found and
// the remedy in lines of their own.
func (c *cli) printNarrow(rows [][]string) {
	for _, row := range rows {
		if row[0] != "" {
			c.out.Linef("%s", strings.TrimSpace(strings.Join([]string{terminal.Pad(row[0], 4), row[1], row[2]}, " ")))
		}
		c.out.Linef("     %s", row[3])
	}
}

// count returns "2 warnings", or the number alone in Chinese, whose nouns have no plural.
func (c *cli) count(n int, noun string) string {
	return idv.Text{EN: idv.Count(n, noun), ZH: fmt.Sprint(n)}.In(c.lang)
}

// checkName returns the name of a check, in Chinese with the word of --json behind it.
func (c *cli) checkName(name string) string {
	zh, ok := map[string]string{
		"configuration": "配置", "secret": "密钥", "permissions": "权限", "store": "数据库", "disk": "磁盘", "clock": "时钟", "plugin": "插件",
		"vendor": "供应商", "dropin": "兼容地址", "listen": "监听地址", "certificate": "证书", "package": "套餐", "api_keys": "API 密钥", "time_zone": "时区",
		"open_files": "文件数上限", "user": "用户",
	}[name]
	if !ok || c.lang != words.ZH {
		return name
	}
	return zh + "（" + name + "）"
}
