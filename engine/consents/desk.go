// Package desk is where people are served: it shows them the notice, records what they
// decide, gives them a receipt, and finds, exports and erases what is kept of them. It
// puts the rooms of policy/consent to work with a store and the keys; the engine looks
// at nothing here but the records.
package consents

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
	"github.com/heyan-id/heyan/policy/consent/receipt"
	"github.com/heyan-id/heyan/policy/keyring"
)

// Options are what a desk works with. All but Purposes, Guard and Forget are required.
type Options struct {
	Store    store.Store
	Keyring  *keyring.Keyring
	Notices  *notice.Catalogue
	Signer   *receipt.Signer
	Defaults NoticeDefaults
	// Purposes are those that people may be asked for; nil for any.
	Purposes *policy.Purposes
	// Guard hears of numbers that are put here: a page that asks for consents is the first
	// place where a stolen list is tried. Nil hears nothing.
	Abuse *abuse.Detector
	// Recipients returns the bodies that may be asked for a check.
	Recipients func(context.Context, idv.Check) ([]consent.Party, error)
	// Forget is called after an erasure, to drop answers that could be given again.
	PurgeCache func()
}

// NoticeDefaults are what every notice says in the same way.
type NoticeDefaults struct {
	Controller     consent.Party
	Notice         string            // name of the notice
	GuardianNotice string            // of the one for a guardian
	Language       string            // if a draft names none
	Titles         map[string]string // what people are told of a purpose, by its name
	Uses           int
	Valid          time.Duration // whole days
	MinReview      time.Duration
	Pause          time.Duration // after a refusal
	Withdraw       string        // how to take a consent back; the controller's contact if ""
	Storage        []string      // where data are kept, as receipts say it; mainland China if there is none
	Verifications  time.Duration // how long results are kept
	Consents       time.Duration // how long consents are kept after their end
}

// Service serves people. It is safe for concurrent use.
type Service struct{ Options }

// New makes a desk.
func New(o Options) (*Service, error) {
	if o.Store == nil || o.Keyring == nil || o.Notices == nil || o.Signer == nil || o.Recipients == nil {
		return nil, errors.New("a desk needs a store, a key ring, notices, a signer and recipients")
	}
	if o.Purposes == nil {
		o.Purposes = new(policy.Purposes)
	}
	if o.Defaults.Withdraw == "" {
		o.Defaults.Withdraw = o.Defaults.Controller.Contact
	}
	return &Service{o}, nil
}

// Change tells the desk what happened to a consent and returns it as it stands. What
// happened already, as it is told by a second click or after a lost answer, is no fault
// and changes nothing. The error is a consent.Fault, consent.ErrNotFound, or the store's.
func (d *Service) Change(ctx context.Context, t idv.Tenant, id string, e consent.Event) (consent.Record, error) {
	r, err := d.Store.ChangeConsent(ctx, t, id, e)
	if !errors.Is(err, consent.WrongOrder) {
		return r, err
	}
	kept, unread := d.Store.Consent(ctx, t, id)
	if unread != nil || !told(&kept, e) {
		return r, err
	}
	return kept, nil
}

// told reports whether the record says already what the event does.
func told(r *consent.Record, e consent.Event) bool {
	switch e.Kind {
	case consent.Present:
		return r.State == consent.Presented
	case consent.Give:
		return r.State == consent.Given && e.Text == r.Notice.Text && e.Proof.Action == r.Proof.Action
	case consent.Refuse:
		return r.State == consent.Refused
	}
	return false
}

// Consent returns a consent.
func (d *Service) Consent(ctx context.Context, t idv.Tenant, id string) (consent.Record, error) {
	return d.Store.Consent(ctx, t, id)
}

// ErrText says that a text cannot be made again: its template is not in the catalogue
// any more, or a byte of it differs.
var ErrText = errors.New("the text of this consent cannot be made again; is its template, in that version, still in policy.consent.notices?")

// Text makes the text again that the person saw, byte for byte. consent.ErrErased says
// that the person was erased, and the text with the keys.
func (d *Service) Text(ctx context.Context, t idv.Tenant, id string) (notice.Rendered, error) {
	record, err := d.Store.Consent(ctx, t, id)
	if err != nil {
		return notice.Rendered{}, err
	}
	if record.Sealed == nil {
		return notice.Rendered{}, consent.ErrErased
	}
	wrapped, err := d.Store.DataKey(ctx, t, record.Subject, nil)
	if err != nil {
		return notice.Rendered{}, err
	}
	return d.open(&record, wrapped)
}

// open makes the text of a record again, with the person's wrapped key.
func (d *Service) open(record *consent.Record, wrapped []byte) (notice.Rendered, error) {
	key, err := d.Keyring.Unwrap(record.Tenant, record.Subject, wrapped)
	if err != nil {
		return notice.Rendered{}, err
	}
	encoded, err := key.Open(record.ID, record.Sealed)
	if err != nil {
		return notice.Rendered{}, err
	}
	values, err := notice.DecodeValues(encoded)
	if err != nil {
		return notice.Rendered{}, err
	}
	template, err := d.Notices.Find(record.Notice.Name, record.Notice.Version, record.Notice.Language)
	if err != nil {
		return notice.Rendered{}, ErrText
	}
	text, err := template.Render(values)
	if err != nil || text.Notice != record.Notice {
		return notice.Rendered{}, ErrText
	}
	return text, nil
}

// Receipt makes the signed receipt of a consent that was decided on.
func (d *Service) Receipt(ctx context.Context, t idv.Tenant, id string) ([]byte, error) {
	record, err := d.Store.Consent(ctx, t, id)
	if err != nil {
		return nil, err
	}
	words := wordsOf(record.Notice.Language)
	r, err := receipt.New(receipt.Input{
		ID: name("rcp_"), At: time.Now(), Record: record, Withdrawal: d.Defaults.Withdraw,
		Retention: words.retention(d.Defaults), Storage: words.kept(d.Defaults), Rights: words.rights,
	})
	if err != nil {
		return nil, err
	}
	return d.Signer.Sign(r)
}

// name makes an id that cannot be guessed.
func name(prefix string) string { return prefix + strings.ToLower(rand.Text()) }
