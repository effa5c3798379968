package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
	"github.com/heyan-id/heyan/engine/store"
)

// comparison is an export that is held against the book.
type comparison struct {
	tool      *tool
	form      form
	windows   []reconcile.Window
	providers []string
	options   reconcile.Options
}

func (c *comparison) run(ctx context.Context, b *book, apply bool) error {
	if apply {
		// A call whose process died counts as running until somebody says that it is lost.
		if _, err := b.Recover(ctx); err != nil {
			return internal(err)
		}
	}
	report, err := c.match(ctx, b)
	if err != nil {
		return err
	}
	if err := c.print(report); err != nil {
		return err
	}
	if apply {
		done, err := settle(ctx, b, report.Proposals)
		c.printSettled(done)
		if err != nil {
			return err
		}
		if report, err = c.match(ctx, b); err != nil {
			return err
		}
	} else {
		c.printProposals(report.Proposals)
	}
	if unfinished(report) {
		return silent(exitFound)
	}
	return nil
}

// around is how far beyond the export calls are looked at: the clocks' greatest
// offset and more than any tolerance.
const around = 15 * time.Minute

// match compares the export with the book as it stands.
func (c *comparison) match(ctx context.Context, b *book) (reconcile.Report, error) {
	from, to := c.options.From, c.options.To
	for _, w := range c.windows {
		if c.options.From.IsZero() && (from.IsZero() || w.From.Before(from)) {
			from = w.From
		}
		if c.options.To.IsZero() && w.To.After(to) {
			to = w.To
		}
	}
	margin := around + c.options.Tolerance
	var calls []reconcile.Call
	now := time.Now()
	for _, name := range c.providers {
		before := len(calls)
		filter := ledger.Filter{From: from.Add(-margin), To: to.Add(margin), Provider: name}
		err := b.eachHold(ctx, filter, func(h *ledger.Hold) error {
			if h.State != ledger.StateHeld || store.Lost(h, now) {
				calls = append(calls, callOf(h))
			}
			return nil
		})
		if err != nil {
			return reconcile.Report{}, err
		}
		if _, err := b.provider(name); err != nil && len(calls) == before {
			return reconcile.Report{}, err // a slip: all of the bill would look like foreign use
		}
	}
	return reconcile.Match(c.windows, calls, c.options), nil
}

// callOf returns a call of the book for comparing.
func callOf(h *ledger.Hold) reconcile.Call {
	a := h.Attempt()
	call := reconcile.Call{
		Attempt: a.ID, Provider: a.Provider, At: a.StartedAt, End: a.StartedAt.Add(a.Duration), Code: a.VendorCode, Sent: a.Delivery, Charge: a.Charge,
	}
	if !h.OutcomeRecorded {
		call.End = h.Intent.Deadline
	}
	if call.Code == "" && a.Failed {
		call.Code = a.Failure.String()
	}
	return call
}

// unfinished reports whether somebody has something to do.
func unfinished(r reconcile.Report) bool {
	for _, l := range r.Codes {
		if l.Contradicts() {
			return true
		}
	}
	return r.Totals.Alarming > 0 || len(r.Proposals) > 0 || len(r.Unsettled) > 0
}

// settle settles calls. One that somebody else settled meanwhile is left as it is.
func settle(ctx context.Context, b *book, list []reconcile.Proposal) ([]settled, error) {
	var done []settled
	for _, p := range list {
		switch err := b.Resolve(ctx, p.Attempt, p.Charge, p.Why); {
		case errors.Is(err, ledger.ErrSettled), errors.Is(err, ledger.ErrRunning):
		case err != nil:
			return done, internal(fmt.Errorf("settling was broken off: %w", err))
		default:
			done = append(done, settled{p.Attempt, p.Charge, p.Why})
		}
	}
	return done, nil
}
