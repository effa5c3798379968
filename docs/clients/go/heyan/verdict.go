package heyan

// Verdict is a source's answer about the claims. The zero value is Undetermined, which is
// also what a word stands for that this client does not know.
type Verdict uint8

// The verdicts. NoRecord is no mismatch: the register has nothing to compare with.
const (
	Undetermined       Verdict = iota // no source gave a reliable answer
	Match                             // the claims agree with the register
	Mismatch                          // the register has a record, and the claims differ from it
	NoRecord                          // the register has no record to compare with
	MismatchOrNoRecord                // the vendor does not distinguish the last two
)

var verdicts = [...]string{"undetermined", "match", "mismatch", "no_record", "mismatch_or_no_record"}

// String returns the verdict's name in JSON.
func (v Verdict) String() string {
	if int(v) >= len(verdicts) {
		return verdicts[Undetermined]
	}
	return verdicts[v]
}

// MarshalText returns the verdict's name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText sets the verdict of a name, Undetermined for a name that it does not know.
func (v *Verdict) UnmarshalText(b []byte) error {
	*v = Undetermined
	for i, name := range verdicts {
		if name == string(b) {
			*v = Verdict(i)
		}
	}
	return nil
}

// Failure says why there is no answer. A newer heyan may send others than these constants.
type Failure string

// The failures.
const (
	FailureUnknown Failure = "unknown"
	InvalidInput   Failure = "invalid_input"
	Denied         Failure = "denied"
	SubjectLimited Failure = "subject_limited"
	Throttled      Failure = "throttled"
	QuotaExhausted Failure = "quota_exhausted"
	Credentials    Failure = "credentials"
	Maintenance    Failure = "maintenance"
	Unavailable    Failure = "unavailable"
	Timeout        Failure = "timeout"
	Garbled        Failure = "garbled"
	Unsupported    Failure = "unsupported"
	Canceled       Failure = "canceled"
	Internal       Failure = "internal"
	PartialMatch   Failure = "partial_match"
	Pending        Failure = "pending"
)

// Check is the question of a verification: which claims are compared with a register.
type Check string

// The checks.
const (
	IDName               Check = "id_name"
	IDNameMobile         Check = "id_name_mobile"
	IDNameBankCard       Check = "id_name_bankcard"
	IDNameMobileBankCard Check = "id_name_mobile_bankcard"
	NameBankCard         Check = "name_bankcard"
)
