package sqlstore

import (
	"context"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
)

// needs is what the operations of a batch read before they decide.
type needs struct {
	providers     map[string]bool // their usable lots
	holds         map[string]bool // the hold alone
	attempts      map[string]bool // the hold, and its lot
	lots          map[string]bool
	verifications map[string]bool    // their holds
	keys          map[store.Key]bool // the claim, and its result
	results       map[store.Key]bool // the kind of the verification, if it is stored

	consents map[store.Key]bool // by tenant and id
	deciders map[person]bool    // the open consents
	refusals map[person]bool    // the refused consents
	people   map[person]bool    // consents and verifications
	dataKeys map[person]bool
	erased   map[person]bool    // the erasures
	erasures map[store.Key]bool // by tenant and id
	counters map[member]bool    // the counter, and whether it has the member
	apiKeys  map[string]bool
	keyNames map[keyName]bool // all keys of the name
	messages map[string]bool  // undelivered ones
	windows  bool             // all maintenance windows
	audit    bool             // the head of the audit log
	gap      bool             // the open gap
}

// add adds a name to a set that may be nil.
func add[K comparable](set *map[K]bool, name K) {
	if *set == nil {
		*set = map[K]bool{}
	}
	(*set)[name] = true
}

// unit is the part of the store that a batch works on. It is loaded, changed in memory by
// the rules of package ledger, and saved. Each operation of a batch sees the changes of the
// previous ones.
type unit struct {
	now       time.Time // of the store, see store.Clock
	confirmed bool      // now is confirmed, so data may be deleted because of its age
	latest    time.Time // now, or later if the clock jumped ahead: what another process may take for now

	book   *ledger.Book
	claims map[store.Key]*claimed
	stored map[store.Key]string // the kinds of verifications by tenant and id

	consents map[store.Key]*agreement
	asked    map[person][]*idv.Verification
	dataKeys map[person][]byte
	erasures map[store.Key]*store.Erasure
	erased   map[person][]store.Key // the erasures of a person
	counters map[counterID]*counter
	apiKeys  map[string]*access.Key
	messages map[string]store.Message
	windows  map[string]route.Window
	audit    audit.Head
	gap      *store.Gap // nil if none is open

	notify string                    // see transaction.notify
	lots   map[string]ledger.Balance // as loaded
	holds  map[string]bool           // as loaded
	writes []statement

	subscriber *store.Subscriber // nil if no webhook is configured
}

// claimed is a claim with its result, as stored.
type claimed struct {
	store.Claimed
	data string
}

// empty reports whether the result was deleted.
func (c *claimed) empty() bool { return c.Done && c.data == "" }

func newUnit() *unit {
	return &unit{
		claims: map[store.Key]*claimed{}, stored: map[store.Key]string{},
		consents: map[store.Key]*agreement{}, asked: map[person][]*idv.Verification{}, dataKeys: map[person][]byte{},
		erasures: map[store.Key]*store.Erasure{}, erased: map[person][]store.Key{}, counters: map[counterID]*counter{},
		apiKeys: map[string]*access.Key{}, messages: map[string]store.Message{}, windows: map[string]route.Window{},
		lots: map[string]ledger.Balance{}, holds: map[string]bool{},
	}
}

// load reads what a batch needs.
func load(ctx context.Context, tx transaction, clock *store.Clock, batch []*operation) (*unit, error) {
	var n needs
	for _, o := range batch {
		o.need(&n)
	}
	u := newUnit()
	u.notify = tx.notify()
	var part ledger.Snapshot
	list := slices.Concat(
		u.readTime(tx.clock(), clock), u.readLedger(&n, &part), u.readResults(&n), u.readConsents(&n), u.readPeople(&n), u.readCounters(&n), u.readAPIKeys(&n),
		u.readOperations(&n), u.readWindows(&n), u.readMessages(&n),
	)
	if err := tx.run(ctx, list); err != nil {
		return nil, err
	}
	for _, l := range u.lots {
		part.Lots = append(part.Lots, l)
	}
	u.book = ledger.Open(part)
	return u, nil
}

// readTime reads the time of the database, or of this machine if sql is "". The clocks of
// nodes differ, so that of a node decides nothing that concerns the others.
func (u *unit) readTime(sql string, clock *store.Clock) []statement {
	if sql == "" {
		now, confirmed := clock.Now()
		u.setTime(now, confirmed, clock)
		return nil
	}
	return []statement{{sql: sql, each: func(r row) error {
		var now int64
		err := r.Scan(&now)
		checked, confirmed := clock.Check(timeOf(now))
		u.setTime(checked, confirmed, clock)
		return err
	}}}
}

// setTime sets the time by which the unit decides, and that from which the deadlines and
// expiries count that it stores: a process that started after a jump follows the clock at
// once, and must not take a running request of this one for lost.
func (u *unit) setTime(now time.Time, confirmed bool, clock *store.Clock) {
	u.now, u.confirmed = now.Truncate(time.Microsecond), confirmed // as it is stored
	u.latest = u.now.Add(max(clock.Jump(), 0)).Truncate(time.Microsecond)
}

// readLedger reads lots and holds into part, each once.
func (u *unit) readLedger(n *needs, part *ledger.Snapshot) []statement {
	if len(n.providers)+len(n.holds)+len(n.attempts)+len(n.lots)+len(n.verifications) == 0 {
		return nil
	}
	lot := func(r row) error {
		l, err := scanLot(r)
		u.lots[l.ID] = l
		return err
	}
	hold := func(r row) error {
		h, err := scanHold(r)
		if !u.holds[h.Intent.Attempt] {
			u.holds[h.Intent.Attempt] = true
			part.Holds = append(part.Holds, h)
		}
		return err
	}
	list := []statement{
		{sql: selectSeq, each: func(r row) error { return r.Scan(&part.Seq) }},
		{sql: selectCurrency, each: func(r row) error { return r.Scan(&part.Currency) }},
	}
	part.Packages = map[string]int64{}
	for name := range n.providers {
		list = append(list, statement{selectUsableLots, []any{name}, lot}, statement{countPackages, []any{name}, func(r row) error {
			var count int64
			err := r.Scan(&count)
			part.Packages[name] = count
			return err
		}})
	}
	for id := range n.holds {
		list = append(list, statement{selectHold, []any{id}, hold})
	}
	for id := range n.attempts {
		list = append(list, statement{selectHold, []any{id}, hold}, statement{selectLotOfHold, []any{id}, lot})
	}
	for id := range n.lots {
		list = append(list, statement{selectLot, []any{id}, lot})
	}
	for id := range n.verifications {
		list = append(list, statement{selectHoldsOf, []any{id}, hold}, statement{selectLotsOf, []any{id}, lot})
	}
	return list
}

// readResults reads claims, and which verifications are stored.
func (u *unit) readResults(n *needs) []statement {
	var list []statement
	for k := range n.keys {
		list = append(list, statement{selectClaim, []any{k.Tenant, k.Key}, func(r row) error {
			c, err := scanClaim(r, k)
			u.claims[k] = c
			return err
		}})
	}
	for k := range n.results {
		list = append(list, statement{selectStored, []any{k.Tenant, k.Key}, func(r row) error {
			kind, err := scanText(r)
			u.stored[k] = kind
			return err
		}})
	}
	return list
}

// changes returns the statements that save what the batch changed.
func (u *unit) changes() ([]statement, error) {
	consents, err := u.saveConsents()
	if err != nil {
		return nil, err
	}
	return slices.Concat(u.saveLedger(), consents, u.saveCounters(), u.writes), nil
}

func (u *unit) saveLedger() []statement {
	var c ledger.Changes
	u.book.Changes(&c)
	list := make([]statement, 0, len(c.Lots)+len(c.Holds)+len(c.Entries))
	for i := range c.Lots {
		l := &c.Lots[i]
		if before, ok := u.lots[l.ID]; ok {
			list = append(list, updateLot(l, &before))
		} else {
			list = append(list, insertLot(l))
		}
	}
	for i := range c.Holds {
		h := &c.Holds[i]
		if u.holds[h.Intent.Attempt] {
			list = append(list, updateHold(h))
		} else {
			list = append(list, insertHold(h))
		}
	}
	for i := range c.Entries {
		list = append(list, insertEntry(&c.Entries[i]))
	}
	return list
}
