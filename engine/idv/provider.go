package idv

import (
	"context"
	"slices"
	"strings"
)

// Query is the part of a request that one provider may see: the claims of the check and
// the id of the attempt.
type Query struct {
	ID       string // the attempt's id, opaque, unique
	Check    Check
	Subject  Subject // only the claims of the check
	Document Document
}

// Answer is a provider's answer.
type Answer struct {
	Verdict    Verdict
	Charge     Charge
	VendorCode string // as the vendor wrote it
	VendorRef  string // the vendor's reference of the call, for evidence and disputes
	Fields     Fields // which claims agree with the register, where the vendor says so
}

// Provider calls one source. Adapters implement it and the engine calls it; programs
// that embed heyan call engine.Engine instead.
//
// Describe returns the same value each time and does no I/O. Ask makes exactly one
// exchange, without retry, cache or log. If the error is nil, the source answered,
// whatever the verdict; any other error is an *Error. Ask returns by the context's
// deadline. Its errors contain no claim, URL or body. Both are safe for concurrent use.
type Provider interface {
	Describe() Descriptor
	Ask(ctx context.Context, q Query) (Answer, error)
}

// Monitored is a provider or codec that can be away on this side, such as one in a
// process that is restarting. While it is, plans skip it with the reason.
type Monitored interface {
	Availability() Availability
}

// AvailabilityOf returns what a provider or codec reports about itself, and that it can be
// called if it reports nothing.
func AvailabilityOf(v any) Availability {
	if m, ok := v.(Monitored); ok {
		return m.Availability()
	}
	return Availability{}
}

// Descriptor describes a provider: capabilities, settings, prices and codes as data. It
// is shared between goroutines and must not be modified after Describe returned it.
type Descriptor struct {
	Name            string     // of the product, "vendor/product", or of the vendor if it has one only; see [Descriptor.Vendor]
	Version         string     // of the adapter
	Title           string     // for people
	Check           Check      // the one that it answers; a vendor that answers several has a product for each
	Documents       []Document // that it supports
	BasicNames      bool       // it cannot read characters beyond the Basic Multilingual Plane, such as those of CJK Extension B
	Fidelity        Fidelity
	Source          string   // the data source, as the vendor names it
	Recipient       string   // legal name of the organization that receives the personal data; "" if it is not published: the configuration must name it then
	NoStore         bool     // the vendor promises fresh data, so its verdicts are never reused
	CustomTransport bool     // it makes its own HTTP calls; for a codec the host makes them
	Schemes         []string // the names of the authentication schemes, preferred first
	Replies         Replies
	Settings        []Setting
	Prices          []Price
	Codes           []CodeRow
	Confidence      Confidence // how the code table became known; a plugin does not send it
	Notes           []string   // quirks and limits that an operator has to know, each a sentence; a plugin does not send them
}

// Confidence says how a product's code table became known. A row that is inferred says so
// in its source.
type Confidence string

// The sources of a code table.
const (
	ConfidenceUnknown  Confidence = ""                // not stated
	ConfidenceOfficial Confidence = "official"        // documents or programs of the vendor
	ConfidenceSeveral  Confidence = "several_clients" // several independent programs that call the product
	ConfidenceOne      Confidence = "one_client"      // one such program, or one report
)

// Confidences returns all but ConfidenceUnknown, the best first.
func Confidences() []Confidence {
	return []Confidence{ConfidenceOfficial, ConfidenceSeveral, ConfidenceOne}
}

// Replies describes the HTTP replies of a product. Its zero value means that only status
// 200 carries the vendor's body and that no header is read.
type Replies struct {
	Statuses  []int    // the HTTP statuses that carry the vendor's body; 200 if empty
	Headers   []string // the headers that the codec reads, beside Content-Type and Retry-After
	RefHeader string   // the header with the reference of the call, which the support asks for; "" if there is none
}

// HasBody reports whether a reply of an HTTP status carries the vendor's body.
func (r Replies) HasBody(status int) bool {
	if len(r.Statuses) == 0 {
		return status == 200
	}
	return slices.Contains(r.Statuses, status)
}

// Vendor returns the vendor's name: Name up to the slash. Its products are bought with one
// account.
func (d Descriptor) Vendor() string {
	vendor, _, _ := strings.Cut(d.Name, "/")
	return vendor
}

// Supports reports whether the provider supports the check and the document. An unknown
// document is supported by all.
func (d Descriptor) Supports(check Check, doc Document) bool {
	return d.Check == check && check != CheckNone && (doc == DocumentUnknown || slices.Contains(d.Documents, doc))
}

// SupportsName reports whether the provider can read names of a script.
func (d Descriptor) SupportsName(s Script) bool { return !d.BasicNames || s != ScriptHanExtended }

// ListPrice returns the price of a call in the first package on the price list. It is the
// estimate until a package is booked.
func (d Descriptor) ListPrice() Money {
	if len(d.Prices) == 0 {
		return Money{}
	}
	return d.Prices[0].PerCall()
}

// Setting describes one setting of a provider's configuration.
type Setting struct {
	Name     string
	Help     string
	Default  string
	Required bool
	Secret   bool // the configured value is a reference (env: or file:)
	Account  bool // it belongs to the account, which the vendor's products share
}

// Price is a prepaid package on the vendor's price list.
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

// CodeRow defines the meaning of one code of a product. The key is (layer, code), since
// the vendor and its gateway may use one code for different things. A code may be
// composite, with its parts from the outermost to the innermost: "0/2".
type CodeRow struct {
	Layer    string   // "vendor" or "gateway"
	Code     string   // exactly as written
	Verdict  Verdict  // Undetermined if the code is a failure
	Failure  Failure  // valid if Verdict is Undetermined
	Field    Field    // the invalid field, for InvalidInput
	Delivery Delivery // how far a call with this code got
	Charge   Charge
	ByFlag   bool   // the reply holds a flag that says whether the call was charged; it replaces Charge
	Account  bool   // the code concerns the account: it stops all products that are bought with it
	Text     string // the manual's sentence
	Source   string // where the manual states it

	RenewsToken bool // the access token is no longer valid; for BadCredentials
}
