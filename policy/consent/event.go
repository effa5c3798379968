package consent

import (
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Kind is the kind of an event.
type Kind string

// The kinds.
const (
	Present   Kind = "present"   // the text is presented to the person
	Give      Kind = "give"      // the person agrees
	Refuse    Kind = "refuse"    // the person refuses
	Withdraw  Kind = "withdraw"  // the person withdraws
	Expire    Kind = "expire"    // its validity is over
	Supersede Kind = "supersede" // a newer one was given
)

// Event is a change of a consent. It has no time, which the clock of the store supplies.
type Event struct {
	Kind  Kind
	Text  string // for Give: the hash of the text that was agreed to, as Notice.Text
	Proof Proof  // for Present and Give; empty fields change nothing, and only Give records the action
}

// Apply applies an event at a time, or returns the [Fault] that forbids it, or an
// *idv.TextError for a text of its proof that cannot be kept; then it changes nothing. A second withdrawal is no fault, because a person who withdraws must not get an
// error. To expire or supersede a consent that has expired by itself is no fault either: it
// records the expiry, and a newer consent must not fail because an older one expired.
func (r *Record) Apply(e Event, now time.Time) error {
	next := *r
	next.settle(now)
	if f := next.fits(e, now); f != "" {
		return f
	}
	if err := e.Proof.checkTexts(); err != nil {
		return err
	}
	next.follow(e, now)
	*r = next
	return nil
}

func (r *Record) follow(e Event, now time.Time) {
	switch e.Kind {
	case Present:
		r.State, r.PresentedAt = Presented, now
	case Give:
		r.State, r.DecidedAt = Given, now
	case Refuse:
		r.State, r.DecidedAt = Refused, now
	case Withdraw:
		r.end(Withdrawn, now)
	case Expire:
		r.end(Expired, now)
	case Supersede:
		r.end(Superseded, now)
	}
	proof := e.Proof
	if e.Kind != Give {
		proof.Action = "" // an action before Give, such as a box that was ticked in advance, is no consent
	}
	r.Proof.add(proof)
}

func (r *Record) fits(e Event, now time.Time) Fault {
	switch e.Kind {
	case Present:
		return inOrder(r.State == Drafted && !now.Before(r.DraftedAt))
	case Give:
		return r.giveable(e, now)
	case Refuse:
		return inOrder(r.State == Presented)
	case Withdraw:
		return inOrder(r.State != Refused)
	case Supersede:
		return inOrder(r.State == Given || r.State == Expired)
	case Expire:
		return inOrder(r.open() || r.State == Expired)
	}
	return WrongOrder
}

// giveable returns why the consent cannot be given. It must be given strictly after it was
// presented: in the same instant the text was not read.
func (r *Record) giveable(e Event, now time.Time) Fault {
	switch {
	case r.State != Presented:
		return WrongOrder
	case e.Text != r.Notice.Text:
		return OtherText
	case !slices.Contains(Actions(), e.Proof.Action):
		return NoAction
	case !now.After(r.PresentedAt) || now.Before(r.PresentedAt.Add(r.MinReview)):
		return TooQuick
	}
	return ""
}

func inOrder(follows bool) Fault {
	if follows {
		return ""
	}
	return WrongOrder
}

// open reports whether the consent has not ended.
func (r *Record) open() bool { return r.State == Drafted || r.State == Presented || r.State == Given }

func (r *Record) end(s State, now time.Time) {
	if r.open() {
		r.State, r.EndedAt = s, now
	}
}

// draftLife is how long a consent without a decision stays open.
const draftLife = 24 * time.Hour

// settle expires the record if its validity is over.
func (r *Record) settle(now time.Time) {
	switch {
	case r.State == Given && !now.Before(r.Until()):
		r.end(Expired, r.Until())
	case (r.State == Drafted || r.State == Presented) && !now.Before(r.DraftedAt.Add(draftLife)):
		r.end(Expired, r.DraftedAt.Add(draftLife))
	}
}

func (p *Proof) add(other Proof) {
	set := func(into *string, text string) {
		if text != "" {
			*into = text
		}
	}
	set(&p.Channel, other.Channel)
	set(&p.Presenter, other.Presenter)
	set((*string)(&p.Action), string(other.Action))
	set(&p.Session, other.Session)
	set(&p.Address, other.Address)
	set(&p.Agent, other.Agent)
}

// onMatterOf reports whether an older consent has the same person, app and purpose, under
// any key of the keyring.
func (r *Record) onMatterOf(older *Record) bool {
	return older.Tenant == r.Tenant && older.App == r.App && older.Purpose == r.Purpose && slices.Contains(r.Tokens(), older.Subject)
}

// Replaces reports whether giving r supersedes another consent: a given one of the same
// person, app and purpose. Only the last one is valid.
func (r *Record) Replaces(other *Record) bool {
	return other.ID != r.ID && other.State == Given && r.onMatterOf(other)
}

// Closes reports whether refusing r ends another consent: an undecided one of the same
// person, app and purpose. Otherwise the person would be asked again with texts that were
// drafted earlier.
func (r *Record) Closes(other *Record) bool {
	return other.ID != r.ID && (other.State == Drafted || other.State == Presented) && r.onMatterOf(other)
}

// Follow ends another consent if the event that was applied to r ends it too, and reports
// whether it did. A store calls it for all consents of the person, in the transaction of
// the event.
func (r *Record) Follow(k Kind, other *Record, now time.Time) bool {
	switch {
	case k == Give && r.Replaces(other):
		return other.Apply(Event{Kind: Supersede}, now) == nil
	case k == Refuse && r.Closes(other):
		return other.Apply(Event{Kind: Expire}, now) == nil
	}
	return false
}

// Forbids reports whether a refusal forbids to ask the same person for the same purpose
// again at a time. pause is the time after a refusal without a new request (Network Data
// Security Regulation art. 24).
func (r *Record) Forbids(draft *Record, pause time.Duration, now time.Time) bool {
	return r.State == Refused && draft.onMatterOf(r) && now.Before(r.DecidedAt.Add(pause))
}

// Validate returns what is missing in a draft as an *idv.Error, or the text that cannot be
// kept as an *idv.TextError; nil if it is complete.
func (r *Record) Validate() error {
	field := ""
	switch {
	case r.ID == "" || r.State != Drafted:
		field = "id and state"
	case r.Subject == "":
		field = "subject"
	case r.Purpose == "":
		field = "purpose"
	case r.Notice.Text == "" || r.Notice.Template == "":
		field = "notice"
	case len(r.Items) == 0:
		field = "items"
	case len(r.Recipients) == 0:
		field = "recipients"
	case r.Controller.Name == "" || r.Controller.Contact == "":
		field = "controller"
	case r.MaxUses < 1 || r.Valid <= 0:
		field = "max_uses and valid: unlimited is not a value"
	case r.DraftedAt.IsZero():
		field = "drafted_at"
	default:
		return r.parties()
	}
	return missing(field)
}

// checkTexts returns an *idv.TextError for a text that cannot be kept.
func (r *Record) checkTexts() error {
	list := []idv.KeptText{
		{Field: "id", Text: r.ID}, {Field: "tenant", Text: string(r.Tenant)}, {Field: "app", Text: r.App}, {Field: "purpose", Text: r.Purpose},
		{Field: "subject", Text: string(r.Subject)}, {Field: "name", Text: string(r.Name)}, {Field: "guardian", Text: string(r.Guardian.Subject)},
		{Field: "guardian.relation", Text: r.Guardian.Relation}, {Field: "notice", Text: r.Notice.Name}, {Field: "notice", Text: r.Notice.Version},
		{Field: "language", Text: r.Notice.Language}, {Field: "template", Text: r.Notice.Template}, {Field: "text_hash", Text: r.Notice.Text},
	}
	for _, t := range r.Older {
		list = append(list, idv.KeptText{Field: "subject", Text: string(t)})
	}
	for _, p := range append([]Party{r.Controller}, r.Recipients...) {
		list = append(list, idv.KeptText{Field: "recipients", Text: p.Name, Most: idv.MaxNote},
			idv.KeptText{Field: "recipients", Text: p.Contact, Most: idv.MaxNote}, idv.KeptText{Field: "recipients", Text: p.Address, Most: idv.MaxNote})
	}
	if err := idv.CheckTexts(list...); err != nil {
		return err
	}
	return r.Proof.checkTexts()
}

// checkTexts returns an *idv.TextError for a text that cannot be kept.
func (p *Proof) checkTexts() error {
	return idv.CheckTexts(
		idv.KeptText{Field: "channel", Text: p.Channel}, idv.KeptText{Field: "presenter", Text: p.Presenter}, idv.KeptText{Field: "action", Text: string(p.Action)},
		idv.KeptText{Field: "session", Text: p.Session}, idv.KeptText{Field: "address", Text: p.Address}, idv.KeptText{Field: "agent", Text: p.Agent},
	)
}

func (r *Record) parties() error {
	for _, p := range r.Recipients {
		if p.Name == "" || p.Contact == "" {
			return missing("recipients: each needs its legal name and a contact")
		}
	}
	return r.checkTexts()
}

func missing(field string) error {
	return &idv.Error{
		Failure: idv.InvalidInput, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Code: RulePrefix + string(Incomplete), Detail: "the consent lacks " + field,
	}
}
