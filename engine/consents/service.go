// Package consents implements the consent service: it drafts notices, records what people
// decide, issues receipts, and answers requests of data subjects for access, a copy or
// erasure. It joins the rules of policy/consent with a store and the keys. The engine does
// not import it; it reads the records from the store.
package consents

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
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

// Options configure a [Service]. All are required but Purposes, Abuse and PurgeCache.
type Options struct {
	Store    store.Store
	Keyring  *keyring.Keyring
	Notices  *notice.Catalogue
	Signer   *receipt.Signer
	Defaults NoticeDefaults
	// Purposes are the purposes that people may be asked for; nil allows any.
	Purposes *policy.Purposes
	// Abuse records the numbers of drafts, because a thief tries a stolen list first where
	// consents are asked for. Nil records nothing.
	Abuse *abuse.Detector
	// Recipients returns the organizations that may receive the data of a check: those whose
	// providers take the document, and all if it is unknown.
	Recipients func(context.Context, idv.Check, idv.Document) ([]consent.Party, error)
	// Tenants have a notice catalogue, defaults, purposes and a detector of their own, in place
	// of those above. Options without Tenants are those of every tenant.
	Tenants map[idv.Tenant]TenantOptions
	// PurgeCache is called after an erasure, so that no cached answer about the person is
	// returned again. It may be nil.
	PurgeCache func()
}

// TenantOptions are the options that may differ by tenant. They mean what the fields of
// Options mean.
type TenantOptions struct {
	Notices  *notice.Catalogue
	Defaults NoticeDefaults
	Purposes *policy.Purposes
	Abuse    *abuse.Detector
}

// NoticeDefaults are the values that every notice and receipt shares.
type NoticeDefaults struct {
	Controller     consent.Party
	Notice         string            // name of the notice
	GuardianNotice string            // name of the notice for a guardian
	Language       string            // of a draft that names none
	Titles         map[string]string // how notices describe a purpose, by the purpose's name
	Uses           int               // how many verifications a consent covers: the default and the maximum
	Valid          time.Duration     // how long a consent is valid, in whole days: the default and the maximum
	MinReview      time.Duration     // how long the text is shown before it can be agreed to
	Pause          time.Duration     // after a refusal, until the person may be asked again
	Withdraw       string            // how a consent is withdrawn; the controller's contact if ""
	Storage        []string          // where data are stored, for receipts; mainland China if empty
	Verifications  time.Duration     // how long results are kept
	Consents       time.Duration     // how long consents are kept after they end
}

// Service serves the requests of one store. It is safe for concurrent use.
type Service struct {
	Options

	tenants map[idv.Tenant]*Service // with the options of each
}

// For returns the service with the options of a tenant. The methods that name a tenant call
// it themselves.
func (s *Service) For(t idv.Tenant) *Service {
	if own := s.tenants[t]; own != nil {
		return own
	}
	return s
}

// New returns a service. The error says which options are missing.
func New(o Options) (*Service, error) {
	if o.Store == nil || o.Keyring == nil || o.Notices == nil || o.Signer == nil || o.Recipients == nil {
		return nil, errors.New("consents.New requires Store, Keyring, Notices, Signer and Recipients; set them all")
	}
	if o.Purposes == nil {
		o.Purposes = new(policy.Purposes)
	}
	if o.Defaults.Withdraw == "" {
		o.Defaults.Withdraw = o.Defaults.Controller.Contact
	}
	s := &Service{Options: o, tenants: map[idv.Tenant]*Service{}}
	for t, own := range o.Tenants {
		o.Notices, o.Defaults, o.Purposes, o.Abuse, o.Tenants = own.Notices, own.Defaults, own.Purposes, own.Abuse, nil
		one, err := New(o)
		if err != nil {
			return nil, err
		}
		s.tenants[t] = one
	}
	return s, nil
}

// Change applies an event to a consent and returns the record as it then is. An event that
// was applied before, such as a second click or a retry after a lost response, changes
// nothing and is no error. The error is a consent.Fault, consent.ErrNotFound, or the store's.
func (s *Service) Change(ctx context.Context, t idv.Tenant, id string, e consent.Event) (consent.Record, error) {
	r, err := s.Store.ChangeConsent(ctx, t, id, e)
	if !errors.Is(err, consent.WrongOrder) && !errors.Is(err, consent.TooQuick) {
		return r, err
	}
	current, unread := s.Store.Consent(ctx, t, id)
	if unread == nil && errors.Is(err, consent.TooQuick) {
		wait := time.Until(current.PresentedAt.Add(current.MinReview))
		return r, &WaitError{Fault: consent.TooQuick, Wait: max((wait + time.Second - 1).Truncate(time.Second), time.Second)}
	}
	if unread != nil || !applied(&current, e) {
		return r, err
	}
	return current, nil
}

// WaitError is a fault that ends by itself. It is the fault for errors.Is and errors.As.
type WaitError struct {
	Fault consent.Fault
	Wait  time.Duration // until the event can be repeated, in whole seconds and never 0
}

// Error returns the fault and the time.
func (e *WaitError) Error() string { return e.Fault.Error() + " Wait " + e.Text().EN + "." }

// Unwrap returns the fault as an *idv.Error with the time, and the fault.
func (e *WaitError) Unwrap() []error {
	known := *idv.AsError(e.Fault)
	known.Retry = e.Wait
	return []error{&known, e.Fault}
}

// Text returns the time for people.
func (e *WaitError) Text() idv.Text {
	n := int64(e.Wait / time.Second)
	return idv.Text{EN: idv.Count(n, "second"), ZH: strconv.FormatInt(n, 10) + " 秒"}
}

// applied reports whether the record shows the result of the event already.
func applied(r *consent.Record, e consent.Event) bool {
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

// Consent returns a consent, or consent.ErrNotFound.
func (s *Service) Consent(ctx context.Context, t idv.Tenant, id string) (consent.Record, error) {
	return s.Store.Consent(ctx, t, id)
}

// ErrText says that the text of a consent cannot be rendered again, because its template is
// missing from the catalogue or differs from the one that the person saw.
var ErrText = errors.New("the text of this consent cannot be made again; put its template, in that version, back into policy.consent.notices")

// Text renders the text that the person saw, byte for byte. The error is consent.ErrErased
// if the person was erased, since the text was erased with the person's key.
func (s *Service) Text(ctx context.Context, t idv.Tenant, id string) (notice.Rendered, error) {
	record, err := s.Store.Consent(ctx, t, id)
	if err != nil {
		return notice.Rendered{}, err
	}
	if record.Sealed == nil {
		return notice.Rendered{}, consent.ErrErased
	}
	wrapped, err := s.Store.DataKey(ctx, t, record.Subject, nil)
	if err != nil {
		return notice.Rendered{}, err
	}
	return s.renderAgain(&record, wrapped)
}

// renderAgain renders the text of a record from its sealed values, with the wrapped data key
// of the person.
func (s *Service) renderAgain(record *consent.Record, wrapped []byte) (notice.Rendered, error) {
	key, err := s.Keyring.Unwrap(record.Tenant, record.Subject, wrapped)
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
	template, err := s.For(record.Tenant).Notices.Find(record.Notice.Name, record.Notice.Version, record.Notice.Language)
	if err != nil {
		return notice.Rendered{}, ErrText
	}
	text, err := template.Render(values)
	if err != nil || text.Notice != record.Notice {
		return notice.Rendered{}, ErrText
	}
	return text, nil
}

// Receipt returns the signed receipt of a consent that was given or refused.
func (s *Service) Receipt(ctx context.Context, t idv.Tenant, id string) ([]byte, error) {
	record, err := s.Store.Consent(ctx, t, id)
	if err != nil {
		return nil, err
	}
	s = s.For(t)
	words := wordsOf(record.Notice.Language)
	r, err := receipt.New(receipt.Input{
		ID: newID("rcp_"), At: time.Now(), Record: record, Withdrawal: s.Defaults.Withdraw,
		Retention: words.retention(s.Defaults), Storage: words.storedIn(s.Defaults), Rights: words.rights,
	})
	if err != nil {
		return nil, err
	}
	return s.Signer.Sign(r)
}

// newID returns an id that cannot be guessed.
func newID(prefix string) string { return prefix + strings.ToLower(rand.Text()) }

// Evidence signs what is known of a stored verification: result is its JSON as the API shows
// it, version that of the program. The receipt of its consent is part of it.
func (s *Service) Evidence(ctx context.Context, v *idv.Verification, result []byte, version string) ([]byte, error) {
	e := receipt.Evidence{ID: v.ID, Tenant: v.Tenant, IssuedAt: time.Now(), Heyan: version, Verification: result}
	if v.ConsentID != "" {
		document, err := s.Receipt(ctx, v.Tenant, v.ConsentID)
		var fault consent.Fault
		switch {
		case err == nil:
			e.Receipt = document
		case errors.Is(err, consent.ErrNotFound):
			e.NoReceipt = receipt.NotStored
		case errors.Is(err, consent.ErrErased):
			e.NoReceipt = receipt.WasErased
		case errors.As(err, &fault):
			e.NoReceipt = receipt.Undecided
		default:
			return nil, err
		}
	}
	return s.Signer.SignEvidence(e)
}
