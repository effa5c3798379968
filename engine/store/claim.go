package store

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// Key is an idempotency key of a tenant. The tenant is part of the key, so that no tenant
// can read another tenant's result.
type Key struct {
	Tenant idv.Tenant
	Key    string
}

// Fingerprint is a keyed hash of a canonical request. A hash without a key would reveal ID
// numbers, since all of them can be tried within hours.
type Fingerprint [32]byte

// Claim is the claim of a request to an idempotency key.
type Claim struct {
	Key          Key
	Print        Fingerprint
	Verification string    // the id of the verification; its holds have it too
	Deadline     time.Time // when the request must have ended
	Expiry       time.Time // when its result is no longer replayed
}

// On returns the claim with its times on the clock of the store, see Translate.
func (c Claim) On(now time.Time) Claim {
	c.Deadline, c.Expiry = Translate(c.Deadline, now), Translate(c.Expiry, now)
	return c
}

// Claimed is a stored claim.
type Claimed struct {
	Claim
	Done bool // the verification is stored
}

// Resolve decides a new claim to the same key: nil if the key is free, ErrInProgress,
// ErrKeyReused, or replay = true. A running claim never expires, since its call may still
// be charged; Recover ends it. No claim expires while the clock is not confirmed, since the
// repeated request would be paid again.
func (c *Claimed) Resolve(f Fingerprint, now time.Time, confirmed bool) (replay bool, err error) {
	switch {
	case c.Done && confirmed && !now.Before(c.Expiry):
		return false, nil
	case c.Print != f:
		return false, ErrKeyReused
	case !c.Done:
		return false, ErrInProgress
	}
	return true, nil
}

// Admit decides whether a call may begin at an instant of the store's clock, given the
// stored claim of its key, nil if there is none. It returns ErrOverdue if the deadline of
// the call or request is over, or if the request no longer has its key: Recover may have
// freed the key, and another request may be paid under it.
func Admit(i *idv.Intent, c *Claimed, now time.Time) error {
	if !now.Before(i.Deadline) {
		return ErrOverdue
	}
	if i.Key != "" && (c == nil || c.Done || c.Verification != i.Verification || !now.Before(c.Deadline)) {
		return ErrOverdue
	}
	return nil
}

// Lost reports whether the request of the claim is lost, see Margin.
func (c *Claimed) Lost(now time.Time) bool { return !c.Done && now.After(c.Deadline.Add(Margin)) }

// Lost reports whether the call of a hold is lost, see Margin.
func Lost(h *ledger.Hold, now time.Time) bool {
	return h.State == ledger.StateHeld && now.After(h.Intent.Deadline.Add(Margin))
}

// RecoveryAction is what Recover does with the key of a lost request. The zero value leaves
// it unchanged.
type RecoveryAction uint8

// The recovery actions.
const (
	Wait     RecoveryAction = iota // a call of the request is still running
	Free                           // no call may have been charged, so the request may be repeated
	Conclude                       // a call may have been charged, so the key replays what is known
)

// ConsentOf returns the id of the stored consent that the calls of a request used, "" if
// there is none.
func ConsentOf(holds []ledger.Hold) string {
	for i := range holds {
		if id := holds[i].Intent.Consent.ID; id != "" {
			return id
		}
	}
	return ""
}

// ReturnsUse reports whether the completion of a verification has to return its use of a
// stored consent: providers were called, and no byte was sent to any. The caller returns it
// only if the calls used the consent, see [ConsentOf], and if the request did not lose its
// key, since Recover has then returned the use.
func ReturnsUse(v *idv.Verification) bool {
	return v.ConsentID != "" && len(v.Attempts) > 0 && idv.Unsent(v.Attempts)
}

// RecoveredClaim builds the verification of a lost request from its calls and decides what
// to do with its key. A retry must not pay twice, so the key replays the verdict if a
// vendor's answer was written, else undetermined with the reason "unknown".
//
// The caller must add the subject's token if the consent of the calls is stored, so that
// the verification is found and erased with the subject. If the key is freed and no byte
// was sent, the caller must return the use of that consent. A call that was not charged may
// still have transferred the data, so it keeps the use.
//
// The verification lacks what only the lost process knew: the masked subject, the legal
// recipient, the fidelity, the skipped providers, and the reference of an external consent.
func RecoveredClaim(c Claim, holds []ledger.Hold, now time.Time) (idv.Verification, RecoveryAction) {
	v := idv.Verification{ID: c.Verification, Tenant: c.Key.Tenant, CreatedAt: now, Reason: idv.ReasonOf(idv.FailureUnknown)}
	action := Free
	for i := range holds {
		h := &holds[i]
		if h.State == ledger.StateHeld {
			return v, Wait
		}
		if h.State != ledger.StateVoided {
			action = Conclude
		}
		a := h.Attempt()
		v.App, v.Purpose, v.Check = h.Intent.App, h.Intent.Purpose, h.Intent.Check
		v.ConsentID, v.Basis = h.Intent.Consent.ID, h.Intent.Basis // the legal basis of a paid call must be known
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
	return v, action
}
