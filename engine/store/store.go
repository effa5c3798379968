// Package store is the contract for persistent data: the ledger's lots, holds and entries
// (rules in package ledger), verifications, idempotency keys, consents (rules in package
// policy/consent), the keys and erasures of data subjects, and the counters of policy.
//
// A new store passes package storetest. Its driver is added to the words of store.driver in
// config/rules.go and to OpenStore in config/assemble.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy"
)

// The errors that callers act on, with errors.Is; beside those of package ledger.
var (
	// ErrNotFound says that there is no such verification for this tenant; that of
	// another tenant is not found either.
	ErrNotFound = errors.New("no such verification")
	// ErrInProgress says that the first request with this key is still running.
	ErrInProgress = errors.New("a request with this idempotency key is still running")
	// ErrKeyReused says that the key was used for another question.
	ErrKeyReused = errors.New("this idempotency key was used with another request")
	// ErrStored says that a verification of this id is stored already.
	ErrStored = errors.New("this verification is stored already")
	// ErrPage says that a cursor did not come from the same list.
	ErrPage = errors.New("this cursor is not one of this list")
	// ErrKeyChanged says that a draft was sealed with another data key than the person's,
	// so that nobody could read its text again: look the key up anew and seal again.
	ErrKeyChanged = errors.New("the person has another data key by now")
	// ErrUnavailable says that the store cannot be reached or used now. The same
	// operation may succeed later.
	ErrUnavailable = errors.New("the store is unavailable")
	// ErrUnwritable says that the store cannot make anything durable now, so no call
	// may be made: its disk may be full or its server unreachable. It recovers by itself.
	// It is an ErrUnavailable too.
	ErrUnwritable error = unwritableError{}
)

// Margin is how long after its deadline a call or a request counts as lost. It
// covers the clocks of several nodes and a process that was paused.
const Margin = time.Minute

// Store is what the engine and its operators need. Implementations are safe for
// concurrent use. What a method wrote is durable when it returns without an error;
// after an error it may have been written, never twice.
type Store interface {
	Calls
	Results
	Keys
	Lots
	Accounts
	Consents
	Subjects
	policy.Counters
	Health
	// Close flushes and frees. The store is not used afterwards.
	Close() error
}

// Calls is the book as a walk uses it, see dispatch.Book and ledger.Book.
type Calls interface {
	// Hold writes an intent and sets one unit aside. A provider that is used up is
	// refused with ledger.Exhausted; a consent that does not stand, with a
	// consent.Fault, and then nothing is set aside.
	Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error)
	// Settle writes the outcome of a held call, once: the unit is posted, given back
	// or left unknown by a.Charge.
	Settle(ctx context.Context, a idv.Attempt) error
}

// Results holds verifications.
type Results interface {
	// Complete stores a verification and ends its claim, if key.Key is not "".
	Complete(ctx context.Context, key Key, v idv.Verification) error
	// CompleteWithCall settles a call whose answer ended its verification and finishes that, both
	// or neither: one durable write instead of two.
	CompleteWithCall(ctx context.Context, a idv.Attempt, key Key, v idv.Verification) error
	// Verification returns a stored one, or ErrNotFound.
	Verification(ctx context.Context, tenant idv.Tenant, id string) (idv.Verification, error)
}

// Keys holds idempotency keys.
type Keys interface {
	// Claim takes a key for one request. It returns done = true with the earlier
	// result if the same request has ended before, ErrInProgress while it runs,
	// ErrKeyReused if the fingerprint differs. A key that is past its expiry is free,
	// if its request has ended.
	Claim(ctx context.Context, c Claim) (earlier idv.Verification, done bool, err error)
	// Release gives a key back after a request that ended before any call. The result
	// of one that has ended stays.
	Release(ctx context.Context, k Key) error
}

// Lots keeps the packages.
type Lots interface {
	// AddLot books a package; ledger.ErrDuplicate if its id is taken.
	AddLot(ctx context.Context, l ledger.Lot) error
	// Lots returns the lots of a provider, of all if it is "", ordered as
	// ledger.SortLots does.
	Lots(ctx context.Context, provider string) ([]ledger.Balance, error)
	// WriteOff gives up available units of a lot.
	WriteOff(ctx context.Context, lot string, units int64, why string) error
}

// Accounts is the book for those who answer for the money.
type Accounts interface {
	// Entries returns lines of the book by their time, and the cursor of the next
	// page, "" after the last.
	Entries(ctx context.Context, f ledger.Filter, p ledger.Page) (list []ledger.Entry, next string, err error)
	// Holds returns calls by their time, those in one of the states, in all if none is
	// given. Those in ledger.StateUnknown wait for reconciliation.
	Holds(ctx context.Context, f ledger.Filter, p ledger.Page, states ...ledger.State) (list []ledger.Hold, next string, err error)
	// Resolve settles an unknown hold by its attempt, saying why.
	Resolve(ctx context.Context, attempt string, charge idv.Charge, why string) error
	// Usage counts calls and their cost by month, provider, outcome and charge.
	Usage(ctx context.Context, f ledger.Filter) ([]ledger.Use, error)
}

// Health says whether a store can be relied on.
type Health interface {
	// Ready writes something durable, and so finds out whether a hold could be.
	Ready(ctx context.Context) error
	// Recover does what a crash left undone, see Recovery. Any node may call it at any
	// time; call it every minute or so.
	Recover(ctx context.Context) (Recovery, error)
}

// Recovery is what Recover did. It takes up what is past its deadline by Margin:
// whoever ran it is gone.
type Recovery struct {
	// Unknown are the holds that had no outcome: their calls may have been made and
	// charged, and wait for reconciliation.
	Unknown []ledger.Hold
	// Concluded are the keys whose requests died after a call that may have cost
	// something. They now replay what is known; see Conclusion.
	Concluded []Key
	// Freed are the keys whose requests died before any such call.
	Freed []Key
	// Expired is how many units of expired lots were written off.
	Expired int64
}

// Empty reports whether there was nothing to do.
func (r *Recovery) Empty() bool {
	return len(r.Unknown) == 0 && len(r.Concluded) == 0 && len(r.Freed) == 0 && r.Expired == 0
}
