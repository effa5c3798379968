package providertest

import (
	"context"
	"fmt"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// chargeFlag changes the flag in the replies whose charge depends on one: without it, or
// with a value that no fixture shows, the charge is unknown.
func chargeFlag(ctx context.Context, h Harness) error {
	list, err := h.samples(providers.LayerVendor)
	if err != nil {
		return err
	}
	return each(ctx, list, func(s sample) error {
		if !s.row.ByFlag || h.outcome(s.reply).charge == idv.ChargeUnknown {
			return nil // a fixture without the flag
		}
		flags, err := h.flags(s)
		if err == nil && len(flags) == 0 && !h.flaggedByStatus(s, list) {
			err = fmt.Errorf("the fixture %s: its row is marked ByFlag, but its charge depends on no member", s.row.Code)
		}
		for _, n := range flags {
			shown := valuesAt(n.path, list)
			for _, value := range append(retyped(n, string(s.reply.Body[n.Value:n.End])), `"no-such"`, "7777") {
				changed := s.with(n.replace(s.reply.Body, value))
				value = sample{reply: providers.Reply{Body: h.normal(changed.Body)}}.valueAt(n.path)
				if got := h.outcome(changed).charge; got != idv.ChargeUnknown && !slices.Contains(shown, value) {
					return fmt.Errorf("the fixture %s, with %.9s as %s: got %v, want unknown", s.row.Code, value, n.path, got)
				}
			}
			if got := h.outcome(s.with(n.rename(s.reply.Body))).charge; got != idv.ChargeUnknown {
				return fmt.Errorf("the fixture %s, without %s: got %v, want unknown", s.row.Code, n.path, got)
			}
		}
		return err
	})
}

// flaggedByStatus reports whether a sample's charge depends on the HTTP status: another
// sample of the row has another status and another charge.
func (h Harness) flaggedByStatus(s sample, list []sample) bool {
	return slices.ContainsFunc(list, func(o sample) bool {
		return o.row.Code == s.row.Code && o.reply.Status != s.reply.Status && h.outcome(o.reply).charge != h.outcome(s.reply).charge
	})
}

// flags returns the members without which the sample has the same outcome but another
// charge.
func (h Harness) flags(s sample) ([]node, error) {
	list, err := nodes(s.reply.Body)
	if err != nil {
		return nil, err
	}
	want := h.outcome(s.reply)
	return slices.DeleteFunc(list, func(n node) bool {
		got := h.outcome(s.with(n.rename(s.reply.Body)))
		return n.isContainer() || got.code != want.code || got.charge == want.charge
	}), nil
}

// outcome is a reply's code and charge, whether it is a verdict or a failure.
type outcome struct {
	code   string
	charge idv.Charge
}

func (h Harness) outcome(r providers.Reply) outcome {
	got := h.result(r)
	if got.err != nil {
		e := idv.AsError(got.err)
		return outcome{e.Code, e.Charge}
	}
	return outcome{got.answer.VendorCode, got.answer.Charge}
}
