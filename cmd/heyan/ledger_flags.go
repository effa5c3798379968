package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
)

// choice is the flags that choose lines of the book.
type choice struct {
	month, from, to string
	filter          ledger.Filter
}

// add adds the flags of a period and of the cost centres.
func (c *choice) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.month, "month", "", "only of this month, as 2026-11")
	c.addPeriod(cmd)
	cmd.Flags().StringVar(&c.filter.Provider, "provider", "", "only of this provider")
	cmd.Flags().StringVar(&c.filter.App, "app", "", "only of this app")
	cmd.Flags().StringVar(&c.filter.Purpose, "purpose", "", "only for this purpose")
	cmd.Flags().StringVar((*string)(&c.filter.Tenant), "tenant", "", "only of this tenant")
}

func (c *choice) addPeriod(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.from, "from", "", "from this day or time on")
	cmd.Flags().StringVar(&c.to, "to", "", "to this day, itself included, or before this time")
}

// parse returns the filter that the flags mean.
func (c *choice) parse() (ledger.Filter, error) {
	f := c.filter
	if c.month != "" && (c.from != "" || c.to != "") {
		return f, usage("--month: give either it or --from and --to")
	}
	var err error
	if c.month != "" {
		if f.From, err = time.ParseInLocation("2006-01", c.month, reconcile.Shanghai()); err != nil {
			return f, usage("--month: want a month as 2026-11")
		}
		f.To = f.From.AddDate(0, 1, 0)
		return f, nil
	}
	if f.From, err = dayStart("--from", c.from); err != nil {
		return f, err
	}
	if f.To, err = dayEnd("--to", c.to); err != nil {
		return f, err
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		return f, usage("--to: the period ends before it begins; swap --from and --to")
	}
	return f, nil
}

// dayStart reads a time, or a day and means its beginning; zero for "".
func dayStart(flag, text string) (time.Time, error) {
	at, _, err := parseTime(flag, text)
	return at, err
}

// dayEnd reads a time, or a day and means its end; zero for "".
func dayEnd(flag, text string) (time.Time, error) {
	at, day, err := parseTime(flag, text)
	if day {
		at = at.AddDate(0, 0, 1)
	}
	return at, err
}

// parseTime reads a day of the vendors' calendar or an instant.
func parseTime(flag, text string) (at time.Time, day bool, err error) {
	if text == "" {
		return at, false, nil
	}
	if at, err = time.ParseInLocation(time.DateOnly, text, reconcile.Shanghai()); err == nil {
		return at.UTC(), true, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), false, nil
	}
	return at, false, usage("%s: want a day as 2026-11-08 (UTC+8), or a time as 2026-11-08T09:30:00+08:00", flag)
}

// needed refuses an empty flag.
func needed(flag, value, what string) error {
	if value == "" {
		return usage("%s is missing: %s", flag, what)
	}
	return nil
}
