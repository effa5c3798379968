package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy/audit"
)

// Audit stores what operators did. A change under the context of an act, see audit.With, is
// recorded in its own transaction. These changes are AddLot, CancelLot, WriteOff, Resolve,
// ChangeConsent, Erase, AddAPIKey, RevokeAPIKey, SetOrder, AddWindow, RemoveWindow,
// ResendMessage, MarkGap and AcceptGap; no other method looks for an act, so none costs a
// verification anything.
type Audit interface {
	// Record records the act of the context, which changes nothing in the store. It returns
	// ErrNoAct if the context has none.
	Record(ctx context.Context) error
	// Acts returns the records of a tenant, or all if it is "", in their order, and the cursor
	// of the next page, "" on the last.
	Acts(ctx context.Context, tenant idv.Tenant, p ledger.Page) (list []audit.Record, next string, err error)
	// AuditHead returns the end of the chain, the zero head of an empty log.
	AuditHead(ctx context.Context) (audit.Head, error)
}

// ErrNoAct means that a context has no act to record.
var ErrNoAct = errors.New("the context has no act to record")

// VerifyAudit checks the whole audit log, which must contain the head known; the zero head if
// none was kept. It returns the end of the log. The error may be an *audit.BrokenError. Acts
// may be recorded meanwhile.
func VerifyAudit(ctx context.Context, s Audit, sealer audit.Sealer, known audit.Head) (audit.Head, error) {
	for {
		before, err := s.AuditHead(ctx)
		if err != nil {
			return audit.Head{}, err
		}
		chain := audit.NewChain(sealer, known)
		for page := (ledger.Page{}); ; {
			list, next, err := s.Acts(ctx, "", page)
			if err != nil {
				return audit.Head{}, err
			}
			for i := range list {
				if err := chain.Next(&list[i]); err != nil {
					return chain.Last(), err
				}
			}
			if page.After = next; next == "" {
				break
			}
		}
		head, err := s.AuditHead(ctx)
		if err != nil {
			return audit.Head{}, err
		}
		if head == before { // nothing was recorded meanwhile
			return head, chain.End(head)
		}
	}
}

// OrderKind is what an operator ordered for a provider.
type OrderKind string

// The kinds of orders. They are stored.
const (
	OrderDrain  OrderKind = "drain"  // send no new call
	OrderClose  OrderKind = "close"  // the same for an announced maintenance, which ends with one trial
	OrderResume OrderKind = "resume" // call again, whatever stopped the calls
)

// Order is the last order of an operator for a provider. It survives restarts and holds on
// every node.
type Order struct {
	Provider  string
	Kind      OrderKind
	Reason    string // required for OrderClose
	Principal string // who ordered it, as in the audit log
	At        time.Time
	Until     time.Time // when it ends by itself; zero for never, and for OrderResume
}

// Stands reports whether the provider is to be left alone at a time.
func (o *Order) Stands(now time.Time) bool {
	return o.Kind != OrderResume && o.Kind != "" && (o.Until.IsZero() || now.Before(o.Until))
}

// Check returns why an order cannot be given at a time.
func (o *Order) Check(now time.Time) error {
	switch {
	case o.Kind != OrderDrain && o.Kind != OrderClose && o.Kind != OrderResume:
		return &OrderError{"kind", "must be drain, close or resume"}
	case o.Kind == OrderClose && strings.TrimSpace(o.Reason) == "":
		return &OrderError{"reason", "is missing; say why the provider is closed"}
	case o.Kind == OrderResume && !o.Until.IsZero():
		return &OrderError{"until", "does not apply to resume"}
	case !o.Until.IsZero() && !o.Until.After(now):
		return &OrderError{"until", "must be in the future"}
	}
	a := audit.Act{Target: o.Provider, Principal: o.Principal, Reason: o.Reason}
	return a.Check()
}

// OrderError says which part of an order is wrong.
type OrderError struct{ Field, Message string }

// Error returns the field and what is wrong with it.
func (e *OrderError) Error() string { return e.Field + ": " + e.Message }

// Orders stores the orders of operators for providers.
type Orders interface {
	// SetOrder replaces the order for a provider; its time is that of the store. It returns an
	// error of Order.Check for one that cannot be given.
	SetOrder(ctx context.Context, o Order) (Order, error)
	// Orders returns the last order for each provider that ever had one, by name.
	Orders(ctx context.Context) ([]Order, error)
}

// Gap is a time for which the store knows no calls, because it was restored from a backup of
// From at To. Calls that were made in it, and their charges, are at the vendors alone.
type Gap struct{ From, To time.Time }

// NewGap returns a gap in whole seconds, so that it can be typed.
func NewGap(from, to time.Time) Gap {
	to = to.UTC()
	if whole := to.Truncate(time.Second); whole.Before(to) {
		to = whole.Add(time.Second)
	}
	return Gap{from.UTC().Truncate(time.Second), to}
}

// String returns the gap as ParseGap reads it.
func (g Gap) String() string { return g.From.Format(time.RFC3339) + ".." + g.To.Format(time.RFC3339) }

// ParseGap reads a gap such as 2026-11-30T10:00:00Z..2026-11-30T12:00:00Z.
func ParseGap(text string) (Gap, error) {
	from, to, _ := strings.Cut(text, "..")
	f, err := time.Parse(time.RFC3339, from)
	t, err2 := time.Parse(time.RFC3339, to)
	if err != nil || err2 != nil || t.Before(f) {
		return Gap{}, errors.New("expected the gap as it was printed, such as 2026-11-30T10:00:00Z..2026-11-30T12:00:00Z")
	}
	return NewGap(f, t), nil
}

// GapError is the error of Hold while a gap is not accepted: a call could be paid for a second
// time, or draw on units that are used up.
type GapError struct{ Gap Gap }

// Error names the gap and the remedy.
func (e *GapError) Error() string { return e.Text().EN }

// Text names the gap and the remedy.
func (e *GapError) Text() idv.Text {
	return idv.Text{
		EN: fmt.Sprintf("The store was restored and knows no call of %s, so no paid call is made. Reconcile that time with the vendors' bills, "+
			"then run heyan restore --accept-gap %s.", e.Gap, e.Gap),
		ZH: fmt.Sprintf("数据库由备份恢复，没有 %s 期间的调用记录，因此不发起任何付费调用。请先与供应商账单对账，再执行 heyan restore --accept-gap %s。", e.Gap, e.Gap),
	}
}

// ErrNoGap means that a gap to accept is not the one that is open.
var ErrNoGap = errors.New("no such gap is open")

// Gaps stores the gap of a restored store, one at a time.
type Gaps interface {
	// MarkGap opens a gap. One that is open already is extended to cover both.
	MarkGap(ctx context.Context, g Gap) error
	// AcceptGap closes the open gap, or returns ErrNoGap if it is another one.
	AcceptGap(ctx context.Context, g Gap) error
	// OpenGap returns the open gap, and whether there is one. While there is, Hold returns a
	// *GapError.
	OpenGap(ctx context.Context) (Gap, bool, error)
}

// Join returns the gap that covers both.
func (g Gap) Join(other Gap) Gap {
	if other.From.Before(g.From) {
		g.From = other.From
	}
	if other.To.After(g.To) {
		g.To = other.To
	}
	return g
}
