package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

func results() []rule {
	return []rule{
		{"a completed verification is found by its tenant and id, with all fields", finished},
		{"a verification of another tenant is not found", foreign},
		{"a verification is stored once", storedOnce},
		{"CompleteWithCall settles the call, stores the verification and completes its claim", settledAndStored},
		{"a CompleteWithCall that fails leaves the call unchanged", refusedConclusion},
	}
}

// whole returns a verification with a value in every field.
func whole() idv.Verification {
	v := storemodel.Verification()
	v.App, v.Document, v.Reason, v.Fidelity = "app", idv.Resident18, "", idv.ThreeWay
	v.Subject = idv.MaskedSubject{Name: "测*", IDNumber: "1*****************"}
	v.Flags, v.Purpose, v.ConsentID, v.TraceID = []string{"born_in_future"}, "test", "c1", "abc"
	i := storemodel.Intent("v1", 1, storemodel.Then())
	failed := storemodel.Outcome(i, idv.Reservation{Lot: "l", Price: storemodel.Yuan(35_000)}, idv.ChargeUnknown)
	failed.Verdict, failed.Failed, failed.Failure = idv.Undetermined, true, idv.Maintenance
	v.Attempts = []idv.Attempt{failed, storemodel.Outcome(storemodel.Intent("v1", 2, storemodel.Then()), idv.Reservation{}, idv.Charged)}
	v.Skipped = []idv.Skipped{{Provider: "q", Reason: idv.SkipDrained, Until: storemodel.Then()}}
	v.Evidence = []idv.Evidence{{Type: "electronic_record", Provider: "p", CheckID: "ref", Time: storemodel.Then()}}
	v.Fields = idv.Fields{idv.ClaimName: idv.FieldMatched, idv.ClaimIDNumber: idv.FieldMismatched}
	v.NextSteps = []idv.Advice{{Code: "c", ZH: "中", EN: "e", Date: "2026-12-28"}}
	return v
}

func finished(ctx context.Context, s store.Store) error {
	v := whole()
	if err := s.Complete(ctx, store.Key{}, v); err != nil {
		return err
	}
	got, err := s.Verification(ctx, "t1", "v1")
	if err != nil {
		return err
	}
	return sameVerification(got, v)
}

// sameVerification compares the JSON forms and the fields that JSON omits.
func sameVerification(got, want idv.Verification) error {
	g, err := json.Marshal(got)
	if err != nil {
		return err
	}
	w, err := json.Marshal(want)
	if err != nil {
		return err
	}
	hidden := got.Tenant == want.Tenant && len(got.Attempts) == len(want.Attempts)
	for i := range got.Attempts {
		hidden = hidden && got.Attempts[i] == want.Attempts[i]
	}
	if string(g) != string(w) || !hidden {
		return fmt.Errorf("got %s %+v, want %s %+v", g, got, w, want)
	}
	return nil
}

func foreign(ctx context.Context, s store.Store) error {
	if err := s.Complete(ctx, store.Key{}, storemodel.Verification()); err != nil {
		return err
	}
	_, err := s.Verification(ctx, "t2", "v1")
	return want(err, store.ErrNotFound)
}

func storedOnce(ctx context.Context, s store.Store) error {
	if err := s.Complete(ctx, store.Key{}, storemodel.Verification()); err != nil {
		return err
	}
	return want(s.Complete(ctx, store.Key{}, storemodel.Verification()), store.ErrStored)
}

func keys() []rule {
	return []rule{
		{"a claimed key is in progress until its request ends", inProgress},
		{"a completed request is replayed for the same fingerprint", replayed},
		{"a key with a different fingerprint is an error", reused},
		{"a key of one tenant is free for another", keyPerTenant},
		{"a released key is free again", released},
		{"an expired key is free again", expired},
		{"a request without a call frees its key, and only its short form is stored", uncalled},
		{"of a hundred concurrent claims exactly one gets the key", race},
	}
}

func k1() store.Key { return store.Key{Tenant: "t1", Key: "k1"} }

// claim claims a key; each mark is the fingerprint of a different verification.
func claim(ctx context.Context, s store.Store, k store.Key, mark byte, life time.Duration) (bool, error) {
	now := time.Now()
	_, done, err := s.Claim(ctx, store.Claim{
		Key: k, Print: store.Fingerprint{mark}, Verification: fmt.Sprintf("v%d", mark), Deadline: now.Add(time.Hour), Expiry: now.Add(life),
	})
	return done, err
}

func inProgress(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	_, err := claim(ctx, s, k1(), 1, time.Hour)
	return want(err, store.ErrInProgress)
}

func replayed(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	if err := s.Complete(ctx, k1(), whole()); err != nil {
		return err
	}
	earlier, done, err := s.Claim(ctx, store.Claim{Key: k1(), Print: store.Fingerprint{1}, Verification: "other", Expiry: time.Now().Add(time.Hour)})
	if err != nil || !done {
		return fmt.Errorf("got %q, done %v, %w", earlier.ID, done, err)
	}
	return sameVerification(earlier, whole())
}

func reused(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	_, err := claim(ctx, s, k1(), 2, time.Hour)
	return want(err, store.ErrKeyReused)
}

func keyPerTenant(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	_, err := claim(ctx, s, store.Key{Tenant: "t2", Key: "k1"}, 2, time.Hour)
	return err
}

func released(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	if err := s.Release(ctx, k1(), "v1"); err != nil {
		return err
	}
	_, err := claim(ctx, s, k1(), 2, time.Hour)
	return err
}

func expired(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, -time.Second); err != nil {
		return err
	}
	if _, err := claim(ctx, s, k1(), 1, time.Hour); !errors.Is(err, store.ErrInProgress) {
		return fmt.Errorf("while it runs: %w", err)
	}
	if err := s.Complete(ctx, k1(), storemodel.Verification()); err != nil {
		return err
	}
	done, err := claim(ctx, s, k1(), 2, time.Hour)
	if done {
		return errors.New("the expired result was replayed")
	}
	return err
}

func race(ctx context.Context, s store.Store) error {
	var won, busy int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			_, err := claim(ctx, s, k1(), 1, time.Hour)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case errors.Is(err, store.ErrInProgress):
				busy++
			}
		})
	}
	wg.Wait()
	if won != 1 || busy != 99 {
		return fmt.Errorf("%d got the key, %d got ErrInProgress", won, busy)
	}
	return nil
}

func settledAndStored(ctx context.Context, s store.Store) error {
	i := storemodel.Intent("v1", 1, storemodel.Then())
	held, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	if err := s.CompleteWithCall(ctx, storemodel.Outcome(i, held, idv.Charged), store.Key{}, storemodel.Verification()); err != nil {
		return err
	}
	if _, err := s.Verification(ctx, "t1", "v1"); err != nil {
		return err
	}
	return posted(ctx, s, 1)
}

func refusedConclusion(ctx context.Context, s store.Store) error {
	i := storemodel.Intent("v1", 1, storemodel.Then())
	held, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	if err := s.Complete(ctx, store.Key{}, storemodel.Verification()); err != nil {
		return err
	}
	if err := s.CompleteWithCall(ctx, storemodel.Outcome(i, held, idv.Charged), store.Key{}, storemodel.Verification()); !errors.Is(err, store.ErrStored) {
		return fmt.Errorf("got %w, want that it is stored", err)
	}
	if err := posted(ctx, s, 0); err != nil {
		return err
	}
	return s.Settle(ctx, storemodel.Outcome(i, held, idv.Charged))
}

// posted returns the number of charged units.
func posted(ctx context.Context, s store.Store, want int64) error {
	lots, err := s.Lots(ctx, "")
	if err != nil {
		return err
	}
	var got int64
	for i := range lots {
		got += lots[i].Posted
	}
	if got != want {
		return fmt.Errorf("%d units are posted, want %d", got, want)
	}
	return nil
}

// skipped returns a verification for which no provider was called.
func skipped() idv.Verification {
	v := whole()
	v.Verdict, v.Reason, v.Evidence, v.Attempts, v.Token = idv.Undetermined, idv.ReasonOf(idv.QuotaExhausted), nil, nil, storemodel.Alice
	return v
}

func uncalled(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	other := skipped()
	other.ID = "v2"
	err := first(
		func() error { return want(s.ReleaseUncalled(ctx, k1(), other), store.ErrOverdue) },
		func() error { return s.ReleaseUncalled(ctx, k1(), skipped()) },
		func() error { return want(s.ReleaseUncalled(ctx, k1(), skipped()), store.ErrOverdue) },
	)
	if err != nil {
		return err
	}
	_, err = s.Verification(ctx, "t1", "v2")
	if err := want(err, store.ErrNotFound); err != nil {
		return err
	}
	got, err := s.Verification(ctx, "t1", "v1")
	if err != nil {
		return err
	}
	v := skipped()
	wanted := v.Brief()
	wanted.Attempts, got.Attempts = nil, nil
	if err := sameVerification(got, wanted); err != nil {
		return err
	}
	if n, err := found(ctx, s, storemodel.Alice); err != nil || n != [3]int{} {
		return fmt.Errorf("of the subject %v is found, %w", n, err)
	}
	again, err := claim(ctx, s, k1(), 3, time.Hour)
	if again {
		return errors.New("the result without a call was replayed")
	}
	return err
}
