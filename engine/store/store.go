// Package store is the contract for persistent data: the ledger's lots, holds and entries
// (rules in package ledger), verifications, idempotency keys, consents (rules in package
// policy/consent), the keys and erasures of data subjects, the counters of policy, API keys
// (policy/access), and the acts of operators (policy/audit).
//
// A new store passes package storetest. Its driver is added to the words of store.driver in
// config/rules.go and to OpenStore in config/assemble.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/access"
)

// The errors that callers act on, with errors.Is; beside those of package ledger.
var (
	// ErrNotFound means that this tenant has no such verification. A verification of another
	// tenant is not found either.
	ErrNotFound = errors.New("no such verification")
	// ErrInProgress means that the first request with this key is still running.
	ErrInProgress = errors.New("a request with this idempotency key is still running")
	// ErrKeyReused means that the key was used for a different request.
	ErrKeyReused = errors.New("this idempotency key was used with another request")
	// ErrOverdue means that a request has ended for the store: its deadline is over, or it
	// no longer has its idempotency key. It may make no further call.
	ErrOverdue = errors.New("the deadline of the request is over")
	// ErrStored means that a verification with this id is already stored.
	ErrStored = errors.New("this verification is already stored")
	// ErrPage means that a cursor is not from the same list.
	ErrPage = errors.New("the cursor is not from this list; start again without a cursor")
	// ErrKeyChanged means that a draft was sealed with a data key that is not the subject's
	// current one, so its text could not be read again. Look up the key and seal again.
	ErrKeyChanged = errors.New("the subject has a different data key now")
	// ErrUnavailable means that the store cannot be reached or used now. The same operation
	// may succeed later.
	ErrUnavailable = errors.New("the store is unavailable")
	// ErrUnwritable means that the store cannot make anything durable now, so no call may be
	// made: the disk may be full or the server unreachable. It recovers without a restart.
	// errors.Is reports that it is an ErrUnavailable too.
	ErrUnwritable error = unwritableError{}
	// ErrDamaged means that stored data is damaged. It does not recover: an operator has to
	// restore a backup.
	ErrDamaged = errors.New("the database is damaged; stop heyan, restore the last backup, and reconcile the ledger with the vendors' bills")
)

// Margin is the time after its deadline at which a call or request counts as lost. It
// allows for outcomes that are still being written.
const Margin = time.Minute

// Store is the storage of the engine and its operators. Implementations are safe for
// concurrent use. When a method returns nil, its changes are durable. When it returns an
// error, its changes may have been written, but never twice.
//
// Every decision about time is made by one checked clock of the store, see Clock: that of
// the database server if it has one, so that the clocks of nodes do not matter.
type Store interface {
	Calls
	Results
	Keys
	Lots
	Accounts
	Findings
	Consents
	Subjects
	policy.Counters
	APIKeys
	Calendar
	Gates
	Audit
	Orders
	Gaps
	Outbox
	Feed
	Health
	// Close writes what is queued and releases all resources. The store cannot be used
	// afterwards.
	Close() error
}

// Calls is the part of the ledger that a running verification uses, see dispatch.Book and
// ledger.Book.
type Calls interface {
	// Hold writes an intent and reserves one unit. It returns ErrOverdue if the call may no
	// longer begin, see Admit, ledger.Exhausted if the provider's packages are used up, and a
	// consent.Fault if the consent is not valid; then nothing is reserved. The intent's
	// deadline is translated to the store's clock, see Translate.
	Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error)
	// Settle writes the outcome of a held call, once. a.Charge decides whether the unit is
	// posted, voided or left unknown.
	Settle(ctx context.Context, a idv.Attempt) error
}

// Results stores verifications.
type Results interface {
	// Complete stores a verification and completes its claim, if key.Key is not "". It
	// replaces the verification that Recover stored in place of a request that was not lost,
	// and returns the use of a consent if no call of the verification sent data, see ReturnsUse.
	Complete(ctx context.Context, key Key, v idv.Verification) error
	// CompleteWithCall settles the last call of a verification and completes it, both or
	// neither, with one durable write instead of two.
	CompleteWithCall(ctx context.Context, a idv.Attempt, key Key, v idv.Verification) error
	// Verification returns a stored one, or ErrNotFound.
	Verification(ctx context.Context, tenant idv.Tenant, id string) (idv.Verification, error)
	// FindVerifications returns those that a filter selects, newest first, and the cursor of
	// the next page, "" on the last. What is stored between two pages appears on neither,
	// unless it was created before their rows. It returns ErrPage for an invalid cursor.
	FindVerifications(ctx context.Context, f VerificationFilter, p ledger.Page) (list []idv.Verification, next string, err error)
}

// Keys stores idempotency keys.
type Keys interface {
	// Claim claims a key for a request. If the same request completed earlier, it returns
	// its result with done = true. It returns ErrInProgress while that request runs, and
	// ErrKeyReused if the fingerprint differs. The key of a completed request is free after
	// its expiry. The times of the claim are translated to the store's clock, see Translate.
	Claim(ctx context.Context, c Claim) (earlier idv.Verification, done bool, err error)
	// Release frees the key of a verification that ended before any call. It returns
	// ErrOverdue and changes nothing if this verification no longer runs under the key.
	Release(ctx context.Context, k Key, verification string) error
	// ReleaseUncalled does the same for a verification that was processed without a call of a
	// provider, and stores its short form, see [idv.Verification.Brief], in the same write.
	ReleaseUncalled(ctx context.Context, k Key, v idv.Verification) error
}

// Lots stores the packages.
type Lots interface {
	// AddLot adds a package in its canonical form, see CanonicalLot. It returns a
	// *ledger.LotError with the package that has its id already, and a *ledger.CurrencyError for
	// an amount in another currency than that of the ledger.
	AddLot(ctx context.Context, l ledger.Lot) error
	// CancelLot takes back what is left of a package that was booked by mistake, for the reason
	// why; see ledger.Book.CancelLot.
	CancelLot(ctx context.Context, lot, why string) error
	// Lots returns the lots of a provider, or of all if it is "", in the order of
	// ledger.SortLots.
	Lots(ctx context.Context, provider string) ([]ledger.Balance, error)
	// SpreadLot divides the available units of a lot evenly over the rows that the store gives
	// a new lot, and returns their number. It changes no balance.
	SpreadLot(ctx context.Context, lot string) (rows int, err error)
	// WriteOff removes available units of a lot for the reason why.
	WriteOff(ctx context.Context, lot string, units int64, why string) error
}

// Accounts is the part of the ledger that operators use.
type Accounts interface {
	// Entries returns entries by time, and the cursor of the next page, "" on the last.
	Entries(ctx context.Context, f ledger.Filter, p ledger.Page) (list []ledger.Entry, next string, err error)
	// FinalUntil returns the time before which the entries are final: whatever is committed
	// after this call is later, on any node. A node may be writing later entries in any order,
	// so a reader that follows the ledger reads no further, see FinalEntries.
	FinalUntil(ctx context.Context) (time.Time, error)
	// Holds returns holds by the time of their calls, in the given states or in all. Holds
	// in ledger.StateUnknown wait for reconciliation.
	Holds(ctx context.Context, f ledger.Filter, p ledger.Page, states ...ledger.State) (list []ledger.Hold, next string, err error)
	// Resolve settles the unknown hold of an attempt, for the reason why.
	Resolve(ctx context.Context, attempt string, charge idv.Charge, why string) error
	// Usage returns the calls and their cost by month, provider, outcome and charge.
	Usage(ctx context.Context, f ledger.Filter) ([]ledger.Use, error)
	// Performance returns what the calls say about the providers, in the order of
	// ledger.Performance.Sort. A database adds up the calls itself; its sums may be of moments
	// that are a little apart.
	Performance(ctx context.Context, f ledger.Filter) (ledger.Performance, error)
}

// Findings stores what vendors changed in their replies.
type Findings interface {
	// AddFindings adds the counts of findings to those that are stored, and extends their
	// times. A new finding of a provider that has MaxFindings, and one whose texts cannot be
	// kept, is dropped.
	AddFindings(ctx context.Context, list []idv.Finding) error
	// Findings returns the findings of a provider, or of all if it is "", in the order of
	// idv.SortFindings.
	Findings(ctx context.Context, provider string) ([]idv.Finding, error)
}

// MaxFindings is the greatest number of findings of a provider that are kept.
const MaxFindings = 500

// APIKeys stores the keys of callers. The ids are unique over all tenants, since a request
// names its tenant by its key.
type APIKeys interface {
	// AddAPIKey stores a new key. It returns an *access.FieldError if the key is not valid at
	// its creation, access.ErrTwice if the id is taken, and access.ErrTooMany if the name has
	// access.MaxLive live keys.
	AddAPIKey(ctx context.Context, k access.Key) error
	// APIKey returns a key of any tenant, or access.ErrNotFound.
	APIKey(ctx context.Context, id string) (access.Key, error)
	// APIKeys returns the keys of a tenant, or of all if it is "", by creation, and the cursor
	// of the next page, "" on the last.
	APIKeys(ctx context.Context, tenant idv.Tenant, p ledger.Page) (list []access.Key, next string, err error)
	// RevokeAPIKey revokes a key of a tenant, or of any if it is "", and returns it. A key that
	// is revoked stays as it is. It returns access.ErrNotFound for a key of another tenant.
	RevokeAPIKey(ctx context.Context, tenant idv.Tenant, id string) (access.Key, error)
	// UseAPIKeys stores when keys were used last, by id. A time before the stored one, and an
	// unknown id, have no effect.
	UseAPIKeys(ctx context.Context, used map[string]time.Time) error
	// APIKeyVersion returns a number that every added and every revoked key changes, so that
	// a node drops what it knows of keys. It is cheap to read, many times a second.
	APIKeyVersion(ctx context.Context) (int64, error)
}

// Outbox keeps the messages to webhooks until they are delivered. A message is stored in the
// write that stores its verification, so that neither exists without the other, and it is
// delivered at least once.
type Outbox interface {
	// Subscribe sets who gets messages about the verifications that are stored from now on.
	Subscribe(s Subscriber)
	// TakeMessages returns up to n messages of a webhook that are due, and makes them due again
	// after a time in which the caller sends them, so that no other node does.
	TakeMessages(ctx context.Context, webhook string, n int, lease time.Duration) ([]Message, error)
	// SettleMessages stores the results of attempts. Unknown messages have no effect.
	SettleMessages(ctx context.Context, results []Delivery) error
	// Messages returns undelivered messages, newest first, and the cursor of the next page, ""
	// on the last. It returns ErrPage for an invalid cursor.
	Messages(ctx context.Context, f MessageFilter, p ledger.Page) (list []Message, next string, err error)
	// ResendMessage makes a message due now, with all its attempts, and returns it. It returns
	// ErrNoMessage if the filter does not select it.
	ResendMessage(ctx context.Context, f MessageFilter, id string) (Message, error)
}

// Feed reports changes between nodes, so that each drops what it has in memory.
type Feed interface {
	// Changes returns a channel with the changes that any node, this one included, makes from
	// now on, until ctx is done, which closes it. It is nil if the store has no way to report
	// them. A change is reported once its data are readable.
	//
	// Changes may be lost while the database cannot be reached, so a reader also polls; they
	// make it quick. A reader must make no change because of one: it would never end.
	Changes(ctx context.Context) <-chan Change
}

// Topic is a kind of data that nodes hold in memory.
type Topic string

// The topics.
const (
	TopicAPIKeys  Topic = "access"
	TopicCalendar Topic = "calendar"
	TopicGates    Topic = "gates"
)

// Change says that the data of a topic changed. It holds no personal data.
type Change struct {
	Topic Topic  // any topic if ""
	ID    string // of what changed; anything of the topic if ""
}

// Of reports whether a change concerns a topic.
func (c Change) Of(t Topic) bool { return c.Topic == "" || c.Topic == t }

// Health has the checks and repairs of a store.
type Health interface {
	// Ready checks by a durable write whether a hold could be written.
	Ready(ctx context.Context) error
	// Recover completes what crashed nodes left, see Recovery. Call it about every minute;
	// any node may call it at any time.
	Recover(ctx context.Context) (Recovery, error)
}

// Recovery is the result of Recover, which handles what is past its deadline by more than
// Margin.
type Recovery struct {
	// Unknown are the holds without an outcome. Their calls may have been made and charged,
	// so they wait for reconciliation.
	Unknown []ledger.Hold
	// Concluded are the keys of lost requests that made a call that may have been charged.
	// They now replay what is known, see RecoveredClaim.
	Concluded []Key
	// Freed are the keys of lost requests that made no such call.
	Freed []Key
	// Expired is the number of units of expired lots that were written off.
	Expired int64
}

// Empty reports whether Recover changed nothing.
func (r *Recovery) Empty() bool {
	return len(r.Unknown) == 0 && len(r.Concluded) == 0 && len(r.Freed) == 0 && r.Expired == 0
}

// unwritableError is the type of ErrUnwritable, which is an ErrUnavailable too.
type unwritableError struct{}

func (unwritableError) Error() string { return "the store cannot write" }

// Is reports that an ErrUnwritable is an ErrUnavailable too.
func (unwritableError) Is(target error) bool { return target == ErrUnavailable }

// Kind describes an error for logs without its text, which may contain stored data: the
// SQLSTATE if a database returned one, else the type of the root cause.
func Kind(err error) string {
	var database interface{ SQLState() string }
	if errors.As(err, &database) {
		return "SQLSTATE " + database.SQLState()
	}
	for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
		err = cause
	}
	return fmt.Sprintf("%T", err)
}
