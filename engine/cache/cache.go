// Package cache holds what may be lost: answers that may be given again for a short
// time. Nothing that decides over money or consent stands here, because a cache
// forgets when it likes to; such things belong in the store.
package cache

import (
	"time"

	"github.com/dgraph-io/ristretto/v2"

	"github.com/heyan-id/heyan/engine/idv"
)

// Key names a question of a tenant. Mark is a keyed hash of it, so that the cache
// holds nothing that leads to a person.
type Key struct {
	Tenant idv.Tenant
	Mark   [16]byte
}

func (k Key) text() string { return string(k.Mark[:]) + string(k.Tenant) }

// Answer is an earlier answer. It holds nothing of the person.
type Answer struct {
	Verification string
	Verdict      idv.Verdict
	Fidelity     idv.Fidelity
	Evidence     idv.Evidence
	Recipient    string
	At           time.Time // when the source said it

	tenant idv.Tenant
}

// Answers keeps answers for as long as each may be given again. It is safe for
// concurrent use; nil keeps nothing.
type Answers struct {
	kept *ristretto.Cache[string, Answer]
}

// size is how many answers are kept at most, some 30 MB.
const size = 100_000

// New makes a cache. It runs goroutines until Close.
func New() (*Answers, error) {
	kept, err := ristretto.NewCache(&ristretto.Config[string, Answer]{
		NumCounters: 10 * size, MaxCost: size, BufferItems: 64,
		IgnoreInternalCost: true, // else each entry costs some 57 more, and a fiftieth of them is kept
	})
	if err != nil {
		return nil, err
	}
	return &Answers{kept}, nil
}

// Put keeps an answer for a time. It may be dropped.
func (a *Answers) Put(k Key, answer Answer, life time.Duration) {
	if a == nil || life <= 0 {
		return
	}
	answer.tenant = k.Tenant
	a.kept.SetWithTTL(k.text(), answer, 1, life)
}

// Get returns an answer that is kept.
func (a *Answers) Get(k Key) (Answer, bool) {
	if a == nil {
		return Answer{}, false
	}
	answer, ok := a.kept.Get(k.text())
	if !ok || answer.tenant != k.Tenant {
		return Answer{}, false
	}
	return answer, true
}

// Wait returns when what was put is kept or dropped; for tests.
func (a *Answers) Wait() {
	if a != nil {
		a.kept.Wait()
	}
}

// Clear forgets everything.
func (a *Answers) Clear() {
	if a != nil {
		a.kept.Clear()
	}
}

// Close ends the cache.
func (a *Answers) Close() {
	if a != nil {
		a.kept.Close()
	}
}
