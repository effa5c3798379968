package consent

import (
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Kind is what happens to a consent.
type Kind string

// The kinds.
const (
	Present   Kind = "present"   // the text is put in front of the person
	Give      Kind = "give"      // the person agrees
	Refuse    Kind = "refuse"    // the person does not
	Withdraw  Kind = "withdraw"  // the person takes it back
	Expire    Kind = "expire"    // its time is over
	Supersede Kind = "supersede" // a newer one was given
)

// Event is something that happens to a consent. It carries no time: the store's
// clock says when it happened.
type Event struct {
	Kind  Kind
	Text  string // for Give: the hash of the text that was agreed to, as Notice.Text
	Proof Proof  // for Present and Give: what is known by now; empty fields change nothing, and the action is Give's alone
}

// Apply changes the record as the event says, at a time, or returns the fault that
// forbids it and changes nothing. Withdrawing twice is no fault: a person who takes
// an agreement back must not be told that it could not be done. Nor is letting expire
// or superseding what expired by itself: that writes down that it did, and a newer
// agreement must not fail because an older one ran out.
func (r *Record) Apply(e Event, now time.Time) error {
	next := *r
	next.settle(now)
	if f := next.fits(e, now); f != "" {
		return f
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
		proof.Action = "" // what was done before, as a box that was ticked already, agrees to nothing
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

// giveable keeps the order of presentation and agreement strict: what was agreed to
// in the same instant was not read.
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

// draftLife is how long a text that nobody decided on stays open.
const draftLife = 24 * time.Hour

// settle lets the record expire if its time is over.
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

// onMatterOf reports whether an older consent is of the same person, app and purpose,
// under whatever key of the ring it was drafted.
func (r *Record) onMatterOf(older *Record) bool {
	return older.Tenant == r.Tenant && older.App == r.App && older.Purpose == r.Purpose && slices.Contains(r.Tokens(), older.Subject)
}

// Replaces reports whether giving r ends another consent: a given one of the same
// person, app and purpose. A person has one agreement on a matter, the last.
func (r *Record) Replaces(other *Record) bool {
	return other.ID != r.ID && other.State == Given && r.onMatterOf(other)
}

// Closes reports whether refusing r ends another consent: one of the same person, app
// and purpose on which nobody decided yet. A person who said no would else be shown the
// texts that were drafted before, one after the other.
func (r *Record) Closes(other *Record) bool {
	return other.ID != r.ID && (other.State == Drafted || other.State == Presented) && r.onMatterOf(other)
}

// Follow ends another consent if the event that r has just taken ends that too, and
// reports whether it did. A store lets all that is kept of the person follow, in the
// transaction of the event.
func (r *Record) Follow(k Kind, other *Record, now time.Time) bool {
	switch {
	case k == Give && r.Replaces(other):
		return other.Apply(Event{Kind: Supersede}, now) == nil
	case k == Refuse && r.Closes(other):
		return other.Apply(Event{Kind: Expire}, now) == nil
	}
	return false
}

// Forbids reports whether a refusal forbids to ask the same person for the same thing
// again at a time: the pause is the cool-down after a refusal (Network Data Security
// Regulation art. 24: no pressing).
func (r *Record) Forbids(draft *Record, pause time.Duration, now time.Time) bool {
	return r.State == Refused && draft.onMatterOf(r) && now.Before(r.DecidedAt.Add(pause))
}

// Validate returns what is missing in a draft, nil if it is whole.
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

func (r *Record) parties() error {
	for _, p := range r.Recipients {
		if p.Name == "" || p.Contact == "" {
			return missing("recipients: each needs its legal name and a contact")
		}
	}
	return nil
}

func missing(field string) error {
	return &idv.Error{
		Failure: idv.InvalidInput, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Code: RulePrefix + string(Incomplete), Detail: "the consent lacks " + field,
	}
}
