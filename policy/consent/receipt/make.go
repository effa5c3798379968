package receipt

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// ErrIncomplete says that a required member of a receipt or proof is missing. The error
// that wraps it names the member.
var ErrIncomplete = errors.New("incomplete")

// Input is the content of a receipt: the record, and the texts of the configuration or
// the notice.
type Input struct {
	ID         string // of the receipt
	At         time.Time
	Record     consent.Record
	Withdrawal string   // how the person withdraws, in the language of the notice
	Retention  string   // what is kept for how long, as in the notice
	Storage    []string // where it is kept, such as "中国境内"
	Rights     []string // the rights of the person, such as "查阅、复制"
}

// New returns the receipt of a consent that was given or refused; if it ended since, the
// events say so. It returns consent.NotGiven before the decision, consent.ErrErased if the
// person was erased, and [ErrIncomplete] if a required member is missing.
func New(in Input) (Receipt, error) {
	rec := &in.Record
	switch {
	case rec.Erasure != "":
		return Receipt{}, consent.ErrErased
	case rec.DecidedAt.IsZero():
		return Receipt{}, consent.NotGiven
	case in.At.Before(rec.DecidedAt):
		return Receipt{}, consent.NotBefore
	}
	r := Receipt{
		SchemaVersion: Version, ReceiptID: in.ID, RecordID: rec.ID, PrincipalID: rec.Subject, IssuedAt: in.At.UTC(),
		Parties: parties(rec), Events: events(rec, in.At),
	}
	r.Processing = Processing{
		Notice: rec.Notice, Language: rec.Notice.Language, Purpose: rec.Purpose, Service: rec.App, LawfulBasis: "consent",
		Items: items(rec), CollectedBy: rec.Proof.Channel, Storage: in.Storage, Retention: in.Retention, Jurisdiction: "CN",
		Withdrawal: in.Withdrawal, Rights: in.Rights, MaxUses: rec.MaxUses, Guardian: rec.Guardian.Relation,
	}
	if rec.State != consent.Refused {
		r.Processing.ValidUntil = rec.Until().UTC()
	}
	for _, p := range r.Parties {
		if p.Role == controller {
			r.Processing.Controllers = append(r.Processing.Controllers, p.ID)
			continue
		}
		r.Processing.Recipients = append(r.Processing.Recipients, p.ID)
	}
	return r, r.check()
}

func parties(rec *consent.Record) []Party {
	list := []Party{{"controller", controller, rec.Controller.Name, rec.Controller.Contact, rec.Controller.Address}}
	for i, p := range rec.Recipients {
		list = append(list, Party{"recipient-" + strconv.Itoa(i+1), recipient, p.Name, p.Contact, p.Address})
	}
	return list
}

func items(rec *consent.Record) []Item {
	var list []Item
	for _, claim := range rec.Items {
		item := Item{Type: claim.String()}
		switch {
		case rec.Guardian.Subject != "":
			item.Sensitive = Minor
		case claim == idv.ClaimIDNumber:
			item.Sensitive = Identity
		case claim == idv.ClaimBankCard:
			item.Sensitive = Financial
		}
		list = append(list, item)
	}
	return list
}

// events returns the events of the consent until the receipt. A consent whose time is over
// has expired, even if the record does not say so yet.
func events(rec *consent.Record, now time.Time) []Event {
	who := principal
	if rec.Guardian.Subject != "" {
		who = guardian
	}
	list := []Event{{At: rec.PresentedAt.UTC(), Type: consent.Present, State: consent.Presented, Entity: "controller"}}
	if rec.State == consent.Refused {
		return append(list, Event{At: rec.DecidedAt.UTC(), Type: consent.Refuse, State: consent.Refused, Entity: who})
	}
	list = append(list, Event{
		At: rec.DecidedAt.UTC(), Type: consent.Give, State: consent.Given, Entity: who,
		Validity: duration(rec.Valid), Action: rec.Proof.Action,
	})
	end := Event{At: rec.EndedAt.UTC(), State: rec.State, Entity: who}
	switch {
	case rec.State == consent.Withdrawn:
		end.Type = consent.Withdraw
	case rec.State == consent.Superseded:
		end.Type = consent.Supersede
	case rec.State == consent.Expired:
		end.Type, end.Entity = consent.Expire, "controller"
	case !now.Before(rec.Until()):
		end = Event{At: rec.Until().UTC(), Type: consent.Expire, State: consent.Expired, Entity: "controller"}
	default:
		return list
	}
	return append(list, end)
}

// duration formats a duration by ISO 8601: whole days in days, everything else in seconds,
// rounded down.
func duration(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("P%dD", d/(24*time.Hour))
	}
	return fmt.Sprintf("PT%dS", d/time.Second)
}

// check returns what ISO/IEC TS 27560 requires and the receipt lacks.
func (r *Receipt) check() error {
	p := &r.Processing
	for _, part := range []struct {
		member string
		there  bool
	}{
		{"schema_version", r.SchemaVersion == Version},
		{"receipt_id, record_id and pii_principal_id", full(r.ReceiptID, r.RecordID, string(r.PrincipalID))},
		{"issued_at", !r.IssuedAt.IsZero()},
		{"event", len(r.Events) >= 2},
		{"privacy_notice and language", full(p.Notice.Text, p.Notice.Template, p.Language)},
		{"purpose", full(p.Purpose)},
		{"pii_information", len(p.Items) > 0},
		{"pii_controllers", len(p.Controllers) > 0},
		{"recipient_third_parties", len(p.Recipients) > 0},
		{"storage_locations", len(p.Storage) > 0},
		{"retention_period, jurisdiction and withdrawal_method", full(p.Retention, p.Jurisdiction, p.Withdrawal)},
		{"max_uses: unlimited is not a value", p.MaxUses >= 1 && p.MaxUses <= largest},
	} {
		if !part.there {
			return fmt.Errorf("a receipt needs %s: %w", part.member, ErrIncomplete)
		}
	}
	return nil
}

// full reports whether none of some texts is empty.
func full(texts ...string) bool { return !slices.Contains(texts, "") }
