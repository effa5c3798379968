package main

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
)

func newCalendar(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "calendar", Short: "List, declare, remove and propose maintenance windows of providers",
		Long: "A provider is not called in its windows, and raises no alarm there. Works on the windows in the configured store, also\n" +
			"while a daemon uses it: every node follows a change within a second. Windows can be declared in the configuration too.",
	})
	cmd.AddCommand(newCalendarList(c), newCalendarAdd(c), newCalendarRemove(c), newCalendarSuggest(c))
	return cmd
}

// withCalendar opens the configured store for one command.
func (c *cli) withCalendar(cmd *cobra.Command, path string, want storeAccess, do func(context.Context, *ledgerStore) error) error {
	loaded, err := c.load(path)
	if err != nil {
		return err
	}
	if checkStore(loaded.Config.Store, want) != nil {
		return configError("--config: store: no windows there: the memory store ends with its process, and the path of a sqlite file is relative to " +
			"the folder in which the daemon is started; start heyan in that folder, use sqlite or postgres, or declare windows under calendar in the configuration")
	}
	return c.withLedger(cmd, path, want, do)
}

func newCalendarList(c *cli) *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list --config FILE", Short: "List the maintenance windows, with the occurrence that is active or comes next",
		Args: noArgs("it lists all windows"),
	}
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := c.load(path)
		if err != nil {
			return err
		}
		if checkStore(loaded.Config.Store, mustExist) != nil { // the configured windows are all there are
			c.printWindows(api.WindowsOf(config.Windows(loaded.Config), nil, time.Now()), asJSON)
			return nil
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, s *ledgerStore) error {
			stored, err := s.Windows(ctx)
			if err != nil {
				return internalError(err)
			}
			c.printWindows(api.WindowsOf(config.Windows(s.config), stored, time.Now()), asJSON)
			return nil
		})
	}
	return cmd
}

func (c *cli) printWindows(list []api.Window, asJSON bool) {
	rows := [][]string{c.headers("id 编号", "provider 供应商", "when 时间", "zone 时区", "state 状态", "from 开始", "to 结束", "reason 说明")}
	for i := range list {
		w := &list[i]
		if asJSON {
			c.out.JSON(w)
			continue
		}
		id, when := w.ID, shortTime(w.From)+" – "+shortTime(w.To)
		if id == "" {
			id = idv.Text{EN: "(configuration)", ZH: "（配置文件）"}.In(c.lang)
		}
		if w.Cron != "" {
			when = w.Cron + " + " + w.Duration
		}
		rows = append(rows, []string{id, w.Provider, when, w.Zone, c.windowState(w.State), shortTime(w.NextFrom), shortTime(w.NextTo), w.Reason})
	}
	if !asJSON {
		c.out.Table(rows)
	}
}

func (c *cli) windowState(state string) string {
	return idv.Text{EN: state, ZH: map[string]string{"active": "进行中", "upcoming": "未开始", "over": "已结束"}[state]}.In(c.lang)
}

func newCalendarAdd(c *cli) *cobra.Command {
	var path string
	var window api.NewWindow
	var asJSON bool
	cmd := &cobra.Command{
		Use: "add --config FILE --provider NAME", Short: "Declare a maintenance window of a provider",
		Long: "A window that recurs has --cron and --duration, a single one --from and --to. A recurring window begins whenever the clock of\n" +
			"the zone shows the time, or leaves it out when it is put forward, and lasts for the duration in elapsed time.",
		Example: "\theyan calendar add --config heyan.yaml --provider a --cron '0 2 * * 0' --duration 2h --reason 'weekly maintenance'\n" +
			"\theyan calendar add --config heyan.yaml --provider a --from '2026-12-05 02:00' --to '2026-12-05 06:00'",
		Args: noArgs("use --provider and --cron, or --provider and --from"),
	}
	flags := cmd.Flags()
	configFlag(cmd, &path)
	flags.StringVar(&window.Provider, "provider", "", "the provider that is in maintenance")
	flags.StringVar(&window.Cron, "cron", "", "when a window that recurs begins: minute, hour, day of the month, month, day of the week")
	flags.StringVar(&window.Duration, "duration", "", "how long it lasts, from 1m to 168h")
	flags.StringVar(&window.Zone, "zone", "", "the IANA time zone of --cron, and of --from and --to without an offset (default Asia/Shanghai)")
	flags.StringVar(&window.From, "from", "", "when a single window begins, such as 2026-12-05 02:00")
	flags.StringVar(&window.To, "to", "", "when a single window ends, at most 31 days later")
	flags.StringVar(&window.Reason, "reason", "", "a note for operators, at most 200 characters")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := required("--provider", window.Provider, "name a configured provider"); err != nil {
			return err
		}
		return c.withCalendar(cmd, path, mayCreate, func(ctx context.Context, s *ledgerStore) error {
			w, err := window.Window(s.names(), time.Now())
			if err == nil {
				if ctx, err = s.acting(ctx, c, audit.CalendarAdd, api.WindowTarget(&w), api.WindowReason(&w)); err != nil {
					return err
				}
				err = s.AddWindow(ctx, w)
			}
			if err != nil {
				return windowRefused(err)
			}
			c.printWindows([]api.Window{api.WindowOf(&w, api.WindowOfStore, time.Now())}, asJSON)
			return nil
		})
	}
	return cmd
}

// names lists the configured providers.
func (b *ledgerStore) names() (names []string) {
	for _, p := range b.config.Providers {
		names = append(names, p.Name)
	}
	return names
}

// windowRefused explains why a window was not added or removed.
func windowRefused(err error) error {
	var fault *api.FieldError
	switch {
	case errors.As(api.WindowFault(err), &fault):
		return usageError("--%s: %s", fault.Field, fault.Message)
	case errors.Is(err, route.ErrTooManyWindows):
		return usageError("%w", route.ErrTooManyWindows)
	case errors.Is(err, route.ErrNoWindow):
		return usageError("no such window; `heyan calendar list` lists the ids, and windows of the configuration are removed there")
	}
	return internalError(err)
}

func newCalendarRemove(c *cli) *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "remove ID --config FILE", Short: "Remove a maintenance window",
		Long: "The provider is called again within a second if no other window of it is active.",
		Args: exactly(1, "the id of a window, as `heyan calendar list` prints it"),
	}
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withCalendar(cmd, path, mustExist, func(ctx context.Context, s *ledgerStore) error {
			w, err := store.WindowOf(ctx, s, args[0])
			if err != nil {
				return windowRefused(err)
			}
			if ctx, err = s.acting(ctx, c, audit.CalendarRemove, api.WindowTarget(&w), ""); err != nil {
				return err
			}
			if w, err = s.RemoveWindow(ctx, w.ID); err != nil {
				return windowRefused(err)
			}
			if asJSON {
				c.out.JSON(api.WindowOf(&w, api.WindowOfStore, time.Now()))
				return nil
			}
			c.out.Linef(idv.Text{EN: "Window %s of %s is removed.", ZH: "维护窗口 %s（%s）已移除。"}.In(c.lang), w.ID, w.Provider)
			return nil
		})
	}
	return cmd
}

func newCalendarSuggest(c *cli) *cobra.Command {
	var path, zone string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "suggest --config FILE", Short: "Propose maintenance windows from the record of maintenance codes",
		Long: "Reads the calls of the last 12 weeks that met a maintenance code, and prints entries for calendar in the configuration where\n" +
			"the codes come back at the same hour of the week. Nothing is changed: ask the vendor, then paste what it confirms.\n\n" +
			"The rule: " + route.SightingRule + ".",
		Args: noArgs("use --zone to choose the time zone"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&zone, "zone", route.DefaultZone, "the IANA time zone of the windows")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.withCalendar(cmd, path, mustExist, func(ctx context.Context, s *ledgerStore) error {
			now := time.Now()
			stored, err := s.Windows(ctx)
			if err != nil {
				return internalError(err)
			}
			seen, err := s.Sightings(ctx, route.SightingsSince(now))
			if err != nil {
				return internalError(err)
			}
			declared, _ := route.NewCalendar(slices.Concat(config.Windows(s.config), stored)) // an invalid one has no effect
			found, err := route.Suggest(seen, declared, zone, now)
			if err != nil {
				return usageError("--zone: must be an IANA time zone such as Asia/Shanghai or UTC")
			}
			c.printSuggestions(api.SuggestionsOf(found, s.names()), asJSON)
			return nil
		})
	}
	return cmd
}

// printSuggestions prints YAML with the evidence as comments.
func (c *cli) printSuggestions(list []api.Suggestion, asJSON bool) {
	if len(list) == 0 && !asJSON {
		c.notef("no maintenance codes come back at the same hour of the week; there is nothing to propose")
		return
	}
	if !asJSON {
		c.out.Linef("calendar:")
	}
	for i := range list {
		s := &list[i]
		if asJSON {
			c.out.JSON(s)
			continue
		}
		c.out.Linef(idv.Text{
			EN: "  # maintenance codes in %s of %s weeks (%s); first seen %s, last seen %s (UTC+8)",
			ZH: "  # %s/%s 周出现维护码（%s）；首次 %s，最近 %s（UTC+8）",
		}.In(c.lang), strconv.Itoa(s.Weeks), strconv.Itoa(s.OfWeeks), idv.Text{
			EN: idv.Count(int(s.Calls), "call"), ZH: strconv.FormatInt(s.Calls, 10) + " 次调用",
		}.In(c.lang), shortTime(s.First), shortTime(s.Last))
		c.out.Linef("  - %s", strings.TrimSpace(s.YAML))
	}
}
