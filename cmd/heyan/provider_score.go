package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/score"
)

func newProviderScore(c *cli) *cobra.Command {
	var path, since, only string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "score --config FILE", Short: "Compare the providers by availability, latency, verdicts and cost",
		Long: "Computes the score cards from the calls in the configured store, also while a daemon uses it. Availability is the share\n" +
			"of served calls among those served and those that failed by the provider's fault. In the column days each character is\n" +
			"a day, or several of a period over 31 days: a full block is 100 % available, the lowest one 90 % or less, a point no call.\n\n" +
			"docs/score.md explains every figure.",
		Args: noArgs("use --provider to select a provider"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&since, "since", "30d", "the period up to now, as 30d or 12h, or the day or time of its beginning")
	cmd.Flags().StringVar(&only, "provider", "", "only this provider")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		to := time.Now().UTC()
		from, err := parseSince(since, to)
		if err != nil {
			return err
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			names, err := b.named(only)
			if err != nil {
				return err
			}
			performance, err := b.Performance(ctx, ledger.Filter{From: from, To: to, Provider: only})
			if err != nil {
				return err
			}
			c.printScores(score.Cards(performance, from, to, names...), asJSON)
			return nil
		})
	}
	return cmd
}

// named returns the names of the configured providers, or only the given one.
func (b *ledgerStore) named(only string) ([]string, error) {
	if only != "" {
		_, err := b.provider(only)
		return []string{only}, err
	}
	var names []string
	for _, p := range b.config.Providers {
		names = append(names, p.Name)
	}
	return names, nil
}

// maxSince bounds a period, so that no time before all calls overflows.
const maxSince = 100 * 366 * 24 * time.Hour

// parseSince returns the beginning of a period that ends at to.
func parseSince(text string, to time.Time) (time.Time, error) {
	hours, unit := time.Duration(1), "h"
	if strings.HasSuffix(text, "d") {
		hours, unit = 24, "d"
	}
	if n, err := strconv.ParseInt(strings.TrimSuffix(text, unit), 10, 32); err == nil && strings.HasSuffix(text, unit) {
		if n <= 0 || time.Duration(n) > maxSince/(hours*time.Hour) {
			return time.Time{}, usageError("--since: must be a period such as 30d or 12h, or a day such as 2026-11-08")
		}
		return to.Add(-time.Duration(n) * hours * time.Hour), nil
	}
	from, err := dayStart("--since", text)
	if err != nil || from.IsZero() || !from.Before(to) {
		return from, usageError("--since: must be a period such as 30d or 12h, or a day such as 2026-11-08")
	}
	return from, nil
}

// printScores prints the cards, and what each has too much of for a row.
func (c *cli) printScores(cards []score.Card, asJSON bool) {
	rows := [][]string{c.headers("provider 供应商", "calls 调用", "available 可用率", "outages 中断", "p50 p50", "p90 p90", "p99 p99",
		"verdicts 结论", "faults 故障", "unlisted 未登记代码", "echo 回显不符", "per_verdict 每个结论", "days 每日")}
	codes := [][]string{c.headers("provider 供应商", "unlisted_code 未登记代码", "calls 调用", "first 首次", "last 最近")}
	outages := [][]string{c.headers("provider 供应商", "outage 中断开始", "until 直到", "failed_calls 失败调用")}
	for i := range cards {
		card := &cards[i]
		if asJSON {
			c.out.JSON(api.ScoreOf(card))
			continue
		}
		rows = append(rows, c.scoreRow(card))
		for _, u := range card.Codes {
			codes = append(codes, []string{card.Provider, idv.Visible(u.Code), fmt.Sprint(u.Calls), localTime(u.First), localTime(u.Last)})
		}
		for _, o := range card.Outages {
			outages = append(outages, []string{card.Provider, localTime(o.From), localTime(o.To), fmt.Sprint(o.Failed)})
		}
	}
	if asJSON {
		return
	}
	c.out.Table(rows)
	c.section(outages)
	c.section(codes)
}

func localTime(at time.Time) string { return at.Local().Format(idv.ZonedTime) }

func (c *cli) scoreRow(card *score.Card) []string {
	share := ""
	if s, ok := card.Counts.Availability(); ok {
		share = percent(s)
	}
	var p50, p90, p99, price string
	if len(card.Verdicts) > 0 {
		p50, p90, p99 = card.Latency.P50.String(), card.Latency.P90.String(), card.Latency.P99.String()
	}
	if card.Price != nil {
		price = costRange(card.Price.PerVerdict())
	}
	var unlisted int64
	for _, u := range card.Codes {
		unlisted += u.Calls
	}
	return []string{
		card.Provider, fmt.Sprint(card.Calls), share, fmt.Sprint(len(card.Outages)), p50, p90, p99,
		c.verdictMix(card.Verdicts), fmt.Sprint(card.Counts.Faults), fmt.Sprint(unlisted), fmt.Sprint(card.Echo), price, sparkline(card),
	}
}

// percent prints a share, and 100 % only if nothing is missing.
func percent(share float64) string {
	text := strconv.FormatFloat(share*100, 'f', 2, 64)
	if share < 1 && text == "100.00" {
		text = "99.99"
	}
	return text + " %"
}

// verdictMix prints the share of each verdict, most definite first.
func (c *cli) verdictMix(counts map[string]int64) string {
	var all int64
	for _, n := range counts {
		all += n
	}
	var parts []string
	for _, v := range []idv.Verdict{idv.Match, idv.Mismatch, idv.NoRecord, idv.MismatchOrNoRecord} {
		if n := counts[v.String()]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %.1f %%", c.code(v.String()), float64(n)*100/float64(all)))
		}
	}
	return strings.Join(parts, ", ")
}

// The levels of a sparkline begin with the availability lowest.
const (
	levels = "▁▂▃▄▅▆▇█"
	lowest = .9
	noCall = "·"
)

// maxSteps is the number of characters of a sparkline. In a longer period each stands for
// several days.
const maxSteps = 31

// sparkline shows the availability of each day of the period.
func sparkline(card *score.Card) string {
	counts := map[string]score.Counts{}
	for _, d := range card.Days {
		counts[d.Date] = d.Counts
	}
	first, last := ledger.VendorTime(card.From), ledger.VendorTime(card.To)
	days := int(last.Sub(first)/(24*time.Hour)) + 1
	each := (days + maxSteps - 1) / maxSteps
	var line string
	for day := last.AddDate(0, 0, 1-days); !day.After(last); {
		var sum score.Counts
		for range each {
			of := counts[day.Format(time.DateOnly)]
			sum.Served, sum.Faults = sum.Served+of.Served, sum.Faults+of.Faults
			day = day.AddDate(0, 0, 1)
		}
		line += step(sum)
	}
	return line
}

func step(c score.Counts) string {
	share, ok := c.Availability()
	steps := []rune(levels)
	switch {
	case !ok:
		return noCall
	case share == 1:
		return string(steps[len(steps)-1])
	}
	return string(steps[int(max(share-lowest, 0)/(1-lowest)*float64(len(steps)-1))])
}

func newProviderRadar(c *cli) *cobra.Command {
	var path, only string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "radar --config FILE", Short: "List what the vendors changed in their replies",
		Long: "Lists what the daemon found in replies and keeps in the store: codes that the code table does not list, members that\n" +
			"earlier replies did not have, and members that all earlier replies with the code had. It has names and types of\n" +
			"members, never a value. ? stands for a name that may be a value, * for the items of an array.\n\n" +
			"For an unlisted code it proposes a row for a declared product. Its verdict or failure, the vendor's sentence and the\n" +
			"source are empty: take them from the vendor's document. Until then the file is refused, since a guess could turn an\n" +
			"error into a match.\n\n" +
			"Exit codes: 0 nothing was found; 1 something was found; 64 usage or configuration error.",
		Args: noArgs("use --provider to select a provider"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&only, "provider", "", "only this provider")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			if _, err := b.named(only); err != nil {
				return err
			}
			list, err := b.Findings(ctx, only)
			if err != nil {
				return err
			}
			return c.printRadar(api.FindingsOf(list), asJSON)
		})
	}
	return cmd
}

// printRadar prints the findings, and then the proposed rows.
func (c *cli) printRadar(list []api.Finding, asJSON bool) error {
	rows := [][]string{c.headers("provider 供应商", "finding 变化", "path 位置", "type 类型", "code 代码", "count 次数", "first 首次", "last 最近", "adapter 适配器版本")}
	var proposed []string
	for i := range list {
		f := &list[i]
		if asJSON {
			c.out.JSON(*f)
			continue
		}
		rows = append(rows, []string{
			f.Provider, c.code(f.Kind), idv.Visible(f.Path), f.Type, idv.Visible(f.Code), fmt.Sprint(f.Count), localTime(f.First), localTime(f.Last), f.Version,
		})
		if f.Row != "" {
			proposed = append(proposed, f.Row+" # "+f.Provider)
		}
	}
	switch {
	case len(list) == 0 && !asJSON:
		c.say("no change was found in the replies", "未发现应答有变化")
	case !asJSON:
		c.out.Table(rows)
	}
	if len(proposed) > 0 {
		c.out.Linef("\ncodes:")
		for _, row := range proposed {
			c.out.Linef("%s", row)
		}
	}
	if len(list) > 0 {
		return exitCode(exitFound)
	}
	return nil
}
