package storemodel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// newDraft returns a random draft without an id, and its older token.
func (m *model) newDraft() (r consent.Record, older idv.SubjectToken) {
	m.drafts = m.drafts.Add(time.Microsecond)
	r = Draft("")
	r.Tenant, r.Subject, r.Purpose, r.DraftedAt, r.MaxUses = m.tenant, m.token(), fmt.Sprint(m.r.IntN(2)), m.drafts, 1+m.r.IntN(3)
	r.Guardian = consent.Guardian{}
	if m.r.IntN(3) == 0 {
		r.Guardian.Subject = m.token()
	}
	if m.r.IntN(3) == 0 {
		older = m.token()
		r.Older = []idv.SubjectToken{older}
	}
	return r, older
}

func (m *model) add(ctx context.Context) error {
	r, older := m.newDraft()
	pause := time.Duration(m.r.IntN(2)) * time.Hour
	var want error
	if c, id := m.pick(); m.r.IntN(20) == 0 && c != nil {
		r.ID, want = id, consent.ErrTwice
	} else {
		r.ID = m.others.fresh("c", m.tenant)
		for _, c := range m.consents {
			if pause > 0 && c.state == consent.Refused && c.purpose == r.Purpose && c.of(r.Subject, older) {
				want = consent.AskedTooSoon
			}
		}
	}
	key := m.sealing(r.Subject)
	if want == nil && string(key.Wrapped) != m.keys[r.Subject] && (m.keys[r.Subject] != "" || !key.New) {
		want = store.ErrKeyChanged
	}
	err := m.s.AddConsent(ctx, r, key, pause)
	if err == nil && want == nil {
		m.keys[r.Subject] = string(key.Wrapped)
		c := &modelConsent{id: r.ID, purpose: r.Purpose, subject: r.Subject, guardian: r.Guardian.Subject, older: older, state: consent.Drafted, most: r.MaxUses}
		m.consents, m.byID[c.id] = append(m.consents, c), c
	}
	return agree(err, want)
}

// sealing returns the key that seals a draft, usually the right one.
func (m *model) sealing(token idv.SubjectToken) store.DataKey {
	if kept := m.keys[token]; kept != "" && m.r.IntN(10) > 0 {
		return store.DataKey{Wrapped: []byte(kept), New: m.r.IntN(2) == 0}
	}
	return store.DataKey{Wrapped: fmt.Appendf(nil, "%s %d", m.tenant, m.r.Uint64()), New: m.r.IntN(10) > 0}
}

// change applies an event, usually the next one.
func (m *model) change(ctx context.Context) error {
	c, id := m.pick()
	events := []consent.Event{Present(), Give(), Refuse(), Withdraw(), {Kind: consent.Expire}}
	e := events[m.r.IntN(len(events))]
	if c != nil && m.r.IntN(3) > 0 {
		switch {
		case c.state == consent.Drafted:
			e = Present()
		case c.state == consent.Presented && m.r.IntN(5) > 0:
			e = Give()
		}
	}
	got, err := m.s.ChangeConsent(ctx, m.tenant, id, e)
	if err := agree(err, m.event(c, e.Kind)); err != nil || c == nil {
		return err
	}
	if err == nil {
		return c.same(got)
	}
	return nil
}

// event applies an event to the model.
func (m *model) event(c *modelConsent, k consent.Kind) error {
	switch {
	case c == nil:
		return consent.ErrNotFound
	case c.subject == "" && k == consent.Withdraw:
		return nil
	case c.subject == "":
		return consent.ErrErased
	}
	switch {
	case k == consent.Present && c.state == consent.Drafted:
		c.state = consent.Presented
	case k == consent.Give && c.state == consent.Presented:
		m.follow(c, consent.Superseded, consent.Given)
		c.state = consent.Given
	case k == consent.Refuse && c.state == consent.Presented:
		m.follow(c, consent.Expired, consent.Drafted, consent.Presented)
		c.state = consent.Refused
	default:
		return c.end(k)
	}
	return nil
}

// follow gives a state to the consents in other states that a decision about c affects.
func (m *model) follow(c *modelConsent, to consent.State, from ...consent.State) {
	for _, other := range m.consents {
		if other != c && slices.Contains(from, other.state) && other.of(c.subject, c.older) && other.purpose == c.purpose {
			other.state = to
		}
	}
}

// end applies a withdrawal or an expiry.
func (c *modelConsent) end(k consent.Kind) error {
	open := c.state == consent.Drafted || c.state == consent.Presented || c.state == consent.Given
	switch {
	case k == consent.Withdraw && open:
		c.state = consent.Withdrawn
	case k == consent.Expire && open:
		c.state = consent.Expired
	case k == consent.Withdraw && c.state != consent.Refused, k == consent.Expire && c.state == consent.Expired:
	default:
		return consent.WrongOrder
	}
	return nil
}

// of reports whether a consent belongs to one of the tokens.
func (c *modelConsent) of(tokens ...idv.SubjectToken) bool {
	return c.subject != "" && slices.Contains(tokens, c.subject)
}

// same compares a record with the model.
func (c *modelConsent) same(r consent.Record) error {
	got := modelConsent{
		id: r.ID, purpose: r.Purpose, erasure: r.Erasure, subject: r.Subject, guardian: r.Guardian.Subject, state: r.State, used: r.Used, most: r.MaxUses,
	}
	if len(r.Older) > 0 {
		got.older = r.Older[0]
	}
	if got != *c || (r.Sealed == nil) != (c.erasure != "") {
		return fmt.Errorf("got %+v, the model says %+v", got, *c)
	}
	return nil
}

func (m *model) read(ctx context.Context) error {
	c, id := m.pick()
	got, err := m.s.Consent(ctx, m.tenant, id)
	if c == nil {
		return agree(err, consent.ErrNotFound)
	}
	return errors.Join(err, c.same(got))
}

// take returns the expected error of a use.
func (m *model) take(c *modelConsent, use idv.ConsentUse) error {
	if c == nil {
		return consent.Missing
	}
	faults := map[consent.State]consent.Fault{
		consent.Drafted: consent.NotPresented, consent.Presented: consent.NotGiven, consent.Refused: consent.WasRefused,
		consent.Withdrawn: consent.WasWithdrawn, consent.Expired: consent.HasExpired, consent.Superseded: consent.WasSuperseded,
	}
	switch {
	case c.state != consent.Given:
		return faults[c.state]
	case use.Recipient != Recipient:
		return consent.NotRecipient
	case use.First && c.used >= c.most:
		return consent.UsedUp
	case use.First:
		c.used++
	}
	return nil
}

func (m *model) aUse() (*modelConsent, idv.ConsentUse) {
	c, id := m.pick()
	use := idv.ConsentUse{ID: id, Recipient: Recipient, First: m.r.IntN(3) > 0}
	if m.r.IntN(10) == 0 {
		use.Recipient = "another"
	}
	return c, use
}

func (m *model) use(ctx context.Context) error {
	c, use := m.aUse()
	return agree(m.s.UseConsent(ctx, m.tenant, use), m.take(c, use))
}

func (m *model) returnUse(ctx context.Context) error {
	c, id := m.pick()
	err := m.s.ReturnConsent(ctx, m.tenant, id)
	if c == nil {
		return agree(err, consent.ErrNotFound)
	}
	c.used = max(c.used-1, 0)
	return err
}

func (m *model) hold(ctx context.Context) error {
	i := Intent(m.others.fresh("h", m.tenant), 1, Then())
	i.Tenant, i.Provider = m.tenant, m.provider()
	c, use := m.aUse()
	var want error
	if m.r.IntN(4) > 0 {
		i.Consent, want = use, m.take(c, use)
	}
	_, err := m.s.Hold(ctx, i)
	if err == nil {
		m.held++
	}
	return agree(err, want)
}

func (m *model) list(ctx context.Context) error {
	token := m.token()
	var want []string
	for _, c := range m.consents {
		if c.subject == token || c.guardian == token {
			want = append(want, c.id)
		}
	}
	got, err := everyPage(m.r.IntN(100)+1, func(p ledger.Page) ([]consent.Record, string, error) {
		return m.s.Consents(ctx, m.tenant, []idv.SubjectToken{token}, p)
	}, func(r consent.Record) (string, error) {
		if m.byID[r.ID] == nil {
			return "", fmt.Errorf("%s is another tenant's", r.ID)
		}
		return r.ID, m.byID[r.ID].same(r)
	})
	if err != nil {
		return err
	}
	if !slices.Equal(want, got) {
		return fmt.Errorf("the model -, got +:\n%s", cmp.Diff(want, got))
	}
	return nil
}
