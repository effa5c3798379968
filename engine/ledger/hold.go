package ledger

import (
	"errors"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// State is how far a hold got. The zero value is StateUnknown, which may have
// cost money.
type State uint8

// The states. Held goes to one of the others; unknown to posted or voided; these
// two are final.
const (
	StateUnknown State = iota // nobody knows whether it was charged
	StateHeld                 // the call is being made
	StatePosted               // charged
	StateVoided               // not charged, the unit was given back
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

// UnmarshalText takes a state's name and refuses an unlisted one.
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

// Charge returns what the state says of the call's charge.
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

// Hold is one unit set aside for a call, and what became of it.
type Hold struct {
	Intent          idv.Intent // its Price is that of the unit
	Lot             string
	Open            bool // the lot is an open one
	State           State
	OutcomeRecorded bool        // the walk has told its outcome
	Outcome         idv.Attempt // as told
	Changed         time.Time   // the last change of state
	Why             string      // of the last change
}

// account returns where the hold's unit is. A voided one went back to where it
// came from, which for an open lot is the outside.
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

// Attempt returns the call as far as it is known, with the charge as it stands in
// the book now. Of a call whose outcome was lost nothing is known but that it may
// have been made.
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

// outcomeWord names an outcome for an entry and for usage: the verdict, or the
// failure.
func outcomeWord(a idv.Attempt) string {
	if a.Failed {
		return a.Failure.String()
	}
	return a.Verdict.String()
}
