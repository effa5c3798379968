package ledger

import (
	"errors"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// State is the state of a hold. The zero value is StateUnknown, which may have cost
// money.
type State uint8

// The states. A held unit becomes posted, voided or unknown; an unknown one becomes
// posted or voided. Posted and voided are final.
const (
	StateUnknown State = iota // may have been charged
	StateHeld                 // the call is running
	StatePosted               // charged
	StateVoided               // not charged; the unit was returned
)

func stateWords() [4]string { return [...]string{"unknown", "held", "posted", "voided"} }

// String returns the state's name in JSON and exports.
func (s State) String() string {
	if words := stateWords(); int(s) < len(words) {
		return words[s]
	}
	return "invalid"
}

// MarshalText returns the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText parses a state's name. An unlisted name is an error.
func (s *State) UnmarshalText(b []byte) error {
	for i, w := range stateWords() {
		if w == string(b) {
			*s = State(i)
			return nil
		}
	}
	return errors.New("unknown state of a hold")
}

// Final reports whether the hold was posted or voided.
func (s State) Final() bool { return s == StatePosted || s == StateVoided }

// Charge returns the charge that the state implies.
func (s State) Charge() idv.Charge {
	switch s {
	case StatePosted:
		return idv.Charged
	case StateVoided:
		return idv.NotCharged
	}
	return idv.ChargeUnknown
}

// stateOf returns the state that a charge leads to.
func stateOf(c idv.Charge) State {
	switch c {
	case idv.Charged:
		return StatePosted
	case idv.NotCharged:
		return StateVoided
	}
	return StateUnknown
}

// Hold is one unit reserved for a call, with its outcome.
type Hold struct {
	Intent          idv.Intent // Price is the price of the unit
	Lot             string
	Open            bool // the lot is an open one
	State           State
	OutcomeRecorded bool        // Outcome is set
	Outcome         idv.Attempt // as the engine reported it
	Changed         time.Time   // the last change of state
	Why             string      // the reason of the last change
}

// account returns the account of the hold's unit in a state. A voided unit returns to
// its origin, which for an open lot is the vendor's side.
func (h *Hold) account(s State) Account {
	switch s {
	case StateHeld:
		return Held
	case StatePosted:
		return Posted
	case StateVoided:
		if h.Open {
			return Bought
		}
		return Available
	}
	return Unknown
}

// Attempt returns the recorded call with the charge that the ledger has now. If the
// outcome was lost, the attempt says only that the call may have been made.
func (h *Hold) Attempt() idv.Attempt {
	a := h.Outcome
	if !h.OutcomeRecorded {
		a = idv.Attempt{
			ID: h.Intent.Attempt, Provider: h.Intent.Provider, Check: h.Intent.Check, StartedAt: h.Intent.At,
			Lot: h.Lot, Price: h.Intent.Price, Failed: true, Failure: idv.FailureUnknown, Origin: idv.OriginEngine,
		}
	}
	a.Charge = h.State.Charge()
	return a
}

// outcomeName names an outcome in entries and usage: the verdict, or the failure.
func outcomeName(a idv.Attempt) string {
	if a.Failed {
		return a.Failure.String()
	}
	return a.Verdict.String()
}
