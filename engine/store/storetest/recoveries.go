package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

func recoveries() []timed {
	return []timed{
		{"a hold without an outcome becomes unknown and is listed, once", lapsed},
		{"a hold is not lost before its deadline plus Margin", notLapsed},
		{"a late outcome settles an unknown hold, once", late},
		{"the available units of an expired lot are written off", expiredLot},
		{"the key of a lost request without a call is free again", freed},
		{"the key of a lost request whose calls were not charged is free again", freedUncharged},
		{"the key of a request that was lost during a call replays an unknown result", concluded},
		{"the key of a request that was lost after an answer replays the verdict", concludedVerdict},
		{"a recovered verification has the consent and the basis of its calls", concludedBasis},
		{"a lost request that sent no data returns its use of a consent", freedUse},
		{"a lost request that sent data keeps its use, even if nothing was charged", keptUse},
		{"a request that sent no data returns its use of a consent when it is completed, once", completedUse},
		{"a request that lost its key returns no use a second time", lostUse},
		{"a request before its deadline keeps its key", keepsKey},
		{"an answer after recovery settles the call, is stored and completes the key, once", lateAnswer},
		{"an answer after recovery and a resolution is stored and completes the key", lateAfterResolve},
		{"an answer is stored although its caller has left", abandonedAnswer},
		{"a failure after recovery is stored and completes the key, once", lateFailure},
		{"an answer after recovery and erasure is stored without the subject", lateErased},
	}
}

func lapsed(ctx context.Context, s store.Store, c *Clock) error {
	if _, err := storemodel.Hold(ctx, s, "v1", 1, storemodel.Leave); err != nil {
		return err
	}
	if err := lost(c); err != nil {
		return err
	}
	r, err := s.Recover(ctx)
	if err != nil || len(r.Unknown) != 1 || r.Unknown[0].Intent.Attempt != "v1-1" || r.Unknown[0].State != ledger.StateUnknown {
		return fmt.Errorf("recovered %+v, %w", r, err)
	}
	if r, err = s.Recover(ctx); err != nil || !r.Empty() {
		return fmt.Errorf("recovered again %+v, %w", r, err)
	}
	return balance(ctx, s, "open:p", ledger.Balance{Unknown: 1})
}

func notLapsed(ctx context.Context, s store.Store, c *Clock) error {
	if _, err := s.Hold(ctx, storemodel.Intent("v1", 1, time.Now())); err != nil {
		return err
	}
	if err := c.Pass(storemodel.CallTime + store.Margin - 5*time.Second); err != nil {
		return err
	}
	r, err := s.Recover(ctx)
	if err != nil || !r.Empty() {
		return fmt.Errorf("recovered %+v, %w", r, err)
	}
	return nil
}

func late(ctx context.Context, s store.Store, c *Clock) error {
	for n, charge := range []idv.Charge{idv.Charged, idv.ChargeUnknown} {
		i := storemodel.Intent("v1", n+1, storemodel.Then())
		h, err := s.Hold(ctx, i)
		if err != nil {
			return err
		}
		if err := lost(c); err != nil {
			return err
		}
		if _, err := s.Recover(ctx); err != nil {
			return err
		}
		err = first(
			func() error { return s.Settle(ctx, storemodel.Outcome(i, h, charge)) },
			func() error { return want(s.Settle(ctx, storemodel.Outcome(i, h, charge)), ledger.ErrSettled) },
		)
		if err != nil {
			return err
		}
	}
	return balance(ctx, s, "open:p", ledger.Balance{Posted: 1, Unknown: 1})
}

func expiredLot(ctx context.Context, s store.Store, c *Clock) error {
	l := lot("l1", 5)
	l.Expires = time.Now().Add(time.Minute).UTC().Truncate(time.Microsecond)
	if err := s.AddLot(ctx, l); err != nil {
		return err
	}
	for n, charge := range []idv.Charge{idv.Charged, storemodel.Leave} {
		if _, err := storemodel.Hold(ctx, s, "v1", n+1, charge); err != nil {
			return err
		}
	}
	if err := lost(c); err != nil {
		return err
	}
	r, err := s.Recover(ctx)
	if err != nil || r.Expired != 3 {
		return fmt.Errorf("%d units written off, %w; want 3", r.Expired, err)
	}
	return balance(ctx, s, "l1", ledger.Balance{Posted: 1, Unknown: 1, WrittenOff: 3})
}

// dead claims key k1 for verification v1, which afterDeath lets die.
func dead(ctx context.Context, s store.Store) error {
	_, done, err := s.Claim(ctx, store.Claim{
		Key: k1(), Print: store.Fingerprint{1}, Verification: "v1", Deadline: time.Now().Add(storemodel.CallTime), Expiry: time.Now().Add(time.Hour),
	})
	if done {
		return errors.New("the key was used before")
	}
	return err
}

// lost lets the time pass after which the sample calls and claims are lost.
func lost(c *Clock) error { return c.Pass(storemodel.CallTime + store.Margin + time.Second) }

// afterDeath lets v1 be lost, runs Recover and claims the key again for v2.
func afterDeath(ctx context.Context, s store.Store, c *Clock) (r store.Recovery, v idv.Verification, done bool, err error) {
	if err := lost(c); err != nil {
		return r, v, false, err
	}
	if r, err = s.Recover(ctx); err != nil {
		return r, v, false, err
	}
	v, done, err = s.Claim(ctx, store.Claim{
		Key: k1(), Print: store.Fingerprint{1}, Verification: "v2", Deadline: time.Now().Add(time.Hour), Expiry: time.Now().Add(time.Hour),
	})
	return r, v, done, err
}

func freed(ctx context.Context, s store.Store, c *Clock) error {
	if err := dead(ctx, s); err != nil {
		return err
	}
	r, _, done, err := afterDeath(ctx, s, c)
	if err != nil || done || len(r.Freed) != 1 || r.Freed[0] != k1() {
		return fmt.Errorf("recovered %+v, replayed %v, %w", r, done, err)
	}
	return nil
}

func freedUncharged(ctx context.Context, s store.Store, c *Clock) error {
	if err := dead(ctx, s); err != nil {
		return err
	}
	if _, err := storemodel.Hold(ctx, s, "v1", 1, idv.NotCharged); err != nil {
		return err
	}
	_, _, done, err := afterDeath(ctx, s, c)
	if err != nil || done {
		return fmt.Errorf("replayed %v, %w", done, err)
	}
	return nil
}

func concluded(ctx context.Context, s store.Store, c *Clock) error {
	if err := dead(ctx, s); err != nil {
		return err
	}
	h, err := storemodel.Hold(ctx, s, "v1", 1, storemodel.Leave)
	if err != nil {
		return err
	}
	r, v, done, err := afterDeath(ctx, s, c)
	if err != nil || !done || len(r.Concluded) != 1 || r.Concluded[0] != k1() {
		return fmt.Errorf("recovered %+v, replayed %v, %w", r, done, err)
	}
	want := idv.Verification{
		ID: "v1", Tenant: "t1", App: "app", Check: idv.CheckIDName, Reason: "unknown", Purpose: "test", Basis: "contract", CreatedAt: storemodel.Then(),
		Attempts: []idv.Attempt{{
			ID: "v1-1", Provider: "p", Check: idv.CheckIDName, Failed: true, Origin: idv.OriginEngine, StartedAt: storemodel.Then(), Lot: h.Lot, Price: h.Price,
		}},
	}
	if err := sameVerification(v, want); err != nil {
		return err
	}
	stored, err := s.Verification(ctx, "t1", "v1")
	if err != nil {
		return err
	}
	return sameVerification(stored, want)
}

func concludedVerdict(ctx context.Context, s store.Store, c *Clock) error {
	if err := dead(ctx, s); err != nil {
		return err
	}
	if _, err := storemodel.Hold(ctx, s, "v1", 1, idv.Charged); err != nil {
		return err
	}
	_, v, done, err := afterDeath(ctx, s, c)
	if err != nil || !done {
		return fmt.Errorf("replayed %v, %w", done, err)
	}
	if v.Verdict != idv.Match || v.Reason != "" || len(v.Evidence) != 1 || v.Evidence[0].CheckID != "ref" {
		return fmt.Errorf("got %s", cmp.Diff(idv.Verification{}, v))
	}
	return nil
}

func concludedBasis(ctx context.Context, s store.Store, c *Clock) error {
	if err := errors.Join(storemodel.Given(ctx, s, storemodel.Draft("c1")), dead(ctx, s)); err != nil {
		return err
	}
	time.Sleep(time.Microsecond)
	i := storemodel.Resting("v1", 1, "c1")
	i.Basis = "consent"
	if _, err := s.Hold(ctx, i); err != nil {
		return err
	}
	_, v, done, err := afterDeath(ctx, s, c)
	if err != nil || !done || v.ConsentID != "c1" || v.Basis != "consent" || v.Token != storemodel.Alice {
		return fmt.Errorf("replayed %v: consent %q, basis %q, token %q, %w", done, v.ConsentID, v.Basis, v.Token, err)
	}
	of, _, err := s.Verifications(ctx, "t1", aliceTokens(), ledger.Page{})
	if err != nil || len(of) != 1 || of[0].ID != "v1" {
		return fmt.Errorf("of the person %d are found, %w", len(of), err)
	}
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	kept, err := s.Verification(ctx, "t1", "v1")
	if err != nil || kept.Token != "" || kept.Erased != "e1" {
		return fmt.Errorf("after the erasure: token %q, erased %q, %w", kept.Token, kept.Erased, err)
	}
	return nil
}

func keepsKey(ctx context.Context, s store.Store, _ *Clock) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	if _, err := s.Recover(ctx); err != nil {
		return err
	}
	_, err := claim(ctx, s, k1(), 1, time.Hour)
	return want(err, store.ErrInProgress)
}

// unlost lets the request of v1 be lost during its call, and returns its call.
func unlost(ctx context.Context, s store.Store, c *Clock, i idv.Intent) (idv.Reservation, error) {
	if err := dead(ctx, s); err != nil {
		return idv.Reservation{}, err
	}
	h, err := s.Hold(ctx, i)
	if err != nil {
		return h, err
	}
	_, v, done, err := afterDeath(ctx, s, c)
	if err != nil || !done || v.Verdict != idv.Undetermined {
		return h, fmt.Errorf("replayed %v with %v, %w", done, v.Verdict, err)
	}
	return h, nil
}

func lateAnswer(ctx context.Context, s store.Store, c *Clock) error {
	i := keyed("v1")
	h, err := unlost(ctx, s, c, i)
	if err != nil {
		return err
	}
	a, v := storemodel.Outcome(i, h, idv.Charged), whole()
	if err := s.CompleteWithCall(ctx, a, k1(), v); err != nil {
		return err
	}
	replayed, done, err := s.Claim(ctx, store.Claim{Key: k1(), Print: store.Fingerprint{1}, Verification: "v2", Expiry: time.Now()})
	if err != nil || !done {
		return fmt.Errorf("replayed %v, %w", done, err)
	}
	stored, err := s.Verification(ctx, "t1", "v1")
	return first(
		func() error { return err },
		func() error { return sameVerification(replayed, v) },
		func() error { return sameVerification(stored, v) },
		func() error { return balance(ctx, s, "open:p", ledger.Balance{Posted: 1}) },
		func() error { return want(s.CompleteWithCall(ctx, a, k1(), v), store.ErrStored) },
		func() error { return want(s.Complete(ctx, k1(), v), store.ErrStored) },
		func() error {
			r, err := s.Recover(ctx)
			if err != nil || !r.Empty() {
				return fmt.Errorf("recovered again %+v, %w", r, err)
			}
			return nil
		},
	)
}

func lateFailure(ctx context.Context, s store.Store, c *Clock) error {
	i := keyed("v1")
	h, err := unlost(ctx, s, c, i)
	if err != nil {
		return err
	}
	a, v := storemodel.Outcome(i, h, idv.NotCharged), whole()
	a.Verdict, a.Failed, a.Failure = idv.Undetermined, true, idv.Maintenance
	v.Verdict, v.Reason, v.Evidence, v.Attempts = idv.Undetermined, idv.ReasonOf(idv.Maintenance), nil, []idv.Attempt{a}
	if err := errors.Join(s.Settle(ctx, a), s.Complete(ctx, k1(), v)); err != nil {
		return err
	}
	stored, err := s.Verification(ctx, "t1", "v1")
	return first(
		func() error { return err },
		func() error { return sameVerification(stored, v) },
		func() error { return balance(ctx, s, "open:p", ledger.Balance{}) },
		func() error { return want(s.Complete(ctx, k1(), v), store.ErrStored) },
	)
}

func lateErased(ctx context.Context, s store.Store, c *Clock) error {
	if err := storemodel.Given(ctx, s, storemodel.Draft("c1")); err != nil {
		return err
	}
	time.Sleep(time.Microsecond)
	i := storemodel.Resting("v1", 1, "c1")
	i.Key = k1().Key
	h, err := unlost(ctx, s, c, i)
	if err != nil {
		return err
	}
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	if err := s.CompleteWithCall(ctx, storemodel.Outcome(i, h, idv.Charged), k1(), on("c1", "v1", storemodel.Alice, time.Now())); err != nil {
		return err
	}
	return withoutPerson(ctx, s, "v1", 2) // from what recovery stored, and from the answer
}

// lateAfterResolve: an operator resolved the call; the answer that was paid for is kept all
// the same, and the charge stays as it was resolved.
func lateAfterResolve(ctx context.Context, s store.Store, c *Clock) error {
	i := keyed("v1")
	h, err := unlost(ctx, s, c, i)
	if err != nil {
		return err
	}
	if err := s.Resolve(ctx, i.Attempt, idv.Charged, "statement"); err != nil {
		return err
	}
	v := whole()
	if err := s.CompleteWithCall(ctx, storemodel.Outcome(i, h, idv.Charged), k1(), v); err != nil {
		return err
	}
	replayed, done, err := s.Claim(ctx, store.Claim{Key: k1(), Print: store.Fingerprint{1}, Verification: "v2", Expiry: time.Now()})
	if err != nil || !done {
		return fmt.Errorf("replayed %v, %w", done, err)
	}
	return first(
		func() error { return sameVerification(replayed, v) },
		func() error { return balance(ctx, s, "open:p", ledger.Balance{Posted: 1}) },
	)
}

// abandonedAnswer: whoever asked has left before the outcome of a paid call is written.
// nodesOfRule is the number of nodes that may take turns. Each writes what it has before it is
// ready.
const nodesOfRule = 4

func abandonedAnswer(ctx context.Context, s store.Store, _ *Clock) error {
	i := storemodel.Intent("v1", 1, time.Now())
	h, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	left, leave := context.WithCancel(ctx)
	leave()
	_ = s.CompleteWithCall(left, storemodel.Outcome(i, h, idv.Charged), store.Key{}, whole()) // it may not be confirmed
	for range nodesOfRule {
		if err := s.Ready(ctx); err != nil {
			return err
		}
	}
	stored, err := s.Verification(ctx, "t1", "v1")
	return first(
		func() error { return err },
		func() error { return sameVerification(stored, whole()) },
		func() error { return balance(ctx, s, "open:p", ledger.Balance{Posted: 1}) },
	)
}
