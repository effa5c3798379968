// Package policy decides whether a request may be sent to a vendor. [Facts] are what it
// decides on, and hold no personal data; a [Decision] names the rules that made it.
//
// Below it, rules evaluates rules written in YAML, abuse counts requests, consent keeps
// the person's agreement, and keyring makes the keyed tokens that stand for people.
package policy

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Facts are what policy may know of a request. No field holds a claim, or anything
// that a claim could be found from: an age in years, not a birth date; a province,
// not a county. The cel tags are the names in expressions.
type Facts struct {
	Tenant   string `cel:"tenant"`
	App      string `cel:"app"`
	Caller   string `cel:"caller"` // the id of the API key, "" if there is none
	Check    string `cel:"check"`
	Document string `cel:"document"`
	Purpose  string `cel:"purpose"`
	Basis    string `cel:"basis"`  // the legal basis that the purpose rests on
	Region   string `cel:"region"` // two digits of GB/T 2260 for the province; "" if the number names none
	// NameScript is the script of the name: han, han_extended, latin or other; "" if the check has no name.
	NameScript string `cel:"name_script"`

	Age   int      `cel:"age"`   // full years as the law counts them; -1 if the number does not say
	Flags []string `cel:"flags"` // what the local check noticed without refusing

	Consent ConsentFacts `cel:"consent"`
	Counts  Counts       `cel:"counts"`

	Time    time.Time `cel:"time"`
	Hour    int       `cel:"hour"`    // 0 to 23 in China (UTC+8)
	Weekday int       `cel:"weekday"` // 1 is Monday, 7 Sunday, in China
}

// ConsentFacts are what policy may know of the consent that a question names.
type ConsentFacts struct {
	State      string   `cel:"state"`      // as consent.State prints it; "" if there is none
	Valid      bool     `cel:"valid"`      // it stands now, for this person, purpose and data
	Guardian   bool     `cel:"guardian"`   // a guardian gave it
	Recipients []string `cel:"recipients"` // legal names
}

// Counts are how many questions were put before, this one included, within the
// calendar minute, hour and day (UTC+8) it falls into. One that no limit and no rule
// asks for is 0.
type Counts struct {
	SubjectMinute int `cel:"subject_minute"`
	SubjectHour   int `cel:"subject_hour"`
	SubjectDay    int `cel:"subject_day"`
	CallerMinute  int `cel:"caller_minute"`
	CallerHour    int `cel:"caller_hour"`
	CallerDay     int `cel:"caller_day"`
	AppMinute     int `cel:"app_minute"`
	AppHour       int `cel:"app_hour"`
	AppDay        int `cel:"app_day"`
	TenantMinute  int `cel:"tenant_minute"`
	TenantHour    int `cel:"tenant_hour"`
	TenantDay     int `cel:"tenant_day"`
}

// AgeUnknown is the age of a person whose number does not tell it.
const AgeUnknown = -1

// At sets the facts that follow from the time.
func (f *Facts) At(now time.Time) {
	local := now.In(idv.China())
	f.Time, f.Hour, f.Weekday = now, local.Hour(), (int(local.Weekday())+6)%7+1
}
