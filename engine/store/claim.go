package store

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// Key names an idempotency key. The tenant is part of it, so that no tenant can
// read another's result by guessing.
type Key struct {
	Tenant idv.Tenant
	Key    string
}

// Fingerprint is a keyed hash of a canonical request. A plain hash would be an
// oracle for ID numbers, whose space can be searched in hours.
type Fingerprint [32]byte

// Claim is a request that takes an idempotency key.
type Claim struct {
	Key          Key
	Print        Fingerprint
	Verification string    // the id that the request will have; its holds carry it
	Deadline     time.Time // when the request has ended at the latest
	Expiry       time.Time // until when its result is replayed
}

// Claimed is a claim as a store keeps it.
type Claimed struct {
	Claim
	Done bool // the verification is stored
}

// Resolve says what a new claim of the same key gets at a time: nil if the key is
// free for it, ErrInProgress, ErrKeyReused, or replay = true. A running claim
// never expires, since its call may still be charged; Recover ends it.
func (c *Claimed) Resolve(f Fingerprint, now time.Time) (replay bool, err error) {
	switch {
	case c.Done && !now.Before(c.Expiry):
		return false, nil
	case c.Print != f:
		return false, ErrKeyReused
	case !c.Done:
		return false, ErrInProgress
	}
	return true, nil
}

// Lost reports whether the request that holds the key must have died.
func (c *Claimed) Lost(now time.Time) bool { return !c.Done && now.After(c.Deadline.Add(Margin)) }

// Lost reports whether the process that made a hold must have died.
func Lost(h *ledger.Hold, now time.Time) bool {
	return h.State == ledger.StateHeld && now.After(h.Intent.Deadline.Add(Margin))
}

// RecoveryAction is what becomes of the key of a request that died. The zero value leaves it
// as it is.
type RecoveryAction uint8

// The fates of a key.
const (
	Wait     RecoveryAction = iota // a call of it is still being made
	Free                           // none of its calls may have cost anything: it may be made again
	Conclude                       // it may have cost something: it replays what is known
)

// ConsentOf returns the id of the kept consent that calls of one request rested on, ""
// if there is none.
func ConsentOf(holds []ledger.Hold) string {
	for i := range holds {
		if id := holds[i].Intent.Consent.ID; id != "" {
			return id
		}
	}
	return ""
}

// RecoveredClaim makes the verification of a request that died, from its calls, and
// says what is to become of its key. A retry must not pay twice, so it replays the
// verdict, if a vendor's answer was written before the request died, else
// undetermined with the reason "unknown".
//
// The caller adds the person's token, if the consent that the calls rested on is kept,
// so that the verification is found and erased with the person. If the key is free and
// no byte was sent, it gives the use of that consent back: nobody got anything. A call
// that was not charged may have carried the data all the same, and keeps the use.
//
// What only the dead process knew is not in it: the masked subject, the legal
// recipient, the fidelity, the providers left out, and the reference of a consent that
// the caller keeps.
func RecoveredClaim(c Claim, holds []ledger.Hold, now time.Time) (idv.Verification, RecoveryAction) {
	v := idv.Verification{ID: c.Verification, Tenant: c.Key.Tenant, CreatedAt: now, Reason: idv.ReasonOf(idv.FailureUnknown)}
	fate := Free
	for i := range holds {
		h := &holds[i]
		if h.State == ledger.StateHeld {
			return v, Wait
		}
		if h.State != ledger.StateVoided {
			fate = Conclude
		}
		a := h.Attempt()
		v.App, v.Purpose, v.Check = h.Intent.App, h.Intent.Purpose, h.Intent.Check
		v.ConsentID, v.Basis = h.Intent.Consent.ID, h.Intent.Basis // a call that was paid needs its reason
		if i == 0 {
			v.CreatedAt = h.Intent.At
		}
		v.Attempts = append(v.Attempts, a)
		if a.Verdict != idv.Undetermined {
			v.Verdict, v.Reason = a.Verdict, ""
			v.Evidence = []idv.Evidence{{
				Type: "electronic_record", CheckMethod: "data", Provider: a.Provider, CheckID: a.VendorRef, Time: a.StartedAt.Add(a.Duration),
			}}
		}
	}
	return v, fate
}
