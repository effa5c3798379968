package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

func pruning() []rule {
	return []rule{
		{"verifications from before a time are deleted with the keys that replay them", prunedVerifications},
		{"verifications without a call have an age of their own", prunedUncalled},
		{"consents that ended or were refused before a time are deleted, valid ones are not", prunedConsents},
		{"the data key of a subject is deleted with the last consent, and no other key", prunedKeys},
		{"a retention concerns the tenants that it names", prunedByTenant},
		{"pruning continues over several transactions", prunedMany},
	}
}

func prunedVerifications(ctx context.Context, s store.Store) error {
	k2 := store.Key{Tenant: "t1", Key: "k2"}
	for k, mark := range map[store.Key]byte{k1(): 1, k2: 2} {
		if _, err := claim(ctx, s, k, mark, time.Hour); err != nil {
			return err
		}
		v := asked(fmt.Sprintf("v%d", mark), storemodel.Alice, storemodel.Then().Add(time.Duration(mark)*time.Hour))
		if err := s.Complete(ctx, k, v); err != nil {
			return err
		}
	}
	got, err := s.Prune(ctx, store.Retention{Verifications: time.Since(storemodel.Then().Add(90 * time.Minute))})
	if err != nil || got != (store.Pruned{Verifications: 1}) {
		return fmt.Errorf("pruned %+v, %w", got, err)
	}
	_, gone := s.Verification(ctx, "t1", "v1")
	_, kept := s.Verification(ctx, "t1", "v2")
	again, err := claim(ctx, s, k1(), 3, time.Hour)
	replays, err2 := claim(ctx, s, k2, 2, time.Hour)
	if err := errors.Join(want(gone, store.ErrNotFound), kept, err, err2); err != nil || again || !replays {
		return fmt.Errorf("the key of the pruned one replays: %v, of the other: %v; %w", again, replays, err)
	}
	if n, err := found(ctx, s, storemodel.Alice); err != nil || n[1] != 1 {
		return fmt.Errorf("%v is found, %w", n, err)
	}
	return nil
}

func prunedConsents(ctx context.Context, s store.Store) error {
	over, forgotten, no := storemodel.Draft("over"), storemodel.Draft("forgotten"), storemodel.Draft("refused")
	over.Valid, over.Purpose, no.Purpose = time.Millisecond, "over", "refused"
	forgotten.DraftedAt = time.Now().Add(-48 * time.Hour).UTC().Truncate(time.Microsecond)
	for _, step := range []error{
		storemodel.AddDraft(ctx, s, storemodel.Draft("drafted"), 0), storemodel.Given(ctx, s, storemodel.Draft("given")), storemodel.Given(ctx, s, over), storemodel.AddDraft(ctx, s, forgotten, 0),
		storemodel.AddDraft(ctx, s, no, 0), storemodel.Change(ctx, s, "refused", storemodel.Present(), storemodel.Refuse()),
		storemodel.AddDraft(ctx, s, storemodel.Draft("withdrawn"), 0), storemodel.Change(ctx, s, "withdrawn", storemodel.Withdraw()),
	} {
		if step != nil {
			return step
		}
	}
	time.Sleep(2 * time.Millisecond) // until it is over
	for _, c := range []struct {
		age  time.Duration
		want int
	}{{0, 0}, {25 * time.Hour, 0}, {time.Minute, 1}, {time.Nanosecond, 3}} {
		got, err := s.Prune(ctx, store.Retention{Consents: c.age})
		if err != nil || got != (store.Pruned{Consents: c.want}) {
			return fmt.Errorf("older than %v pruned %+v, %w; want %d", c.age, got, err, c.want)
		}
	}
	for id, want := range map[string]error{
		"drafted": nil, "given": nil, "over": consent.ErrNotFound, "forgotten": consent.ErrNotFound, "refused": consent.ErrNotFound, "withdrawn": consent.ErrNotFound,
	} {
		if _, err := s.Consent(ctx, "t1", id); !errors.Is(err, want) {
			return fmt.Errorf("%s: got %w, want %w", id, err, want)
		}
	}
	return nil
}

func prunedKeys(ctx context.Context, s store.Store) error {
	over, child := storemodel.Draft("c1"), storemodel.Draft("c3")
	over.Valid, over.Purpose = time.Millisecond, "over"
	child.Subject, child.Guardian.Subject = "k1:child", storemodel.Alice // which does not make it alice's consent
	ring := idv.SubjectToken(store.KeyringPrefix + "k1")
	_, err := s.DataKey(ctx, "", ring, []byte("of the ring"))
	_, err2 := s.DataKey(ctx, "t1", storemodel.Bob, []byte("of no consent"))
	if err := errors.Join(err, err2, storemodel.Given(ctx, s, over), storemodel.Given(ctx, s, storemodel.Draft("c2")), storemodel.Given(ctx, s, child)); err != nil {
		return err
	}
	time.Sleep(2 * time.Millisecond)
	pruned := func(want int, keys ...string) error {
		got, err := s.Prune(ctx, store.Retention{Consents: time.Nanosecond})
		if err != nil || got.Consents != want {
			return fmt.Errorf("pruned %+v, %w; want %d", got, err, want)
		}
		for i, who := range []struct {
			tenant idv.Tenant
			token  idv.SubjectToken
		}{{"t1", storemodel.Alice}, {"t1", child.Subject}, {"t1", storemodel.Bob}, {"", ring}} {
			key, err := s.DataKey(ctx, who.tenant, who.token, nil)
			if err != nil || string(key) != keys[i] {
				return fmt.Errorf("the key of %s is %q, %w; want %q", who.token, key, err, keys[i])
			}
		}
		return nil
	}
	alices, childs := string(storemodel.KeyOf("t1", storemodel.Alice).Wrapped), string(storemodel.KeyOf("t1", child.Subject).Wrapped)
	return first(
		func() error { return pruned(1, alices, childs, "", "of the ring") },
		func() error { return storemodel.Change(ctx, s, "c2", storemodel.Withdraw()) },
		func() error { time.Sleep(time.Millisecond); return pruned(1, "", childs, "", "of the ring") },
		func() error {
			return want(s.AddConsent(ctx, storemodel.Draft("c4"), store.DataKey{Wrapped: []byte(alices)}, 0), store.ErrKeyChanged)
		},
		func() error { return storemodel.AddDraft(ctx, s, storemodel.Draft("c5"), 0) },
	)
}

func prunedCounters(ctx context.Context, s store.Store, c *Clock) error {
	now := time.Now()
	for n, until := range []time.Time{now.Add(time.Minute), now.Add(time.Minute), now.Add(time.Hour)} {
		hits := []policy.Hit{
			{Counter: policy.BlindIndex{byte(n + 1)}, Member: policy.BlindIndex{1}, Until: until},
			{Counter: policy.BlindIndex{byte(n + 1)}, Member: policy.BlindIndex{2}, Until: until},
		}
		if _, err := s.Count(ctx, "t1", hits); err != nil {
			return err
		}
	}
	if err := errors.Join(keepPerson(ctx, s, "alice", storemodel.Alice), storemodel.Change(ctx, s, "c-alice", storemodel.Withdraw())); err != nil {
		return err
	}
	if err := c.Pass(2 * time.Minute); err != nil {
		return err
	}
	got, err := s.Prune(ctx, store.Retention{})
	if err != nil || got != (store.Pruned{Counters: 2}) {
		return fmt.Errorf("pruned %+v, %w", got, err)
	}
	if n, err := found(ctx, s, storemodel.Alice); err != nil || n != [3]int{1, 1, 1} {
		return fmt.Errorf("%v is found, %w", n, err)
	}
	left, err := s.Count(ctx, "t1", []policy.Hit{{Counter: policy.BlindIndex{3}, Member: policy.BlindIndex{1}, Until: now}})
	if err != nil || left.Totals[0] != 2 {
		return fmt.Errorf("the counter whose time is not over counts %v, %w", left.Totals, err)
	}
	return nil
}

func prunedMany(ctx context.Context, s store.Store) error {
	const many = 1100
	faults := make(chan error, many)
	for n := range many {
		go func() {
			v := idv.Verification{ID: fmt.Sprintf("v%d", n), Tenant: "t1", CreatedAt: storemodel.Then()}
			faults <- s.Complete(ctx, store.Key{}, v)
		}()
	}
	for range many {
		if err := <-faults; err != nil {
			return err
		}
	}
	got, err := s.Prune(ctx, store.Retention{Verifications: time.Hour})
	if err != nil || got.Verifications != many {
		return fmt.Errorf("pruned %+v, %w", got, err)
	}
	return nil
}

func prunedUncalled(ctx context.Context, s store.Store) error {
	v := skipped()
	v.CreatedAt = time.Now().Add(-time.Hour)
	called := asked("v2", storemodel.Alice, v.CreatedAt)
	called.Verdict = idv.Match
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	if err := errors.Join(s.ReleaseUncalled(ctx, k1(), v), s.Complete(ctx, store.Key{}, called)); err != nil {
		return err
	}
	for _, c := range []struct {
		keep store.Retention
		want int
	}{{store.Retention{}, 0}, {store.Retention{Uncalled: 2 * time.Hour, Verifications: 3 * time.Hour}, 0}, {store.Retention{Uncalled: time.Minute, Verifications: 3 * time.Hour}, 1}} {
		got, err := s.Prune(ctx, c.keep)
		if err != nil || got != (store.Pruned{Verifications: c.want}) {
			return fmt.Errorf("with %+v pruned %+v, %w; want %d", c.keep, got, err, c.want)
		}
	}
	_, gone := s.Verification(ctx, "t1", "v1")
	_, kept := s.Verification(ctx, "t1", "v2")
	return errors.Join(want(gone, store.ErrNotFound), kept)
}

func prunedByTenant(ctx context.Context, s store.Store) error {
	tenants := []idv.Tenant{"t1", "t2", "t3"}
	for _, t := range tenants {
		v := asked("v", storemodel.Alice, storemodel.Then())
		v.Tenant = t
		c := storemodel.Draft("c")
		c.Tenant, c.DraftedAt = t, time.Now().Add(-48*time.Hour).UTC().Truncate(time.Microsecond)
		if err := errors.Join(s.Complete(ctx, store.Key{}, v), storemodel.AddDraft(ctx, s, c, 0)); err != nil {
			return err
		}
	}
	for _, step := range []struct {
		keep store.Retention
		left []idv.Tenant
	}{
		{store.Retention{Tenant: "t1"}, []idv.Tenant{"t2", "t3"}},
		{store.Retention{Except: []idv.Tenant{"t1", "t2"}}, []idv.Tenant{"t2"}},
		{store.Retention{}, nil},
	} {
		step.keep.Verifications, step.keep.Consents = time.Minute, time.Minute
		if _, err := s.Prune(ctx, step.keep); err != nil {
			return err
		}
		for _, t := range tenants {
			_, err := s.Verification(ctx, t, "v")
			_, consentErr := s.Consent(ctx, t, "c")
			if left := slices.Contains(step.left, t); (err == nil) != left || (consentErr == nil) != left {
				return fmt.Errorf("after %+v, tenant %s: %w, %w", step.keep, t, err, consentErr)
			}
		}
	}
	return nil
}
