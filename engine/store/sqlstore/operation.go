package sqlstore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// kind is how long an operation is kept.
type kind uint8

const (
	request     kind = iota // dropped when its caller stops waiting
	outcome                 // of a call: kept until it is written, since the call may have been paid
	maintenance             // dropped like a request; its transaction may take longer
)

// The limits of time.
const (
	longestWait     = 30 * time.Second // of a caller without a deadline
	requestTime     = 5 * time.Second  // of a transaction
	maintenanceTime = 30 * time.Second // of a transaction with an operation of maintenance
)

var (
	errClosed    = errors.New("the store is closed")
	errUncertain = errors.New("the connection broke during the commit; the transaction may be durable")
	errCutOff    = errors.New("the caller's time ended during the transaction, which may become durable")
	errBusy      = errors.New("another node had what this operation needs for two seconds; nothing was done")
	errQueued    = errors.New("the caller's time ended; the outcome is written when the database answers again")
)

// mayBeDurable reports whether an operation that failed with the error may be durable
// nevertheless.
func mayBeDurable(err error) bool { return errors.Is(err, errUncertain) || errors.Is(err, errCutOff) }

// operation is what one caller does in a transaction.
type operation struct {
	kind kind
	need func(*needs)      // declares what it reads
	do   func(*unit) error // decides; called again if the transaction is repeated

	// Used by the writer only.
	tries int       // failed transactions
	needs needs     // of this operation alone
	waits int       // times that another node had what it needs
	since time.Time // the first of them
	due   time.Time // when it is tried again

	mu      sync.Mutex
	gone    bool  // the caller no longer waits, so do must not touch the caller's variables
	decided bool  // do was called, so the transaction may become durable
	result  error // of do
	err     error // for the caller
	done    chan struct{}
	ended   bool // done is closed
}

// decide calls do, unless the caller has stopped waiting: nothing is then written.
func (o *operation) decide(u *unit) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gone && o.kind != outcome {
		return
	}
	o.decided = true
	o.result = o.do(u)
}

// undecide takes back a decision that another node keeps from being one.
func (o *operation) undecide() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.decided, o.result = false, nil
}

// The times of operations that need what another node has.
const (
	firstWait   = 2 * time.Millisecond // doubled each time
	longestPart = 5                    // doublings
	longestBusy = 2 * time.Second      // unless it is an outcome
)

// later sets when a busy operation is tried again, and returns false if it has waited too long.
// The times are random, so that two nodes do not meet again and again.
func (o *operation) later(now time.Time) bool {
	if o.waits == 0 {
		o.since = now
	}
	if o.kind != outcome && now.Sub(o.since) > longestBusy {
		return false
	}
	wait := firstWait << min(o.waits, longestPart)
	o.due = now.Add(wait + rand.N(wait))
	o.waits++
	return true
}

// dropped reports whether the operation is no longer needed.
func (o *operation) dropped() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.gone && o.kind != outcome
}

// finish gives the caller its result, once.
func (o *operation) finish(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ended {
		o.err, o.ended = err, true
		close(o.done)
	}
}

// succeed ends an operation whose transaction is durable.
func (o *operation) succeed() { o.finish(o.result) }

// leave ends the wait of the caller and returns what is known of the operation then.
func (o *operation) leave(cause error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return o.err
	}
	o.gone = true
	switch {
	case o.kind == outcome:
		return fmt.Errorf("%w: %w: %w", store.ErrUnwritable, errQueued, cause)
	case o.decided:
		return fmt.Errorf("%w: %w: %w", store.ErrUnwritable, errCutOff, cause)
	}
	return unavailable(cause)
}

// limit returns the time that the transaction of a batch may take.
func limit(batch []*operation) time.Duration {
	for _, o := range batch {
		if o.kind == maintenance {
			return maintenanceTime
		}
	}
	return requestTime
}
