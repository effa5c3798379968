// Package consent holds the rules of a person's agreement: what is recorded of it,
// which state follows on which, and whether it covers a call. It knows no store, no
// clock and no text; times are given to it, and always the server's, for a consent
// that is dated by who profits from it proves nothing.
//
// The order is drafted, presented, given or refused; a consent that was given may be
// withdrawn, expire, or be superseded by a newer one. A call needs one that was
// presented before it was given and given before the call (PIPL art. 14, 23 and 29;
// the guide of the first vendor, section six).
package consent

import (
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Mode says who keeps consents. The zero value is the cautious one.
type Mode uint8

// The modes.
const (
	Required Mode = iota // heyan keeps them, and no call is made without a valid one
	External             // the caller keeps them and sends a reference, which is recorded and not looked at
	Off                  // nobody asks; for tests and demonstrations on a loopback address
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

// State is where a consent stands. The zero value allows nothing.
type State string

// The states.
const (
	Drafted    State = "drafted"    // the text is made, nobody has seen it
	Presented  State = "presented"  // the person sees it
	Given      State = "given"      // the person agreed
	Refused    State = "refused"    // the person did not
	Withdrawn  State = "withdrawn"  // the person agreed, and took it back
	Expired    State = "expired"    // its time is over
	Superseded State = "superseded" // a newer one of the same person, app and purpose was given
)

// Record is one consent as it is kept: who agreed to what, never who that is. It
// holds no name and no number in clear. A store changes it by [Record.Apply] and
// [Record.Take] alone; what is not a state, a time or a count never changes.
type Record struct {
	ID      string
	Tenant  idv.Tenant
	App     string
	Subject idv.SubjectToken
	Purpose string

	Notice     Notice
	Items      []idv.Claim // the data that may be sent
	Recipients []Party     // who may get it
	Controller Party       // who asks

	MaxUses   int           // verifications that it covers; at least 1, "unlimited" is not a value
	Valid     time.Duration // how long it stands after it was given
	MinReview time.Duration // how long it must have been in front of the person; 0 for none
	Guardian  Guardian      // set if a guardian agrees for a child
	OfAge     bool          // the person declared to be 14 or older; counts only where the number tells no age

	State       State
	DraftedAt   time.Time
	PresentedAt time.Time
	DecidedAt   time.Time // given or refused
	EndedAt     time.Time // withdrawn, expired or superseded
	Used        int       // verifications so far
	Proof       Proof

	// Older are the person's tokens under older keys of the ring. A new key must make
	// nobody forget that this person refused, or what a newer agreement stands in place of.
	// It is shown nowhere, and gone after an erasure.
	Older []idv.SubjectToken `json:"-"`

	Sealed  []byte // what the text is made again from, encrypted with the person's data key; nil after an erasure
	Erasure string // the id of the erasure that took the person's token out of here; "" if none did
}

// Notice names the text that the person saw.
type Notice struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Language string `json:"language"`  // BCP 47, as zh-CN
	Template string `json:"template"`  // "sha256:" and the hash of the template
	Text     string `json:"text_hash"` // "sha256:" and the hash of the text as rendered, blanks filled
}

// Party is a body with a part in it, as the notice names it (PIPL art. 17 and 23).
type Party struct {
	Name    string `json:"name"`    // legal name
	Contact string `json:"contact"` // how a person reaches it
	Address string `json:"address,omitempty"`
}

// Guardian is who agrees for a child under 14 (PIPL art. 31).
type Guardian struct {
	Subject  idv.SubjectToken `json:"subject,omitempty"`
	Relation string           `json:"relation,omitempty"` // as mother, father, legal guardian
}

// Proof is how the person saw the text and agreed. The marks are keyed hashes.
type Proof struct {
	Channel   string `json:"channel,omitempty"`   // web, app, counter, paper
	Presenter string `json:"presenter,omitempty"` // the page or the desk that showed it
	Action    Action `json:"action,omitempty"`
	Session   string `json:"session,omitempty"` // mark of the session
	Address   string `json:"address,omitempty"` // mark of the network address
	Agent     string `json:"agent,omitempty"`   // mark of the program
}

// Action is what the person did to agree. A box that was ticked before the person
// came is no action.
type Action string

// The actions.
const (
	Checkbox  Action = "checkbox"   // ticked an empty box, or pressed a button that says so
	TypedName Action = "typed_name" // typed the own name
	Signature Action = "signature"  // signed, on paper or glass
	Spoken    Action = "spoken"     // said so, recorded
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

// Until returns when a given consent ends by itself.
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
