package idv

// Verdict is a source's answer about the claims.
type Verdict uint8

// The verdicts. NoRecord is an answer of its own: the register holds nothing to compare
// with, for many reasons that are not the person's fault.
const (
	Undetermined       Verdict = iota // no source gave a reliable answer
	Match                             // the claims agree with the register
	Mismatch                          // the register has a record, and the claims differ from it
	NoRecord                          // 库无: the register has no record to compare with
	MismatchOrNoRecord                // a two-way vendor does not distinguish the last two
)

var verdictWords = []string{"undetermined", "match", "mismatch", "no_record", "mismatch_or_no_record"}

// String returns the verdict's name in JSON.
func (v Verdict) String() string { return word(verdictWords, v) }

// Valid reports whether v is one of the constants. Check values of another process with
// it.
func (v Verdict) Valid() bool { return int(v) < len(verdictWords) }

// MarshalText returns the verdict's name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText sets the verdict of a name, or returns an error for an unknown name.
func (v *Verdict) UnmarshalText(b []byte) error { return parse("verdict", verdictWords, b, v) }

// Charge says whether the vendor charged for a call.
type Charge uint8

// The charges. A possible charge is unknown until reconciliation.
const (
	ChargeUnknown Charge = iota
	Charged
	NotCharged
)

var chargeWords = []string{"unknown", "charged", "not_charged"}

// String returns the charge's name in JSON.
func (c Charge) String() string { return word(chargeWords, c) }

// Valid reports whether c is one of the constants.
func (c Charge) Valid() bool { return int(c) < len(chargeWords) }

// MarshalText returns the charge's name.
func (c Charge) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText sets the charge of a name, or returns an error for an unknown name.
func (c *Charge) UnmarshalText(b []byte) error { return parse("charge", chargeWords, b, c) }

// AtLeast returns the more cautious of two charges: not charged, then unknown, then
// charged.
func (c Charge) AtLeast(other Charge) Charge {
	switch {
	case c == Charged || other == Charged:
		return Charged
	case c == NotCharged && other == NotCharged:
		return NotCharged
	}
	return ChargeUnknown
}

// Delivery says how far a call got.
type Delivery uint8

// The deliveries. Only after NotSent and RefusedByGateway is it certain that the vendor
// did not process the call.
const (
	DeliveryUnknown  Delivery = iota // bytes were sent, and no valid answer arrived
	NotSent                          // no byte was sent
	RefusedByGateway                 // the gateway in front of the vendor rejected the call
	Answered                         // the vendor itself answered
)

var deliveryWords = []string{"unknown", "not_sent", "refused_by_gateway", "answered"}

// String returns the delivery's name in JSON.
func (d Delivery) String() string { return word(deliveryWords, d) }

// Valid reports whether d is one of the constants.
func (d Delivery) Valid() bool { return int(d) < len(deliveryWords) }

// MayHaveExecuted reports whether the vendor may have processed the call, and so may have
// charged for it.
func (d Delivery) MayHaveExecuted() bool { return d != NotSent && d != RefusedByGateway }

// MarshalText returns the delivery's name.
func (d Delivery) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText sets the delivery of a name, or returns an error for an unknown name.
func (d *Delivery) UnmarshalText(b []byte) error { return parse("delivery", deliveryWords, b, d) }

// Origin says which component reported an outcome.
type Origin uint8

// The origins, from the caller outwards.
const (
	OriginUnknown Origin = iota
	OriginCaller
	OriginEngine
	OriginGateway
	OriginVendor
	OriginSource
)

var originWords = []string{"unknown", "caller", "engine", "gateway", "vendor", "source"}

// String returns the origin's name in JSON.
func (o Origin) String() string { return word(originWords, o) }

// Valid reports whether o is one of the constants.
func (o Origin) Valid() bool { return int(o) < len(originWords) }

// MarshalText returns the origin's name.
func (o Origin) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText sets the origin of a name, or returns an error for an unknown name.
func (o *Origin) UnmarshalText(b []byte) error { return parse("origin", originWords, b, o) }

// Fidelity says which answers a vendor distinguishes.
type Fidelity uint8

// The fidelities. A mismatch of a two-way vendor is weaker than that of a three-way vendor,
// since it may be a missing record.
const (
	FidelityUnknown Fidelity = iota
	TwoWay                   // match or not
	ThreeWay                 // match, mismatch, no record
	WithReason               // and which claim differs
)

var fidelityWords = []string{"unknown", "two_way", "three_way", "with_reason"}

// String returns the fidelity's name in JSON.
func (f Fidelity) String() string { return word(fidelityWords, f) }

// Valid reports whether f is one of the constants.
func (f Fidelity) Valid() bool { return int(f) < len(fidelityWords) }

// MarshalText returns the fidelity's name.
func (f Fidelity) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText sets the fidelity of a name, or returns an error for an unknown name.
func (f *Fidelity) UnmarshalText(b []byte) error { return parse("fidelity", fidelityWords, b, f) }
