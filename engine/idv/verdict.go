package idv

// Verdict is what a source said about the claims.
type Verdict uint8

// The verdicts. NoRecord is an answer of its own and no failure of the person:
// the register held nothing to compare with.
const (
	Undetermined       Verdict = iota // no source answered, or not in a form that can be relied on
	Match                             // the claims agree with the register
	Mismatch                          // the register holds a record and the claims disagree with it
	NoRecord                          // 库无: the register holds no comparable record
	MismatchOrNoRecord                // a two-way vendor that cannot tell the last two apart
)

var verdictWords = []string{"undetermined", "match", "mismatch", "no_record", "mismatch_or_no_record"}

// String returns the verdict's name in JSON.
func (v Verdict) String() string { return word(verdictWords, v) }

// Valid reports whether v is one of the constants. Values that come from another
// process are asked before they are believed.
func (v Verdict) Valid() bool { return int(v) < len(verdictWords) }

// MarshalText returns the verdict's name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText takes a verdict's name and refuses an unlisted one.
func (v *Verdict) UnmarshalText(b []byte) error { return parse("verdict", verdictWords, b, v) }

// Charge says whether a call was billed.
type Charge uint8

// The charges. What may have been billed is unknown until reconciliation.
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

// UnmarshalText takes a charge's name and refuses an unlisted one.
func (c *Charge) UnmarshalText(b []byte) error { return parse("charge", chargeWords, b, c) }

// Delivery says how far a call got.
type Delivery uint8

// How far a call got. Only after NotSent and RefusedByGateway is it certain that
// the vendor did not work, and may have billed nothing.
const (
	DeliveryUnknown  Delivery = iota // bytes left, and no valid answer came back
	NotSent                          // no byte of the request left this process
	RefusedByGateway                 // the gateway in front of the vendor turned it away
	Answered                         // the vendor answered in its own words
)

var sentWords = []string{"unknown", "not_sent", "refused_by_gateway", "answered"}

// String returns the word in JSON.
func (s Delivery) String() string { return word(sentWords, s) }

// Valid reports whether s is one of the constants.
func (s Delivery) Valid() bool { return int(s) < len(sentWords) }

// MayHaveExecuted reports whether the vendor may have worked on the call, and so may
// have billed it.
func (s Delivery) MayHaveExecuted() bool { return s != NotSent && s != RefusedByGateway }

// MarshalText returns the word.
func (s Delivery) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes a word and refuses an unlisted one.
func (s *Delivery) UnmarshalText(b []byte) error { return parse("delivery", sentWords, b, s) }

// Origin says who said it.
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

// UnmarshalText takes an origin's name and refuses an unlisted one.
func (o *Origin) UnmarshalText(b []byte) error { return parse("origin", originWords, b, o) }

// Fidelity says how finely a vendor can answer.
type Fidelity uint8

// The fidelities. A mismatch of a two-way vendor is weaker than that of a
// three-way one, for it may be a missing record.
const (
	FidelityUnknown Fidelity = iota
	TwoWay                   // match, or not
	ThreeWay                 // match, mismatch, no record
	WithReason               // and which claim disagrees
)

var fidelityWords = []string{"unknown", "two_way", "three_way", "with_reason"}

// String returns the fidelity's name in JSON.
func (f Fidelity) String() string { return word(fidelityWords, f) }

// Valid reports whether f is one of the constants.
func (f Fidelity) Valid() bool { return int(f) < len(fidelityWords) }

// MarshalText returns the fidelity's name.
func (f Fidelity) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText takes a fidelity's name and refuses an unlisted one.
func (f *Fidelity) UnmarshalText(b []byte) error { return parse("fidelity", fidelityWords, b, f) }
