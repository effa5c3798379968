// Package consent implements the rules of consent: what a record contains, which state may
// follow which, and whether a consent covers a call. It stores nothing and renders no text;
// package notice does the latter. The caller passes the time of its own clock, never one
// that the person's device reports, since a consent with such a time proves nothing.
//
// A consent is drafted, presented, then given or refused. A given consent can be withdrawn,
// expire, or be superseded by a newer one. A call needs a consent that was presented before
// it was given, and given before the call (PIPL art. 14, 23 and 29).
package consent

import (
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Mode says who keeps the consents. The zero value is the strictest mode.
type Mode uint8

// The modes.
const (
	Required Mode = iota // heyan keeps them, and every call needs a valid one
	External             // the caller keeps them and sends a reference, which is recorded and not checked
	Off                  // no consent is checked; for tests and demonstrations on a loopback address
)

var modeWords = []string{"required", "external", "off"}

// String returns the mode's name in the configuration.
func (m Mode) String() string {
	if int(m) < len(modeWords) {
		return modeWords[m]
	}
	return "invalid"
}

// ParseMode finds a mode by its name.
func ParseMode(word string) (Mode, bool) {
	i := slices.Index(modeWords, word)
	if i < 0 {
		return Required, false
	}
	return Mode(i), true
}

// State is the state of a consent. The zero value allows nothing.
type State string

// The states.
const (
	Drafted    State = "drafted"    // the text is rendered and not yet presented
	Presented  State = "presented"  // the person sees the text
	Given      State = "given"      // the person agreed
	Refused    State = "refused"    // the person did not
	Withdrawn  State = "withdrawn"  // the person agreed and withdrew
	Expired    State = "expired"    // its validity is over
	Superseded State = "superseded" // a newer consent of the same person, app and purpose was given
)

// States lists the states.
func States() []State {
	return []State{Drafted, Presented, Given, Refused, Withdrawn, Expired, Superseded}
}

// Record is one consent: a pseudonymous person and what that person agreed to. It
// contains no name and no number in clear. A store changes it only by [Record.Apply] and
// [Record.Take]; everything but states, times and counts is immutable.
type Record struct {
	ID      string
	Tenant  idv.Tenant
	App     string
	Subject idv.SubjectToken
	// Name is the token of the name that the person agreed to have verified. It is empty in a
	// consent of a version that did not bind the name, which is valid for any name of the
	// subject, and after an erasure.
	Name    idv.NameToken
	Purpose string

	Notice     Notice
	Items      []idv.Claim // the data that may be sent
	Recipients []Party     // who may receive it
	Controller Party       // the organization that asks

	MaxUses   int           // verifications that it covers; at least 1, "unlimited" is not a value
	Valid     time.Duration // how long it is valid after it was given
	MinReview time.Duration // how long the text must be presented before it can be given; 0 for none
	Guardian  Guardian      // set if a guardian gives it for a child
	OfAge     bool          // the person declared to be 14 or older; used only if the number encodes no age

	State       State
	DraftedAt   time.Time
	PresentedAt time.Time
	DecidedAt   time.Time // given or refused
	EndedAt     time.Time // withdrawn, expired or superseded
	Used        int       // verifications so far
	Proof       Proof

	// Older are the person's tokens under older keys of the keyring, so that refusals and
	// earlier consents are still found after a key rotation. It is in no view, and empty
	// after an erasure.
	Older []idv.SubjectToken `json:"-"`

	Sealed  []byte // the values of the text, encrypted with the data key of the person; nil after an erasure
	Erasure string // the id of the erasure that removed the person's token; "" if none did
}

// Notice identifies the text that the person saw.
type Notice struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Language string `json:"language"`  // BCP 47, such as zh-CN
	Template string `json:"template"`  // "sha256:" and the hash of the template
	Text     string `json:"text_hash"` // "sha256:" and the hash of the text as rendered, blanks filled
}

// Party is an organization that the notice names (PIPL art. 17 and 23).
type Party struct {
	Name    string `json:"name"`    // legal name
	Contact string `json:"contact"` // how a person can reach it
	Address string `json:"address,omitempty"`
}

// Guardian is the guardian who gives the consent for a child under 14 (PIPL art. 31).
type Guardian struct {
	Subject  idv.SubjectToken `json:"subject,omitempty"`
	Relation string           `json:"relation,omitempty"` // such as mother, father, legal guardian
}

// Proof is how the text was presented and the consent given. The marks are keyed hashes.
type Proof struct {
	Channel   string `json:"channel,omitempty"`   // web, app, counter, paper
	Presenter string `json:"presenter,omitempty"` // the page or counter that presented it
	Action    Action `json:"action,omitempty"`
	Session   string `json:"session,omitempty"` // mark of the session
	Address   string `json:"address,omitempty"` // mark of the network address
	Agent     string `json:"agent,omitempty"`   // mark of the user agent
}

// Action is what the person did to give the consent. A checkbox that was ticked in advance
// is no action.
type Action string

// The actions.
const (
	Checkbox  Action = "checkbox"   // ticked an empty checkbox, or pressed a button with that meaning
	TypedName Action = "typed_name" // typed their own name
	Signature Action = "signature"  // signed, on paper or glass
	Spoken    Action = "spoken"     // said so, and was recorded
)

// Actions lists the actions.
func Actions() []Action { return []Action{Checkbox, TypedName, Signature, Spoken} }

// Tokens lists the person's tokens, nil after an erasure.
func (r *Record) Tokens() []idv.SubjectToken {
	if r.Subject == "" {
		return nil
	}
	return append([]idv.SubjectToken{r.Subject}, r.Older...)
}

// NameUnbound reports whether the consent is valid for any name of the subject, because an
// earlier version of heyan recorded it.
func (r *Record) NameUnbound() bool { return r.Name == "" && r.Subject != "" }

// Until returns when a given consent expires.
func (r *Record) Until() time.Time { return r.DecidedAt.Add(r.Valid) }

// RecipientNames lists the legal names of the recipients.
func (r *Record) RecipientNames() []string {
	names := make([]string, len(r.Recipients))
	for i, p := range r.Recipients {
		names[i] = p.Name
	}
	return names
}

// Names reports whether the consent names a recipient.
func (r *Record) Names(recipient string) bool {
	return slices.ContainsFunc(r.Recipients, func(p Party) bool { return p.Name == recipient })
}
