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
	lotNeeds
	holds         map[string]bool    // the hold alone
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
	probe    bool             // the row of Ready
	admin    bool             // it changes what one node at a time may change
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
	earliest  time.Time // now, or earlier if the clock jumped back
	last      time.Time // of the newest entry

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

	notify string                 // see transaction.notify
	part   ledger.Snapshot        // as loaded
	lots   map[string]ledger.Lot  // as loaded
	rows   map[rowID]ledger.Row   // as loaded
	holds  map[string]bool        // as loaded
	lotOf  map[string]string      // the lots of these holds
	ended  map[store.Key]*claimed // the claims that changed, nil if deleted
	writes []statement

	taken map[int64]bool     // names that another node has
	there map[store.Key]bool // the consents that are stored, of which another node may have some
	short string             // the provider whose rows here have no unit for the last call

	subscriber *store.Subscriber // nil if no webhook is configured
}

// claimed is a claim as stored.
type claimed struct {
	store.Claimed

	empty  bool // it is done, and its result was deleted
	stored bool // it is in the table
}

func newUnit() *unit {
	return &unit{
		claims: map[store.Key]*claimed{}, stored: map[store.Key]string{},
		consents: map[store.Key]*agreement{}, asked: map[person][]*idv.Verification{}, dataKeys: map[person][]byte{},
		erasures: map[store.Key]*store.Erasure{}, erased: map[person][]store.Key{}, counters: map[counterID]*counter{},
		apiKeys: map[string]*access.Key{}, messages: map[string]store.Message{}, windows: map[string]route.Window{},
		lots: map[string]ledger.Lot{}, rows: map[rowID]ledger.Row{}, holds: map[string]bool{}, lotOf: map[string]string{},
		ended: map[store.Key]*claimed{}, taken: map[int64]bool{}, there: map[store.Key]bool{},
	}
}

// load reads what a batch needs, and locks what must not change meanwhile.
func load(ctx context.Context, tx transaction, clock *store.Clock, batch []*operation) (*unit, error) {
	var n needs
	calls := map[string]int64{}
	divides := tx.divides()
	for _, o := range batch {
		o.need(&n)
		if !divides { // nothing is ever busy
			continue
		}
		o.needs = needs{}
		o.need(&o.needs)
		for provider := range o.needs.providers {
			calls[provider]++
		}
	}
	u := newUnit()
	u.notify = tx.notify()
	list := slices.Concat(
		tx.lock(&n, u.taken), u.lotStatements(tx, &n), u.readTime(tx.clock(), clock), u.readHolds(&n), u.readResults(&n),
		u.readConsents(tx, &n), u.readPeople(&n), u.readCounters(&n), u.readAPIKeys(&n), u.readOperations(&n), u.readWindows(&n), u.readMessages(&n),
	)
	if err := tx.run(ctx, list); err != nil {
		return nil, err
	}
	if divides {
		if err := u.enough(ctx, tx, calls); err != nil {
			return nil, err
		}
	} else if u.needsCurrency(&n.lotNeeds) {
		if err := tx.run(ctx, []statement{u.readCurrency()}); err != nil {
			return nil, err
		}
	}
	u.openBook(tx.newRows())
	return u, nil
}

// busy reports whether another node has something that an operation needs.
func (u *unit) busy(n *needs) bool {
	if len(u.taken) > 0 && slices.ContainsFunc(n.names(), func(one name) bool { return u.taken[one.key] }) {
		return true
	}
	for k := range n.consents {
		if u.there[k] && u.consents[k] == nil {
			return true
		}
	}
	return u.lacksRow(n)
}

// decide lets the operations of a batch decide, and returns those that another node keeps from
// it, to be tried again.
func (u *unit) decide(ctx context.Context, tx transaction, batch []*operation) (busy []*operation, err error) {
	short := map[*operation]string{}
	providers := map[string]bool{}
	for _, o := range batch {
		if tx.divides() && u.busy(&o.needs) {
			busy = append(busy, o)
			continue
		}
		u.short = ""
		o.decide(u)
		if u.short != "" {
			short[o], providers[u.short] = u.short, true
		}
	}
	if len(short) == 0 || !tx.divides() {
		return busy, nil
	}
	found, err := u.elsewhere(ctx, tx, providers)
	for o, provider := range short {
		if found[provider] {
			o.undecide()
			busy = append(busy, o)
		}
	}
	return busy, err
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
	u.earliest = u.now.Add(min(clock.Jump(), 0)).Truncate(time.Microsecond)
}

// readHolds reads holds, each once.
func (u *unit) readHolds(n *needs) (list []statement) {
	each := func(r row) error {
		h, err := scanHold(r)
		if id := h.Intent.Attempt; !u.holds[id] {
			u.holds[id], u.lotOf[id] = true, h.Lot
			u.part.Holds = append(u.part.Holds, h)
		}
		return err
	}
	for _, set := range []map[string]bool{n.holds, n.attempts} {
		for id := range set {
			list = append(list, statement{selectHold, []any{id}, each})
		}
	}
	for id := range n.verifications {
		list = append(list, statement{selectHoldsOf, []any{id}, each})
	}
	return list
}

// readResults reads claims, and which verifications are stored.
func (u *unit) readResults(n *needs) []statement {
	var list []statement
	for k := range n.keys {
		list = append(list, statement{selectClaim, []any{k.Tenant, k.Key}, func(r row) error {
			c, err := scanClaim(r)
			c.stored = true
			u.claims[c.Key] = c
			return err
		}})
	}
	for k := range n.results {
		list = append(list, statement{selectStored, []any{k.Tenant, k.Key}, func(r row) error {
			var id store.Key
			var kind string
			err := r.Scan(&id.Tenant, &id.Key, &kind)
			u.stored[id] = kind
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
	return slices.Concat(u.saveLedger(), consents, u.saveCounters(), u.saveClaims(), u.writes), nil
}

// saveClaims returns the statements that save the claims as they are at the end of the batch.
func (u *unit) saveClaims() (list []statement) {
	for k, c := range u.ended {
		switch {
		case c == nil:
			list = append(list, statement{sql: deleteClaim, args: []any{k.Tenant, k.Key}})
		case c.stored:
			list = append(list, statement{sql: endClaim, args: []any{k.Tenant, k.Key}})
		default:
			list = append(list, insertClaim(c))
		}
	}
	return list
}
