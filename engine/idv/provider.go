package idv

import "context"

// Query is the part of a request that one provider may see: the claims that the
// check needs, and a nonce that ties the answer to the question.
type Query struct {
	ID       string // the attempt's id, opaque, unique
	Check    Check
	Subject  Subject // only the claims of the check
	Document Document
}

// Answer is what a provider said.
type Answer struct {
	Verdict    Verdict
	Charge     Charge
	VendorCode string // as the vendor wrote it
	VendorRef  string // the vendor's own id of the call, for evidence and disputes
}

// Provider asks one source. Adapters implement it; users of heyan do not call
// it, they call engine.Engine.
//
// Describe returns a constant and does no I/O. Ask makes exactly one exchange:
// no retry, no cache, no log, no second thought. A nil error means that the
// source answered, whatever it said; a failure is an *Error. Ask keeps the
// context's deadline, returns no error text that holds a claim, a URL or a
// body, and may be called by many goroutines at once.
type Provider interface {
	Describe() Descriptor
	Ask(ctx context.Context, q Query) (Answer, error)
}

// Descriptor is a provider's visiting card: capabilities as data. It is shared
// and never written to after Describe returned it.
type Descriptor struct {
	Name            string     // of the service, as "idcert"; names a folder, a flag, a page of the docs
	Version         string     // of the adapter
	Title           string     // for people
	Checks          []Check    // the questions it can answer
	Documents       []Document // the numbers it takes
	Fidelity        Fidelity
	Source          string // the data source as the vendor states it
	Recipient       string // legal name of the body that receives the personal data
	NoStore         bool   // the vendor promises fresh data: its verdicts are never re-used
	CustomTransport bool   // it makes its own calls; a codec leaves them to the host
	Schemes         []string
	Settings        []Setting
	Prices          []Price
	Codes           []CodeRow
}

// Supports reports whether the provider can answer the check for the document.
func (d Descriptor) Supports(check Check, doc Document) bool {
	return contains(d.Checks, check) && (doc == DocumentUnknown || contains(d.Documents, doc))
}

// ListPrice returns the price of a call in the first package of the list, the
// estimate that is used while no package has been booked.
func (d Descriptor) ListPrice() Money {
	if len(d.Prices) == 0 {
		return Money{}
	}
	return d.Prices[0].PerCall()
}

func contains[T comparable](list []T, want T) bool {
	for _, v := range list {
		if v == want {
			return true
		}
	}
	return false
}

// Setting is one line of a provider's configuration.
type Setting struct {
	Name     string
	Help     string
	Default  string
	Required bool
	Secret   bool // a reference (env:, file:), never a value
}

// Price is a package that the vendor sells.
type Price struct {
	Units int64 // calls
	Total Money
}

// PerCall returns the price of one call, rounded up to the micro.
func (p Price) PerCall() Money {
	if p.Units <= 0 {
		return Money{Currency: p.Total.Currency}
	}
	return Money{Micros: (p.Total.Micros + p.Units - 1) / p.Units, Currency: p.Total.Currency}
}

// CodeRow is what one code of one layer of one product means. The key is (layer,
// code): vendors use one number for several things.
type CodeRow struct {
	Layer    string   // "vendor" or "gateway"
	Code     string   // exactly as written
	Verdict  Verdict  // the verdict, or
	Failure  Failure  // the failure, when Verdict is Undetermined
	Field    Field    // the claim at fault, for InvalidInput
	Delivery Delivery // how far a call with this code got
	Charge   Charge
	Text     string // what the manual says
	Source   string // where that was read
}
