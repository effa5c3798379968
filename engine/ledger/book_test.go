package ledger_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// machine applies random operations to a Book and to a simple model: a map from attempt
// to the state of its unit.
type machine struct {
	book     ledger.Book
	now      time.Time
	lots     map[string]ledger.Lot
	bought   map[string]int64
	lost     map[string]int64
	canceled map[string]bool
	state    map[string]ledger.State
	recorded map[string]bool
	lotOf    map[string]string
	entries  []ledger.Entry
	rows     map[string]map[int]ledger.Row
}

func newMachine(rows int) *machine {
	return &machine{
		book: *ledger.Open(ledger.Snapshot{Rows: rows}), rows: map[string]map[int]ledger.Row{},
		now: start, lots: map[string]ledger.Lot{}, bought: map[string]int64{}, lost: map[string]int64{}, canceled: map[string]bool{},
		state: map[string]ledger.State{}, recorded: map[string]bool{}, lotOf: map[string]string{},
	}
}

func (m *machine) AddLot(t *rapid.T) {
	l := ledger.Lot{
		ID: fmt.Sprintf("l%d", len(m.lots)), Provider: rapid.SampledFrom([]string{"p", "q"}).Draw(t, "provider"),
		Units: rapid.Int64Range(1, 5).Draw(t, "units"), Bought: start,
		Total: idv.Money{Micros: rapid.Int64Range(0, 30).Draw(t, "total"), Currency: idv.CNY},
	}
	if rapid.Bool().Draw(t, "expires") {
		l.Expires = m.now.Add(time.Duration(rapid.Int64Range(1, 100).Draw(t, "life")) * time.Second)
	}
	if err := m.book.AddLot(l, m.now); err != nil {
		t.Fatal(err)
	}
	m.lots[l.ID], m.bought[l.ID] = l, l.Units
}

func (m *machine) Hold(t *rapid.T) {
	i := idv.Intent{
		Attempt: fmt.Sprintf("a%d", len(m.state)), Provider: rapid.SampledFrom([]string{"p", "q"}).Draw(t, "provider"),
		At: m.now, Price: idv.Money{Micros: 7, Currency: idv.CNY},
	}
	want, prepaid := m.expect(i.Provider)
	held, err := m.book.Hold(i, m.now)
	switch {
	case want == "" && prepaid:
		if !errors.Is(err, ledger.Exhausted()) {
			t.Fatalf("used up, got %+v, %v", held, err)
		}
		return
	case want == "":
		want = "open:" + i.Provider
		m.bought[want]++
	}
	if err != nil || held.Lot != want {
		t.Fatalf("held %+v, %v; want of %s", held, err, want)
	}
	if l, ok := m.lots[held.Lot]; ok {
		if low := l.Total.Micros / l.Units; held.Price.Micros != low && held.Price.Micros != l.Price().Micros {
			t.Fatalf("a unit costs %d, want the mean of %v over %d units, rounded", held.Price.Micros, l.Total, l.Units)
		}
	}
	m.state[i.Attempt], m.lotOf[i.Attempt] = ledger.StateHeld, held.Lot
}

func (m *machine) Cancel(t *rapid.T) {
	if len(m.lots) == 0 {
		t.Skip("no lot yet")
	}
	id := fmt.Sprintf("l%d", rapid.IntRange(0, len(m.lots)-1).Draw(t, "lot"))
	err := m.book.CancelLot(id, "booked twice", m.now)
	switch {
	case m.canceled[id]:
		if !errors.Is(err, ledger.ErrCanceled) {
			t.Fatalf("canceled twice: %v", err)
		}
	case m.available(id) == 0:
		if !errors.Is(err, ledger.ErrTooFew) {
			t.Fatalf("canceled with nothing left: %v", err)
		}
	case err != nil:
		t.Fatal(err)
	default:
		m.bought[id] -= m.available(id)
		m.canceled[id] = true
	}
}

// expect finds the lot to draw on by a plain search over all of them.
func (m *machine) expect(provider string) (best string, prepaid bool) {
	for id, l := range m.lots {
		if l.Provider != provider || m.canceled[id] {
			continue
		}
		prepaid = true
		if m.available(id) == 0 || l.Expired(m.now) {
			continue
		}
		if best == "" || before(l, m.lots[best]) {
			best = id
		}
	}
	return best, prepaid
}

// before is the order of use, written a second time.
func before(a, b ledger.Lot) bool {
	switch pa, pb := a.Price().Micros, b.Price().Micros; {
	case a.Expires.IsZero() != b.Expires.IsZero():
		return b.Expires.IsZero()
	case !a.Expires.Equal(b.Expires):
		return a.Expires.Before(b.Expires)
	case pa != pb:
		return pa < pb
	}
	return a.ID < b.ID
}

func (m *machine) available(id string) int64 {
	left := m.bought[id] - m.lost[id]
	for a, s := range m.state {
		if m.lotOf[a] == id && s != ledger.StateVoided {
			left--
		}
	}
	return left
}

func (m *machine) pick(t *rapid.T) string {
	if len(m.state) == 0 {
		t.Skip("no hold yet")
	}
	return fmt.Sprintf("a%d", rapid.IntRange(0, len(m.state)-1).Draw(t, "attempt"))
}

func (m *machine) end(id string, c idv.Charge) {
	s := ledger.StateUnknown
	switch c {
	case idv.Charged:
		s = ledger.StatePosted
	case idv.NotCharged:
		s = ledger.StateVoided
		if lot := m.lotOf[id]; lot == "open:p" || lot == "open:q" || m.canceled[lot] {
			m.bought[lot]--
			m.lotOf[id] = "" // the lot shrank by it
		}
	}
	m.state[id] = s
}

func (m *machine) Settle(t *rapid.T) {
	id := m.pick(t)
	h, _ := m.book.Find(id)
	charge := rapid.SampledFrom([]idv.Charge{idv.ChargeUnknown, idv.Charged, idv.NotCharged}).Draw(t, "charge")
	err := m.book.Settle(idv.Attempt{ID: id, Provider: h.Intent.Provider, Charge: charge}, m.now)
	if m.recorded[id] || m.state[id].Final() {
		if !errors.Is(err, ledger.ErrSettled) {
			t.Fatalf("settled twice: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	m.recorded[id] = true
	m.end(id, charge)
}

func (m *machine) Resolve(t *rapid.T) {
	id := m.pick(t)
	charge := rapid.SampledFrom([]idv.Charge{idv.ChargeUnknown, idv.Charged, idv.NotCharged}).Draw(t, "charge")
	err := m.book.Resolve(id, charge, "by hand", m.now)
	if m.state[id] != ledger.StateUnknown || charge == idv.ChargeUnknown {
		if err == nil {
			t.Fatalf("a hold in state %v was resolved as %v", m.state[id], charge)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	m.end(id, charge)
}

func (m *machine) MarkUnknown(t *rapid.T) {
	id := m.pick(t)
	err := m.book.MarkUnknown(id, m.now)
	if (err == nil) != (m.state[id] == ledger.StateHeld) {
		t.Fatalf("lapse in state %v: %v", m.state[id], err)
	}
	if err == nil {
		m.state[id] = ledger.StateUnknown
	}
}

func (m *machine) WriteOff(t *rapid.T) {
	if len(m.lots) == 0 {
		t.Skip("no lot yet")
	}
	id := fmt.Sprintf("l%d", rapid.IntRange(0, len(m.lots)-1).Draw(t, "lot"))
	units := rapid.Int64Range(0, 3).Draw(t, "units")
	err := m.book.WriteOff(id, units, "lost", m.now)
	if fits := units > 0 && units <= m.available(id); fits != (err == nil) {
		t.Fatalf("write off %d of %d: %v", units, m.available(id), err)
	}
	if err == nil {
		m.lost[id] += units
	}
}

func (m *machine) Expire(*rapid.T) {
	for id, l := range m.lots {
		if l.Expired(m.now) {
			m.lost[id] += m.available(id)
		}
	}
	m.book.Expire(m.now)
}

func (m *machine) Wait(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.Int64Range(1, 50).Draw(t, "wait")) * time.Second)
}

// Reopen goes on with a book made of the parts of this one, as a store does.
func (m *machine) Reopen(*rapid.T) {
	m.take()
	p := ledger.Snapshot{
		Holds:    m.book.Holds(func(*ledger.Hold) bool { return true }),
		Packages: map[string]int64{}, Currency: ledger.CurrencyOf(m.book.Lots("")),
	}
	for _, whole := range m.book.Lots("") {
		p.Rows = len(m.rows[whole.ID])
		for n := range p.Rows {
			r := m.rows[whole.ID][n]
			r.Units, r.Total = whole.Units, whole.Total
			p.Lots = append(p.Lots, r)
		}
	}
	for id, l := range m.lots {
		if !m.canceled[id] {
			p.Packages[l.Provider]++
		}
	}
	m.book = *ledger.Open(p)
}

func (m *machine) take() {
	var c ledger.Changes
	m.book.Changes(&c)
	m.entries = append(m.entries, c.Entries...)
	for _, r := range c.Lots {
		if m.rows[r.ID] == nil {
			m.rows[r.ID] = map[int]ledger.Row{}
		}
		m.rows[r.ID][r.N] = r
	}
}

// checkRows checks that the entries of each row have numbers without gaps and times that grow,
// and that no unit came from nowhere.
func (m *machine) checkRows(t *rapid.T) {
	type place struct {
		lot string
		row int
	}
	last := map[place]ledger.Entry{}
	for _, e := range m.entries {
		before := last[place{e.Lot, e.Row}]
		if e.Seq != before.Seq+1 || !e.At.After(before.At) {
			t.Fatalf("%s of %v follows %s of %v", e.Number(), e.At, before.Number(), before.At)
		}
		last[place{e.Lot, e.Row}] = e
	}
	for id, rows := range m.rows {
		var moved, bought int64
		for _, r := range rows {
			moved, bought = moved+r.Moved, bought+r.Bought()
			if r.Available < 0 || r.WrittenOff < 0 || r.Left < 0 || r.Available == 0 && r.Left != 0 {
				t.Fatalf("row %d of %s: %+v", r.N, id, r)
			}
		}
		if moved != 0 || bought != m.bought[id] {
			t.Fatalf("the rows of %s moved %d units and bought %d, want 0 and %d", id, moved, bought, m.bought[id])
		}
	}
}

// Check holds after every operation.
func (m *machine) Check(t *rapid.T) {
	m.take()
	if err := m.book.Check(); err != nil {
		t.Fatal(err)
	}
	m.checkRows(t)
	sums, money := map[string]map[ledger.Account]int64{}, map[string]map[ledger.Account]int64{}
	for _, e := range m.entries {
		if sums[e.Lot] == nil {
			sums[e.Lot], money[e.Lot] = map[ledger.Account]int64{}, map[ledger.Account]int64{}
		}
		money[e.Lot][e.From] -= e.Amount.Micros
		money[e.Lot][e.To] += e.Amount.Micros
		sums[e.Lot][e.From] -= e.Units
		sums[e.Lot][e.To] += e.Units
	}
	for _, l := range m.book.Lots("") {
		s := sums[l.ID]
		from := ledger.Balance{
			Lot: l.Lot, Left: money[l.ID][ledger.Available], Available: s[ledger.Available], Held: s[ledger.Held], Posted: s[ledger.Posted],
			Unknown: s[ledger.Unknown], WrittenOff: s[ledger.WrittenOff],
		}
		if l != from || l.Units != -s[ledger.Bought] || l.Units != m.bought[l.ID] || l.Available != m.available(l.ID) {
			t.Fatalf("the lot says %+v, its entries %+v, the model %d bought, %d available", l, from, m.bought[l.ID], m.available(l.ID))
		}
		for account, micros := range money[l.ID] {
			if s[account] == 0 && micros != 0 || account == ledger.Bought && l.Total.Micros != -micros {
				t.Fatalf("lot %s: account %v has %d units and %d micros, the lot cost %v", l.ID, account, s[account], micros, l.Total)
			}
		}
	}
}

func TestBookKeepsItsRules(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{1, 3} {
		t.Run(fmt.Sprintf("%d rows", rows), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				m := newMachine(rows)
				t.Repeat(map[string]func(*rapid.T){
					"": m.Check, "add": m.AddLot, "hold": m.Hold, "settle": m.Settle, "resolve": m.Resolve, "lapse": m.MarkUnknown,
					"write off": m.WriteOff, "expire": m.Expire, "cancel": m.Cancel, "wait": m.Wait, "reopen": m.Reopen,
				})
			})
		})
	}
}
