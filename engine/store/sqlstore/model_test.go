package sqlstore

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// TestModelSQLite runs the same operations on a database and on a ledger.Book in
// memory. Both must return the same and end the same; now and then the database
// is closed and opened again.
func TestModelSQLite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	runs := 0
	rapid.Check(t, func(r *rapid.T) {
		runs++
		m := &modelled{t: t, path: fmt.Sprintf("%s/%d.db", dir, runs), now: time.Now().UTC().Truncate(time.Microsecond)}
		m.s = openFile(t, m.path)
		defer func() { closeStore(t, m.s) }()
		r.Repeat(map[string]func(*rapid.T){
			"": m.same, "add": m.add, "hold": m.hold, "settle": m.settle, "resolve": m.resolve, "write off": m.writeOff, "cancel": m.cancel, "reopen": m.reopen,
		})
		auditLots(t, m.s)
	})
}

type modelled struct {
	t       *testing.T
	path    string
	now     time.Time
	s       *Store
	book    ledger.Book
	changes ledger.Changes
	added   int
	calls   []idv.Intent
}

func (m *modelled) agree(r *rapid.T, got, want error) {
	r.Helper()
	var lot *ledger.LotError
	if errors.As(want, &lot) {
		want = lot.Err
	}
	if (got == nil) != (want == nil) || want != nil && !errors.Is(got, want) {
		r.Fatalf("the database says %v, the model %v", got, want)
	}
}

func (m *modelled) add(r *rapid.T) {
	m.added++
	l := ledger.Lot{
		ID: fmt.Sprintf("l%d", rapid.IntRange(1, m.added).Draw(r, "lot")), Provider: rapid.SampledFrom([]string{"p", "q"}).Draw(r, "provider"),
		Units: rapid.Int64Range(1, 4).Draw(r, "units"), Bought: m.now, Note: "note",
		Total: idv.Money{Micros: rapid.Int64Range(0, 9).Draw(r, "total"), Currency: idv.CNY},
	}
	if rapid.Bool().Draw(r, "expires") {
		l.Expires = m.now.Add(time.Duration(rapid.IntRange(1, 9).Draw(r, "hours")) * time.Hour)
	}
	m.agree(r, m.s.AddLot(m.t.Context(), l), m.book.AddLot(l, m.now))
}

func (m *modelled) hold(r *rapid.T) {
	v := fmt.Sprintf("v%d", len(m.calls))
	i := idv.Intent{
		Attempt: v + "-1", Verification: v, Provider: rapid.SampledFrom([]string{"p", "q"}).Draw(r, "provider"), Check: idv.CheckIDName,
		Tenant: "t", At: m.now.Add(time.Duration(len(m.calls)) * time.Microsecond), Deadline: time.Now().Add(time.Hour),
		Price: idv.Money{Micros: 7, Currency: idv.CNY},
	}
	got, err := m.s.Hold(m.t.Context(), i)
	want, wantErr := m.book.Hold(i, m.now)
	m.agree(r, err, wantErr)
	if got != want {
		r.Fatalf("held %+v, the model %+v", got, want)
	}
	if err == nil {
		m.calls = append(m.calls, i)
	}
}

func (m *modelled) pick(r *rapid.T) idv.Intent {
	if len(m.calls) == 0 {
		r.Skip("no call yet")
	}
	return rapid.SampledFrom(m.calls).Draw(r, "call")
}

func (m *modelled) settle(r *rapid.T) {
	i := m.pick(r)
	h, _ := m.book.Find(i.Attempt)
	a := idv.Attempt{
		ID: i.Attempt, Provider: i.Provider, Check: i.Check, StartedAt: i.At, Lot: h.Lot, Price: h.Intent.Price, Duration: 7,
		Charge: rapid.SampledFrom([]idv.Charge{idv.ChargeUnknown, idv.Charged, idv.NotCharged}).Draw(r, "charge"),
	}
	if rapid.Bool().Draw(r, "failed") {
		a.Failed, a.Failure, a.Origin = true, idv.Maintenance, idv.OriginVendor
	} else {
		a.Verdict, a.Delivery, a.VendorCode, a.VendorRef = idv.Mismatch, idv.Answered, "02", "ref"
	}
	m.agree(r, m.s.Settle(m.t.Context(), a), m.book.Settle(a, m.now))
}

func (m *modelled) resolve(r *rapid.T) {
	i := m.pick(r)
	c := rapid.SampledFrom([]idv.Charge{idv.ChargeUnknown, idv.Charged, idv.NotCharged}).Draw(r, "charge")
	m.agree(r, m.s.Resolve(m.t.Context(), i.Attempt, c, "by hand"), m.book.Resolve(i.Attempt, c, "by hand", m.now))
}

func (m *modelled) writeOff(r *rapid.T) {
	id, units := fmt.Sprintf("l%d", rapid.IntRange(1, m.added+1).Draw(r, "lot")), rapid.Int64Range(0, 3).Draw(r, "units")
	m.agree(r, m.s.WriteOff(m.t.Context(), id, units, "lost"), m.book.WriteOff(id, units, "lost", m.now))
}

func (m *modelled) cancel(r *rapid.T) {
	id := fmt.Sprintf("l%d", rapid.IntRange(1, m.added+1).Draw(r, "lot"))
	m.agree(r, m.s.CancelLot(m.t.Context(), id, "booked twice"), m.book.CancelLot(id, "booked twice", m.now))
}

// reopen makes the database recover: what was held becomes unknown.
func (m *modelled) reopen(r *rapid.T) {
	if rapid.IntRange(0, 4).Draw(r, "luck") > 0 {
		r.Skip("not every time")
	}
	closeStore(m.t, m.s)
	m.s = openFile(m.t, m.path)
	held := m.book.Holds(func(h *ledger.Hold) bool { return h.State == ledger.StateHeld })
	for _, h := range held {
		if err := m.book.MarkUnknown(h.Intent.Attempt, m.now); err != nil {
			r.Fatal(err)
		}
	}
	if got := m.s.Recovered(); len(got.Unknown) != len(held) {
		r.Fatalf("%d holds recovered, want %d", len(got.Unknown), len(held))
	}
}

// same compares lots, holds and entries.
func (m *modelled) same(r *rapid.T) {
	m.book.Changes(&m.changes)
	m.changes.Lots, m.changes.Holds = nil, nil
	lots, err := m.s.Lots(m.t.Context(), "")
	if err != nil {
		r.Fatal(err)
	}
	holds, next, err := m.s.Holds(m.t.Context(), ledger.Filter{}, ledger.Page{})
	if err != nil || next != "" {
		r.Fatal(err, next)
	}
	entries, _, err := m.s.Entries(m.t.Context(), ledger.Filter{}, ledger.Page{})
	if err != nil {
		r.Fatal(err)
	}
	got := [3]any{undated(lots), times(holds), kinds(entries)}
	want := [3]any{undated(m.book.Lots("")), times(m.book.Holds(func(*ledger.Hold) bool { return true })), kinds(m.changes.Entries)}
	if diff := cmp.Diff(want, got); diff != "" {
		r.Fatalf("the model -, the database +:\n%s", diff)
	}
}

// undated takes away the times of writing of lots, but for whether there is one.
func undated(list []ledger.Balance) []ledger.Balance {
	for i := range list {
		for _, at := range []*time.Time{&list[i].Booked, &list[i].Canceled} {
			if !at.IsZero() {
				*at = time.Unix(1, 0)
			}
		}
	}
	return list
}

// times takes away the times of writing, which are not the model's.
func times(list []ledger.Hold) []ledger.Hold {
	for i := range list {
		list[i].Changed, list[i].Intent.Deadline = time.Time{}, time.Time{}
	}
	return list
}

func kinds(list []ledger.Entry) map[string]ledger.Entry {
	all := map[string]ledger.Entry{}
	for _, e := range list {
		e.At = time.Time{}
		all[e.Number()] = e
	}
	return all
}
