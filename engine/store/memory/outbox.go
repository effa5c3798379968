package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// outbox has the undelivered messages by their ids.
type outbox struct {
	subscriber store.Subscriber
	messages   map[string]store.Message
}

// FindVerifications returns the verifications that a filter selects, newest first.
func (s *Store) FindVerifications(_ context.Context, f store.VerificationFilter, p ledger.Page) ([]idv.Verification, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []idv.Verification
	for _, v := range s.results {
		if f.Selects(&v) {
			found = append(found, v)
		}
	}
	return newest(found, p, func(v *idv.Verification) store.Position { return store.PositionOf(v.CreatedAt, v.ID) })
}

// newest returns a page of a list that is ordered by position, newest first.
func newest[T any](list []T, p ledger.Page, at func(*T) store.Position) ([]T, string, error) {
	slices.SortFunc(list, func(a, b T) int { return comparePositions(at(&b), at(&a)) })
	if p.After != "" {
		after, err := store.ParsePosition(p.After)
		if err != nil {
			return nil, "", err
		}
		list = slices.DeleteFunc(list, func(v T) bool { return comparePositions(at(&v), after) >= 0 })
	}
	if len(list) <= p.Size() {
		return list, "", nil
	}
	return list[:p.Size()], at(&list[p.Size()-1]).String(), nil
}

func comparePositions(a, b store.Position) int {
	return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.ID, b.ID))
}

// Subscribe sets who gets messages about verifications.
func (s *Store) Subscribe(subscriber store.Subscriber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscriber = subscriber
}

// tell stores the messages about a verification, unless as many wait as verifications are
// kept.
func (s *Store) tell(v *idv.Verification) {
	if s.subscriber == nil || len(s.messages) >= s.order.keep {
		return
	}
	now, _ := s.Clock.Now()
	for _, m := range store.NewMessages(s.subscriber(v), v, now.UTC().Truncate(time.Microsecond)) {
		s.messages[m.ID] = m
	}
}

// TakeMessages returns messages that are due, and postpones them.
func (s *Store) TakeMessages(_ context.Context, webhook string, n int, lease time.Duration) (taken []store.Message, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, _ := s.Clock.Now()
	for _, m := range s.messages {
		if m.Webhook == webhook && !m.Dead && !m.Due.After(now) {
			taken = append(taken, m)
		}
	}
	slices.SortFunc(taken, func(a, b store.Message) int { return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.ID, b.ID)) })
	taken = taken[:min(n, len(taken))]
	for i := range taken {
		taken[i].Due = now.Add(lease).UTC()
		s.messages[taken[i].ID] = taken[i]
	}
	return taken, nil
}

// SettleMessages stores the results of attempts.
func (s *Store) SettleMessages(_ context.Context, results []store.Delivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, _ := s.Clock.Now()
	for _, d := range results {
		m, ok := s.messages[d.ID]
		if !ok {
			continue
		}
		if d.Delivered {
			delete(s.messages, d.ID)
			continue
		}
		m.Attempts++
		m.Due, m.Failure, m.Dead = now.Add(max(d.Retry, 0)).UTC(), d.Failure, d.Retry <= 0
		s.messages[d.ID] = m
	}
	return nil
}

// Messages returns undelivered messages, newest first.
func (s *Store) Messages(_ context.Context, f store.MessageFilter, p ledger.Page) ([]store.Message, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []store.Message
	for _, m := range s.messages {
		if f.Selects(&m) {
			found = append(found, m)
		}
	}
	return newest(found, p, func(m *store.Message) store.Position { return store.PositionOf(m.At, m.ID) })
}

// ResendMessage makes a message due now.
func (s *Store) ResendMessage(ctx context.Context, f store.MessageFilter, id string) (sent store.Message, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	err = s.acting(ctx, now, func() error {
		m, ok := s.messages[id]
		if !ok || !f.Selects(&m) {
			return store.ErrNoMessage
		}
		m.Due, m.Attempts, m.Dead = now.UTC(), 0, false
		s.messages[id] = m
		sent = m
		return nil
	})
	return sent, err
}

// pruneMessages deletes the messages from before a time.
func (s *Store) pruneMessages(keep *store.Retention, before time.Time) {
	for id, m := range s.messages {
		if m.At.Before(before) && keep.Concerns(m.Tenant) {
			delete(s.messages, id)
		}
	}
}
