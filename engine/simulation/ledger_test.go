package simulation

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// checkLedger compares the ledger with itself and with what the vendors bill.
func (l *laws) checkLedger() {
	lots, err := l.disk.Lots(context.Background(), "")
	if err != nil {
		l.breach("ledger", "the lots cannot be read: %v", err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	known := make([]int64, len(l.vendors))
	for i := range lots {
		b := &lots[i]
		if err := b.Check(); err != nil {
			l.breachLocked("ledger", "%v", err)
		}
		if lot, ok := l.lots[b.ID]; ok && (lot.Units != b.Units || lot.Total != b.Total) {
			l.breachLocked("ledger", "lot %s has %d units for %v, bought were %d for %v", b.ID, b.Units, b.Total, lot.Units, lot.Total)
		}
		known[b.Provider[0]-'a'] += b.Posted + b.Unknown + b.Held
	}
	for i, v := range l.vendors {
		v.mu.Lock()
		billed := v.billed
		v.mu.Unlock()
		if billed > known[i] {
			l.breachLocked("billing", "vendor %s billed %d calls; the ledger knows of %d that may be billed", vendorName(i), billed, known[i])
		}
	}
}

// checkEnd checks what must hold when nothing runs.
func (l *laws) checkEnd() {
	lots, _ := l.disk.Lots(context.Background(), "")
	l.mu.Lock()
	defer l.mu.Unlock()
	posted := make([]int64, len(l.vendors))
	for _, b := range lots {
		if b.Held != 0 {
			l.breachLocked("recovery", "%d units of lot %s are still held", b.Held, b.ID)
		}
		posted[b.Provider[0]-'a'] += b.Posted
		l.count.unknown += int(b.Unknown)
	}
	for i, v := range l.vendors {
		if posted[i] > v.billed {
			l.breachLocked("billing", "%d calls of vendor %s are booked as charged, it billed %d", posted[i], vendorName(i), v.billed)
		}
	}
	for _, own := range l.ids {
		if own.told != nil {
			l.checkStored(own, own.told)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(l.keys)) {
		if _, _, err := l.disk.Claim(context.Background(), l.keys[key].claim); errors.Is(err, store.ErrInProgress) {
			l.breachLocked("recovery", "key %s is still running", key)
		}
	}
	l.checkMoney(lots)
	l.checkHolds()
	for id, a := range l.given {
		record, err := l.disk.Consent(context.Background(), tenant, id)
		most := len(a.calls)
		for id, r := range a.holds {
			if r.disturbed && !a.calls[id] {
				most++
			}
		}
		if err != nil || record.Used < len(a.calls) || record.Used > most {
			l.breachLocked("consent uses", "a consent has %d uses; data were sent for %d verifications, perhaps for %d: %v", record.Used, len(a.calls), most, err)
		}
	}
}

// checkMoney: the money of each package is the sum of what its entries moved.
func (l *laws) checkMoney(lots []ledger.Balance) {
	type sums [6]int64
	money := map[string]*sums{}
	for page := (ledger.Page{}); ; {
		list, next, err := l.disk.Entries(context.Background(), ledger.Filter{}, page)
		if err != nil {
			l.breachLocked("money", "the entries cannot be read: %v", err)
			return
		}
		for i := range list {
			e := &list[i]
			if money[e.Lot] == nil {
				money[e.Lot] = &sums{}
			}
			money[e.Lot][e.From] -= e.Amount.Micros
			money[e.Lot][e.To] += e.Amount.Micros
		}
		if next == "" {
			break
		}
		page.After = next
	}
	for i := range lots {
		b, m := &lots[i], money[lots[i].ID]
		if m == nil || -m[ledger.Bought] != b.Total.Micros || m[ledger.Available] != b.Left || slices.Min(m[ledger.Available:]) < 0 {
			l.breachLocked("money", "lot %s cost %v and has %d left; its entries moved %v", b.ID, b.Total, b.Left, m)
		}
	}
}

// checkHolds: a unit is where the outcome of its call put it, unless the outcome was lost.
func (l *laws) checkHolds() {
	for page := (ledger.Page{}); ; {
		list, next, err := l.disk.Holds(context.Background(), ledger.Filter{}, page)
		if err != nil {
			l.breachLocked("ledger", "the holds cannot be read: %v", err)
			return
		}
		for i := range list {
			c := l.calls[list[i].Intent.Attempt]
			if c == nil || c.end.IsZero() || c.disturbed || list[i].Why == "statement" {
				continue
			}
			want := ledger.StateVoided
			switch charge := c.answer.Charge; {
			case c.err == nil && charge == idv.Charged || c.err != nil && c.err.Charge == idv.Charged:
				want = ledger.StatePosted
			case c.chargable:
				want = ledger.StateUnknown
			}
			if list[i].State != want {
				l.breachLocked("ledger", "the unit of a call of vendor %s is %v, want %v", vendorName(c.vendor), list[i].State, want)
			}
		}
		if next == "" {
			return
		}
		page.After = next
	}
}
