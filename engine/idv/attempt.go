package idv

import "time"

// Intent is a call that is about to be made. It must be durable before the first byte
// is sent, so that the store knows after a crash which calls may have been charged.
type Intent struct {
	Attempt      string // the attempt's id, unique
	Verification string
	Provider     string
	Check        Check
	Tenant       Tenant
	App          string
	Purpose      string
	Consent      ConsentUse // the ledger keeps its id
	Key          string     // the request's idempotency key, "" if none; it serves the check of its claim and is not kept
	Basis        Basis      // the legal basis, as in the verification
	At           time.Time
	Deadline     time.Time // the call's end at the latest; without an outcome by then, the outcome counts as lost
	Price        Money     // the list price, used while no package of the provider is booked
}

// Reservation is one unit set aside for a call.
type Reservation struct {
	Lot   string
	Price Money // of the unit; the attempt's price
}

// Attempt is one call of one provider and its outcome.
type Attempt struct {
	ID         string // the query's id
	Provider   string
	Check      Check
	Verdict    Verdict
	Failure    Failure // valid if Failed
	Failed     bool
	Origin     Origin
	Delivery   Delivery
	Charge     Charge
	VendorCode string // as the vendor or its gateway wrote it
	VendorRef  string // the vendor's reference of the call
	StartedAt  time.Time
	Duration   time.Duration
	Lot        string // the package that the unit was reserved from
	Phase      string // where a failed call broke: encode, dns, connect, tls, write, first_byte, body, decode, echo; "" if it is not known
	Price      Money  // of that unit; the cost if Charge is Charged
}

// PhaseEcho is the phase of a call whose reply does not repeat the claims that were asked for,
// so that it may be about another person.
const PhaseEcho = "echo"

// Clean returns the attempt without the characters of the vendor's texts that cannot be
// kept. The call was made and perhaps charged, so its outcome is recorded whatever the
// vendor sent.
func (a Attempt) Clean() Attempt {
	a.VendorCode, a.VendorRef = CleanText(a.VendorCode, MaxName), CleanText(a.VendorRef, MaxName)
	return a
}

// LastFailure is the last failed call of a provider.
type LastFailure struct {
	Failure Failure
	Phase   string // where the call broke, as in Attempt
	At      time.Time
}

// Cost returns the known cost of the attempt.
func (a Attempt) Cost() Money {
	if a.Charge == Charged {
		return a.Price
	}
	return Money{Currency: a.Price.Currency}
}

// MaxCost returns the highest possible cost of the attempt: its price, unless the vendor
// is known not to have charged it.
func (a Attempt) MaxCost() Money {
	if a.Charge == NotCharged {
		return Money{Currency: a.Price.Currency}
	}
	return a.Price
}

// Unsent reports whether no byte of any of the calls was sent, so that no vendor got
// personal data. A call that was not charged may still have been sent.
func Unsent(attempts []Attempt) bool {
	for i := range attempts {
		if attempts[i].Delivery != NotSent {
			return false
		}
	}
	return true
}
