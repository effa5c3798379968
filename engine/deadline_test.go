package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
)

// hungStore is a store that answers until one of its operations hangs; from then on every
// operation ends with its context.
type hungStore struct {
	*memory.Store

	at   string
	hung bool
}

func (s *hungStore) hang(ctx context.Context, operation string) error {
	if s.hung = s.hung || operation == s.at; !s.hung {
		return nil
	}
	<-ctx.Done()
	return fmt.Errorf("%w: %w", store.ErrUnwritable, ctx.Err())
}

// Claim may hang.
func (s *hungStore) Claim(ctx context.Context, c store.Claim) (idv.Verification, bool, error) {
	if err := s.hang(ctx, "Claim"); err != nil {
		return idv.Verification{}, false, err
	}
	return s.Store.Claim(ctx, c)
}

// Release may hang.
func (s *hungStore) Release(ctx context.Context, k store.Key, verification string) error {
	return errors.Join(s.hang(ctx, "Release"), s.Store.Release(ctx, k, verification))
}

// ReleaseUncalled may hang.
func (s *hungStore) ReleaseUncalled(ctx context.Context, k store.Key, v idv.Verification) error {
	return errors.Join(s.hang(ctx, "ReleaseUncalled"), s.Store.ReleaseUncalled(ctx, k, v))
}

// Consent may hang.
func (s *hungStore) Consent(ctx context.Context, t idv.Tenant, id string) (consent.Record, error) {
	if err := s.hang(ctx, "Consent"); err != nil {
		return consent.Record{}, err
	}
	return s.Store.Consent(ctx, t, id)
}

// Count may hang.
func (s *hungStore) Count(ctx context.Context, t idv.Tenant, hits []policy.Hit) (policy.Counted, error) {
	if err := s.hang(ctx, "Count"); err != nil {
		return policy.Counted{}, err
	}
	return s.Store.Count(ctx, t, hits)
}

// Hold may hang.
func (s *hungStore) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	if err := s.hang(ctx, "Hold"); err != nil {
		return idv.Reservation{}, err
	}
	return s.Store.Hold(ctx, i)
}

// Settle may hang.
func (s *hungStore) Settle(ctx context.Context, a idv.Attempt) error {
	if err := s.hang(ctx, "Settle"); err != nil {
		return err
	}
	return s.Store.Settle(ctx, a)
}

// Complete may hang.
func (s *hungStore) Complete(ctx context.Context, k store.Key, v idv.Verification) error {
	if err := s.hang(ctx, "Complete"); err != nil {
		return err
	}
	return s.Store.Complete(ctx, k, v)
}

// CompleteWithCall may hang.
func (s *hungStore) CompleteWithCall(ctx context.Context, a idv.Attempt, k store.Key, v idv.Verification) error {
	if err := s.hang(ctx, "CompleteWithCall"); err != nil {
		return err
	}
	return s.Store.CompleteWithCall(ctx, a, k, v)
}

// Verification may hang.
func (s *hungStore) Verification(ctx context.Context, t idv.Tenant, id string) (idv.Verification, error) {
	if err := s.hang(ctx, "Verification"); err != nil {
		return idv.Verification{}, err
	}
	return s.Store.Verification(ctx, t, id)
}

// TestHungStoreKeepsNoRequest: wherever the store begins to hang, and although the caller
// sets no deadline, the request ends: before a call as a failure of the store within the
// timeout, after a call with its result two seconds later at most. The engine closes.
func TestHungStoreKeepsNoRequest(t *testing.T) {
	t.Parallel()
	const timeout = 3 * time.Second
	for _, test := range []struct {
		at    string
		reply enginetest.Reply
		class engine.Class // "" if there is a result
		most  time.Duration
	}{
		{"Claim", enginetest.Answer(idv.Match), engine.ClassStore, timeout},
		{"Consent", enginetest.Answer(idv.Match), engine.ClassStore, timeout},
		{"Count", enginetest.Answer(idv.Match), engine.ClassStore, timeout},
		{"Hold", enginetest.Answer(idv.Match), engine.ClassStore, timeout},
		{"Settle", enginetest.Fail(idv.Timeout, idv.DeliveryUnknown), engine.ClassUnconfirmed, timeout + 2*time.Second},
		{"Complete", enginetest.Fail(idv.Timeout, idv.DeliveryUnknown), engine.ClassUnconfirmed, timeout + 2*time.Second},
		{"CompleteWithCall", enginetest.Answer(idv.Match), engine.ClassUnconfirmed, timeout + 2*time.Second},
	} {
		t.Run(test.at, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				provider := enginetest.New("a", test.reply)
				s := &hungStore{Store: memory.New(0)}
				o := enginetest.Options(provider)
				o.Store, o.Timeout = s, timeout
				ring := enginetest.Keyring(t)
				detector, err := abuse.New(abuse.Config{Indexer: ring, Limits: abuse.Limits{{Per: abuse.PerSubject, Window: abuse.Day, Most: 10}}})
				if err != nil {
					t.Fatal(err)
				}
				o.Policy = engine.Policy{Keyring: ring, Consent: consent.Required, Abuse: detector}
				e := enginetest.Engine(t, o)
				r := enginetest.Request()
				r.IdempotencyKey = "k"
				r.ConsentID = enginetest.Give(t, s.Store, enginetest.Draft(ring, r, "a Ltd"))
				s.at = test.at
				began := time.Now()
				_, err = e.Verify(context.WithoutCancel(t.Context()), r)
				if got := engine.ProblemOf(err).Class; got != test.class {
					t.Errorf("%v, class %q, want %q", err, got, test.class)
				}
				if took := time.Since(began); took > test.most {
					t.Errorf("the request took %v, want %v at most", took, test.most)
				}
			})
		})
	}
}

func TestHungStoreKeepsNoReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := enginetest.Options(enginetest.New("a"))
		o.Store = &hungStore{Store: memory.New(0), at: "Verification"}
		_, err := enginetest.Engine(t, o).Verification(context.WithoutCancel(t.Context()), "t1", "ver_1")
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	})
}

// TestDeadlineOfTheContextIsDivided: an earlier deadline of the context is that of the
// verification, so the first of two providers gets two thirds of it.
func TestDeadlineOfTheContextIsDivided(t *testing.T) {
	t.Parallel()
	for left, want := range map[time.Duration]time.Duration{time.Hour: 2 * time.Second, 1500 * time.Millisecond: time.Second} {
		synctest.Test(t, func(t *testing.T) {
			slow := enginetest.New("a", enginetest.Reply{After: time.Hour})
			o := enginetest.Options(slow, enginetest.New("b"))
			o.Timeout = 3 * time.Second
			e := enginetest.Engine(t, o)
			ctx, cancel := context.WithTimeout(t.Context(), left)
			defer cancel()
			began := time.Now()
			v, err := e.Verify(ctx, enginetest.Request())
			if err != nil || string(v.Reason) != "timeout" || time.Since(began) != want {
				t.Errorf("%v, reason %s after %v, want %v", err, v.Reason, time.Since(began), want)
			}
		})
	}
}
