package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/policy/consent"
)

func subjects() []rule {
	return []rule{
		{"a subject has one data key; the first of concurrent callers wins", oneDataKey},
		{"a missing key of the keyring is reported if stored tokens use it", lostKeys},
		{"the verifications of a subject are listed by time under all tokens, in pages without gaps", verificationsPaged},
		{"after an erasure nothing of the subject is found, and everything of others", erasedPerson},
		{"an erasure leaves lots, entries, holds and usage unchanged", erasureAndLedger},
		{"after an erasure a completed request is replayed without the subject", erasedReplay},
		{"an erasure withdraws open consents and leaves the state of ended ones", erasureWithdraws},
		{"the erasure of a guardian removes token and sealed text and withdraws the child's open consents", erasedGuardian},
		{"an erased consent accepts only a withdrawal, which changes nothing", afterErasure},
		{"an erasure is found by the subject's tokens, and a repeated one continues", erasureFound},
		{"a subject starts again after an erasure", cameBack},
		{"an empty token belongs to no subject", noToken},
	}
}

// asked returns a verification of a subject.
func asked(id string, token idv.SubjectToken, at time.Time) idv.Verification {
	v := whole()
	v.ID, v.Token, v.CreatedAt = id, token, at
	v.Basis, v.Rules, v.Review = "consent", []string{"r"}, true
	v.Reused = &idv.Reuse{Verification: "v0", At: storemodel.Then(), Until: storemodel.Then().Add(time.Hour)}
	return v
}

func aliceTokens() []idv.SubjectToken {
	return []idv.SubjectToken{storemodel.Alice, storemodel.AliceOld}
}

func lostKeys(ctx context.Context, s store.Store) error {
	for _, id := range []string{"k1", "k2", "k3"} {
		if _, err := s.DataKey(ctx, "", idv.SubjectToken(store.KeyringPrefix+id), []byte("key "+id)); err != nil {
			return err
		}
	}
	guarded := storemodel.Draft("c1")
	guarded.Subject, guarded.Guardian = "k3:child", consent.Guardian{Subject: "k2:parent", Relation: "mother"}
	if err := s.AddConsent(ctx, guarded, storemodel.KeyOf(guarded.Tenant, guarded.Subject), 0); err != nil {
		return err
	}
	if err := s.Complete(ctx, store.Key{}, asked("v1", "k1:carol", storemodel.Then())); err != nil {
		return err
	}
	for _, test := range []struct{ have, want []string }{
		{[]string{"k1", "k2", "k3"}, nil}, {[]string{"k4", "k3"}, []string{"k1", "k2"}}, {[]string{"k1", "k2"}, []string{"k3"}},
	} {
		if got, err := s.LostKeys(ctx, test.have); err != nil || !slices.Equal(got, test.want) {
			return fmt.Errorf("with %v the missing ones are %v, want %v, %w", test.have, got, test.want, err)
		}
	}
	if _, err := s.Erase(ctx, "t1", []idv.SubjectToken{"k1:carol"}, "e1"); err != nil {
		return err
	}
	if got, err := s.LostKeys(ctx, []string{"k2", "k3"}); err != nil || len(got) > 0 {
		return fmt.Errorf("after the last of k1 was erased: %v, %w", got, err)
	}
	return nil
}

func oneDataKey(ctx context.Context, s store.Store) error {
	if got, err := s.DataKey(ctx, "t1", storemodel.Alice, nil); err != nil || got != nil {
		return fmt.Errorf("before there was one: %q, %w", got, err)
	}
	got := make(chan string, 16)
	var wg sync.WaitGroup
	for n := range cap(got) {
		wg.Go(func() {
			key, err := s.DataKey(ctx, "t1", storemodel.Alice, []byte(fmt.Sprint("key ", n)))
			got <- fmt.Sprint(string(key), err)
		})
	}
	wg.Wait()
	stands, err := s.DataKey(ctx, "t1", storemodel.Alice, nil)
	for range cap(got) {
		if one := <-got; err != nil || one != fmt.Sprint(string(stands), nil) {
			return fmt.Errorf("one got %s, %s stands, %w", one, stands, err)
		}
	}
	other, err := s.DataKey(ctx, "t1", storemodel.Bob, []byte("bob's"))
	if err != nil || string(other) != "bob's" {
		return fmt.Errorf("bob's is %q, %w", other, err)
	}
	return nil
}

func verificationsPaged(ctx context.Context, s store.Store) error {
	for n := range 7 {
		token := aliceTokens()[n%2]
		if err := s.Complete(ctx, store.Key{}, asked(fmt.Sprintf("v%d", n), token, storemodel.Then().Add(time.Duration(n/3)*time.Second))); err != nil {
			return err
		}
	}
	for id, token := range map[string]idv.SubjectToken{"v8": storemodel.Bob, "v9": ""} {
		if err := s.Complete(ctx, store.Key{}, asked(id, token, storemodel.Then())); err != nil {
			return err
		}
	}
	got, err := pages(func(p ledger.Page) ([]idv.Verification, string, error) {
		return s.Verifications(ctx, "t1", aliceTokens(), p)
	},
		func(v idv.Verification) string { return v.ID })
	if diff := cmp.Diff([]string{"v0", "v1", "v2", "v3", "v4", "v5", "v6"}, got); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	one, _, err := s.Verifications(ctx, "t1", []idv.SubjectToken{storemodel.Bob}, ledger.Page{})
	if err != nil || len(one) != 1 {
		return fmt.Errorf("bob has %d verifications, %w", len(one), err)
	}
	w := asked("v8", storemodel.Bob, storemodel.Then())
	if one[0].Token != storemodel.Bob || !one[0].Review {
		return fmt.Errorf("got %+v", one[0])
	}
	_, _, err = s.Verifications(ctx, "t1", []idv.SubjectToken{storemodel.Alice}, ledger.Page{After: "x"})
	return first(func() error { return sameVerification(one[0], w) }, func() error { return want(err, store.ErrPage) })
}

// keepPerson stores a consent, a verification and a data key of a subject.
func keepPerson(ctx context.Context, s store.Store, name string, token idv.SubjectToken) error {
	r := storemodel.Draft("c-" + name)
	r.Subject, r.Guardian = token, consent.Guardian{}
	return errors.Join(storemodel.Given(ctx, s, r), s.Complete(ctx, store.Key{}, asked("v-"+name, token, storemodel.Then())))
}

// found returns the numbers of consents, verifications and data keys of a subject.
func found(ctx context.Context, s store.Store, tokens ...idv.SubjectToken) (n [3]int, err error) {
	agreed, _, err := s.Consents(ctx, "t1", tokens, ledger.Page{})
	if err != nil {
		return n, err
	}
	asked, _, err := s.Verifications(ctx, "t1", tokens, ledger.Page{})
	if err != nil {
		return n, err
	}
	for _, t := range tokens {
		key, err := s.DataKey(ctx, "t1", t, nil)
		if err != nil {
			return n, err
		}
		if key != nil {
			n[2]++
		}
	}
	n[0], n[1] = len(agreed), len(asked)
	return n, nil
}

func erasedPerson(ctx context.Context, s store.Store) error {
	for name, token := range map[string]idv.SubjectToken{"alice": storemodel.Alice, "old": storemodel.AliceOld, "bob": storemodel.Bob} {
		if err := keepPerson(ctx, s, name, token); err != nil {
			return err
		}
	}
	e, err := s.Erase(ctx, "t1", aliceTokens(), "e1")
	if err != nil || e.ID != "e1" || e.Tenant != "t1" || e.Verifications != 2 || e.Consents != 2 || e.Keys != 2 || time.Since(e.At) > time.Minute {
		return fmt.Errorf("got %+v, %w; want two of each", e, err)
	}
	if n, err := found(ctx, s, aliceTokens()...); err != nil || n != [3]int{} {
		return fmt.Errorf("of alice %v is found, %w", n, err)
	}
	if n, err := found(ctx, s, storemodel.Bob); err != nil || n != [3]int{1, 1, 1} {
		return fmt.Errorf("of bob %v is found, %w", n, err)
	}
	r, err := s.Consent(ctx, "t1", "c-alice")
	if err != nil || r.Subject != "" || r.Name != "" || r.Sealed != nil || r.Erasure != "e1" || r.State != consent.Withdrawn || r.Notice.Text == "" {
		return fmt.Errorf("the consent is %+v, %w", r, err)
	}
	v, err := s.Verification(ctx, "t1", "v-alice")
	if err != nil {
		return err
	}
	w := asked("v-alice", "", storemodel.Then())
	w.Subject, w.Erased = idv.MaskedSubject{}, "e1"
	if v.Token != "" {
		return fmt.Errorf("the verification still has a token")
	}
	return sameVerification(v, w)
}

// ledgerState is everything that the ledger returns.
type ledgerState struct {
	Lots    []ledger.Balance
	Entries []ledger.Entry
	Holds   []ledger.Hold
	Usage   []ledger.Use
}

func readLedger(ctx context.Context, s store.Store) (b ledgerState, err error) {
	var faults [4]error
	b.Lots, faults[0] = s.Lots(ctx, "")
	b.Entries, _, faults[1] = s.Entries(ctx, ledger.Filter{}, ledger.Page{})
	b.Holds, _, faults[2] = s.Holds(ctx, ledger.Filter{}, ledger.Page{})
	b.Usage, faults[3] = s.Usage(ctx, ledger.Filter{})
	return b, errors.Join(faults[:]...)
}

func erasureAndLedger(ctx context.Context, s store.Store) error {
	if err := errors.Join(s.AddLot(ctx, lot("l1", 10)), keepPerson(ctx, s, "alice", storemodel.Alice)); err != nil {
		return err
	}
	time.Sleep(time.Microsecond)
	for n, c := range []idv.Charge{idv.Charged, idv.NotCharged, idv.ChargeUnknown, storemodel.Leave} {
		i := storemodel.Resting("v-alice", n+1, "c-alice")
		h, err := s.Hold(ctx, i)
		if err == nil && c != storemodel.Leave {
			err = s.Settle(ctx, storemodel.Outcome(i, h, c))
		}
		if err != nil {
			return err
		}
	}
	before, err := readLedger(ctx, s)
	if err != nil || len(before.Holds) != 4 {
		return fmt.Errorf("%d holds, %w", len(before.Holds), err)
	}
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	after, err := readLedger(ctx, s)
	if diff := cmp.Diff(before, after); err != nil || diff != "" {
		return fmt.Errorf("%w, before -, after +:\n%s", err, diff)
	}
	_, err = s.Hold(ctx, storemodel.Resting("v-alice", 5, "c-alice"))
	return want(err, consent.WasWithdrawn)
}

func erasedReplay(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	if err := s.Complete(ctx, k1(), asked("v1", storemodel.Alice, storemodel.Then())); err != nil {
		return err
	}
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	v, done, err := s.Claim(ctx, store.Claim{Key: k1(), Print: store.Fingerprint{1}, Verification: "other", Expiry: time.Now().Add(time.Hour)})
	if err != nil || !done {
		return fmt.Errorf("done %v, %w", done, err)
	}
	if v.ID != "v1" || v.Verdict != idv.Match || v.Token != "" || v.Subject != (idv.MaskedSubject{}) || v.Erased != "e1" {
		return fmt.Errorf("replayed %+v", v)
	}
	return nil
}

func erasureWithdraws(ctx context.Context, s store.Store) error {
	steps := map[string][]consent.Event{
		"drafted": nil, "presented": {storemodel.Present()}, "given": {storemodel.Present(), storemodel.Give()}, "refused": {storemodel.Present(), storemodel.Refuse()}, "withdrawn": {storemodel.Withdraw()},
	}
	for name, events := range steps {
		r := storemodel.Draft(name)
		r.Purpose = name
		if err := errors.Join(storemodel.AddDraft(ctx, s, r, 0), storemodel.Change(ctx, s, name, events...)); err != nil {
			return err
		}
	}
	if e, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil || e.Consents != len(steps) {
		return fmt.Errorf("%d consents, %w", e.Consents, err)
	}
	for name := range steps {
		want := consent.Withdrawn
		if name == "refused" {
			want = consent.Refused
		}
		r, err := s.Consent(ctx, "t1", name)
		if err != nil || r.State != want || r.Subject != "" || r.Name != "" || r.Guardian.Subject != "" || r.Sealed != nil || r.Erasure != "e1" {
			return fmt.Errorf("what was %s is %+v, %w", name, r, err)
		}
	}
	return nil
}

func erasedGuardian(ctx context.Context, s store.Store) error {
	if err := storemodel.Given(ctx, s, storemodel.Draft("c1")); err != nil {
		return err
	}
	if e, err := s.Erase(ctx, "t1", []idv.SubjectToken{storemodel.Bob}, "e1"); err != nil || e.Consents != 1 {
		return fmt.Errorf("%d consents, %w", e.Consents, err)
	}
	r, err := s.Consent(ctx, "t1", "c1")
	if err != nil || r.Subject != storemodel.Alice || r.Guardian.Subject != "" || r.State != consent.Withdrawn || r.Sealed != nil || r.Erasure != "e1" {
		return fmt.Errorf("the child's consent is %+v, %w", r, err)
	}
	if n, err := found(ctx, s, storemodel.Alice); err != nil || n[0] != 1 {
		return fmt.Errorf("of the child %v is found, %w", n, err)
	}
	return storemodel.Change(ctx, s, "c1", storemodel.Withdraw())
}

func afterErasure(ctx context.Context, s store.Store) error {
	for id, events := range map[string][]consent.Event{"c1": nil, "c2": {storemodel.Present()}} {
		if err := errors.Join(storemodel.AddDraft(ctx, s, storemodel.Draft(id), 0), storemodel.Change(ctx, s, id, events...)); err != nil {
			return err
		}
	}
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	again := storemodel.Withdraw()
	again.Proof.Address = "mark"
	got, err := s.ChangeConsent(ctx, "t1", "c2", again)
	if err != nil || got.State != consent.Withdrawn || got.Proof.Address != "" {
		return fmt.Errorf("withdrawn again: %+v, %w", got, err)
	}
	return first(
		func() error { return want(storemodel.Change(ctx, s, "c1", storemodel.Present()), consent.ErrErased) },
		func() error { return want(storemodel.Change(ctx, s, "c2", storemodel.Give()), consent.ErrErased) },
	)
}

func erasureFound(ctx context.Context, s store.Store) error {
	if err := keepPerson(ctx, s, "alice", storemodel.Alice); err != nil {
		return err
	}
	one, err := s.Erase(ctx, "t1", aliceTokens(), "e1")
	if err != nil {
		return err
	}
	if err := s.Complete(ctx, store.Key{}, asked("v2", storemodel.Alice, time.Now().Add(2*store.Margin))); err != nil {
		return err
	}
	again, err := s.Erase(ctx, "t1", aliceTokens(), "e1")
	if err != nil || again.Verifications != one.Verifications+1 || again.Consents != one.Consents || !again.At.Equal(one.At) {
		return fmt.Errorf("at first %+v, again %+v, %w", one, again, err)
	}
	time.Sleep(time.Microsecond)
	two, err := s.Erase(ctx, "t1", []idv.SubjectToken{storemodel.AliceOld, storemodel.Bob}, "e2")
	if err != nil {
		return err
	}
	list, err := s.Erasures(ctx, "t1", aliceTokens())
	if diff := cmp.Diff([]store.Erasure{again, two}, list); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	list, err = s.Erasures(ctx, "t1", []idv.SubjectToken{"k1:dave"})
	if err != nil || len(list) != 0 {
		return fmt.Errorf("of an unknown subject: %+v, %w", list, err)
	}
	return nil
}

func cameBack(ctx context.Context, s store.Store) error {
	if err := keepPerson(ctx, s, "before", storemodel.Alice); err != nil {
		return err
	}
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	if err := s.Complete(ctx, store.Key{}, asked("v-back", storemodel.Alice, time.Now().Add(2*store.Margin))); err != nil {
		return err
	}
	r, key := storemodel.Draft("c-back"), store.DataKey{Wrapped: []byte("new"), New: true}
	if err := errors.Join(s.AddConsent(ctx, r, key, 0), storemodel.Change(ctx, s, r.ID, storemodel.Present(), storemodel.Give())); err != nil {
		return err
	}
	kept, err := s.DataKey(ctx, "t1", storemodel.Alice, nil)
	if err != nil || string(kept) != "new" {
		return fmt.Errorf("the data key is %q, %w", kept, err)
	}
	if n, err := found(ctx, s, storemodel.Alice); err != nil || n != [3]int{1, 1, 1} {
		return fmt.Errorf("%v is found, %w", n, err)
	}
	return nil
}

func noToken(ctx context.Context, s store.Store) error {
	if err := s.Complete(ctx, store.Key{}, asked("v1", "", storemodel.Then())); err != nil {
		return err
	}
	if err := keepPerson(ctx, s, "alice", storemodel.Alice); err != nil {
		return err
	}
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	list, _, err := s.Verifications(ctx, "t1", []idv.SubjectToken{""}, ledger.Page{})
	agreed, _, err2 := s.Consents(ctx, "t1", []idv.SubjectToken{""}, ledger.Page{})
	gone, err3 := s.Erase(ctx, "t1", []idv.SubjectToken{""}, "e2")
	erasures, err4 := s.Erasures(ctx, "t1", []idv.SubjectToken{""})
	if err := errors.Join(err, err2, err3, err4); err != nil || len(list)+len(agreed)+len(erasures) != 0 || gone.Verifications+gone.Consents != 0 {
		return fmt.Errorf("%d verifications, %d consents, %d erasures, erased %+v, %w", len(list), len(agreed), len(erasures), gone, err)
	}
	if _, err := s.DataKey(ctx, "t1", "", []byte("key")); err == nil {
		return errors.New("an empty token got a data key")
	}
	return nil
}
