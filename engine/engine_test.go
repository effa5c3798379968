package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
)

func verify(t *testing.T, e *engine.Engine, r idv.Request) idv.Verification {
	t.Helper()
	v, err := e.Verify(t.Context(), r)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	return v
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, want := range []idv.Verdict{idv.Match, idv.Mismatch, idv.NoRecord, idv.MismatchOrNoRecord} {
		t.Run(want.String(), func(t *testing.T) {
			a, b := enginetest.New("a", enginetest.Answer(want)), enginetest.New("b")
			e := enginetest.Engine(t, enginetest.Options(a, b))
			v := verify(t, e, enginetest.Request())
			if v.Verdict != want || v.Reason != "" || v.Fidelity != idv.ThreeWay {
				t.Errorf("got %v, reason %q, fidelity %v", v.Verdict, v.Reason, v.Fidelity)
			}
			if b.Calls() != 0 {
				t.Error("a second vendor was asked after an answer")
			}
			if len(v.Evidence) != 1 || v.Evidence[0].Organization != "a Ltd" || v.Evidence[0].CheckID != "ref" {
				t.Errorf("evidence %+v", v.Evidence)
			}
			if known, _ := v.Cost(); known.String() != "0.05 CNY" {
				t.Errorf("cost %v", known)
			}
			if v.Subject.Name != "张*" || v.Subject.IDNumber != "1*****************" {
				t.Errorf("subject %+v", v.Subject)
			}
			stored, err := e.Verification(t.Context(), "t1", v.ID)
			if err != nil || stored.Verdict != want {
				t.Errorf("stored: %v, %v", stored.Verdict, err)
			}
			if _, err := e.Verification(t.Context(), "t2", v.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("another tenant's look-up: %v", err)
			}
		})
	}
}

func TestNoRecordIsNeutral(t *testing.T) {
	t.Parallel()
	e := enginetest.Engine(t, enginetest.Options(enginetest.New("a", enginetest.Answer(idv.NoRecord))))
	v := verify(t, e, enginetest.Request())
	if len(v.NextSteps) < 2 {
		t.Fatalf("next steps %+v", v.NextSteps)
	}
	for _, step := range v.NextSteps {
		for _, word := range []string{"失败", "不通过", "fail", "reject", "false"} {
			if strings.Contains(step.ZH, word) || strings.Contains(strings.ToLower(step.EN), word) {
				t.Errorf("step %s blames the person: %q", step.Code, word)
			}
		}
	}
}

func TestRefusedWithoutACall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		spoil   func(*idv.Request)
		failure idv.Failure
		field   idv.Field
		rule    string
	}{
		{"wrong check digit", func(r *idv.Request) { r.Subject.IDNumber = idv.NewSensitive("110105194912310021") }, idv.InvalidInput, idv.FieldIDNumber, "check_digit"},
		{"impossible date", func(r *idv.Request) { r.Subject.IDNumber = idv.NewSensitive("330106200102299928") }, idv.InvalidInput, idv.FieldIDNumber, "birth_date"},
		{"no number", func(r *idv.Request) { r.Subject.IDNumber = idv.Sensitive{} }, idv.InvalidInput, idv.FieldIDNumber, "empty"},
		{"empty name", func(r *idv.Request) { r.Subject.Name = idv.NewSensitive("  ") }, idv.InvalidInput, idv.FieldName, "empty"},
		{"no check", func(r *idv.Request) { r.Check = idv.CheckNone }, idv.Unsupported, idv.FieldCheck, ""},
		{"a check without an ID number", func(r *idv.Request) { r.Check = idv.CheckNameBankCard }, idv.Unsupported, idv.FieldCheck, ""},
		{"endless key", func(r *idv.Request) { r.IdempotencyKey = strings.Repeat("k", 256) }, idv.InvalidInput, idv.FieldIdempotencyKey, "length"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := enginetest.New("a")
			e := enginetest.Engine(t, enginetest.Options(a))
			r := enginetest.Request()
			tt.spoil(&r)
			_, err := e.Verify(t.Context(), r)
			var got *idv.Error
			if !errors.As(err, &got) || got.Failure != tt.failure || got.Field != tt.field || got.Code != tt.rule || got.Delivery != idv.NotSent {
				t.Errorf("got %+v", got)
			}
			if got != nil && got.Detail == "" {
				t.Error("the error has no remedy")
			}
			if a.Calls() != 0 {
				t.Errorf("%d calls", a.Calls())
			}
		})
	}
}

// TestMaintenance is the seed's story: after one 9999 the next call goes elsewhere,
// none of the following hundred reaches the sick vendor until its gate is due; then
// one trial goes through, and a failed trial closes it longer.
func TestMaintenance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := enginetest.New("a", enginetest.Fail(idv.Maintenance, idv.Answered))
		b := enginetest.New("b")
		e := enginetest.Engine(t, enginetest.Options(a, b))
		v := verify(t, e, enginetest.Request())
		if v.Verdict != idv.Match || len(v.Attempts) != 2 || v.Attempts[0].Failure != idv.Maintenance || v.Attempts[1].Provider != "b" {
			t.Fatalf("the first: %v, attempts %+v", v.Verdict, v.Attempts)
		}
		for range 100 {
			v = verify(t, e, enginetest.Request())
			if v.Verdict != idv.Match || len(v.Skipped) != 1 || v.Skipped[0].Reason != idv.SkipMaintenance {
				t.Fatalf("while closed: %v, left out %+v", v.Verdict, v.Skipped)
			}
		}
		if a.Calls() != 1 {
			t.Fatalf("the sick vendor saw %d calls, want 1", a.Calls())
		}
		time.Sleep(time.Second)
		for range 10 {
			verify(t, e, enginetest.Request())
		}
		if a.Calls() != 2 {
			t.Fatalf("after its time the vendor saw %d calls, want one trial more", a.Calls())
		}
		until := e.Providers()[0].Availability.Until
		if pause := time.Until(until); pause != time.Second {
			t.Errorf("after the failed trial closed for %v, want 1 s", pause)
		}
		time.Sleep(2 * time.Second)
		a.Then(enginetest.Answer(idv.Match))
		if v = verify(t, e, enginetest.Request()); v.Attempts[0].Provider != "a" || len(v.Attempts) != 1 {
			t.Errorf("when it is back: %+v", v.Attempts)
		}
	})
}

func TestNoProviderLeft(t *testing.T) {
	t.Parallel()
	a := enginetest.New("a", enginetest.Fail(idv.QuotaExhausted, idv.RefusedByGateway))
	e := enginetest.Engine(t, enginetest.Options(a))
	if v := verify(t, e, enginetest.Request()); v.Verdict != idv.Undetermined || v.Reason != "quota_exhausted" {
		t.Errorf("the first: %v, %q", v.Verdict, v.Reason)
	}
	v := verify(t, e, enginetest.Request())
	if v.Verdict != idv.Undetermined || v.Reason != "unavailable" || len(v.Attempts) != 0 {
		t.Errorf("the second: %v, %q, %d attempts", v.Verdict, v.Reason, len(v.Attempts))
	}
	if len(v.Skipped) != 1 || v.Skipped[0].Reason != idv.SkipQuotaExhausted {
		t.Errorf("left out %+v", v.Skipped)
	}
	if err := e.Resume("a"); err != nil {
		t.Fatal(err)
	}
	a.Then(enginetest.Answer(idv.Match))
	if v := verify(t, e, enginetest.Request()); v.Verdict != idv.Match {
		t.Errorf("after Resume: %v", v.Verdict)
	}
}

func TestExplainTellsWhatVerifyDoes(t *testing.T) {
	t.Parallel()
	a, b := enginetest.New("a"), enginetest.New("b")
	e := enginetest.Engine(t, enginetest.Options(a, b))
	if err := e.Drain("a", time.Time{}); err != nil {
		t.Fatal(err)
	}
	plan, err := e.Explain(t.Context(), enginetest.Request())
	if err != nil {
		t.Fatal(err)
	}
	if a.Calls()+b.Calls() != 0 {
		t.Error("Explain made a call")
	}
	v := verify(t, e, enginetest.Request())
	if len(plan.Steps) != 1 || plan.Steps[0].Provider != v.Attempts[0].Provider {
		t.Errorf("planned %+v, attempted %+v", plan.Steps, v.Attempts)
	}
	if len(plan.Skipped) != 1 || plan.Skipped[0] != v.Skipped[0] || plan.Skipped[0].Reason != idv.SkipDrained {
		t.Errorf("planned without %+v, attempted without %+v", plan.Skipped, v.Skipped)
	}
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	a := enginetest.New("a", enginetest.Slow(10*time.Millisecond, enginetest.Answer(idv.Match)))
	e := enginetest.Engine(t, enginetest.Options(a))
	r := enginetest.Request()
	r.IdempotencyKey = "k"
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if _, err := e.Verify(t.Context(), r); err != nil && !errors.Is(err, store.ErrInProgress) {
				t.Errorf("Verify: %v", err)
			}
		})
	}
	wg.Wait()
	first := verify(t, e, r)
	if a.Calls() != 1 {
		t.Errorf("%d calls for one key, want 1", a.Calls())
	}
	same := r
	same.Subject.IDNumber = idv.NewSensitive(" 11010519491231002x ")
	if again := verify(t, e, same); again.ID != first.ID {
		t.Errorf("the same person written differently got %s, want %s", again.ID, first.ID)
	}
	other := r
	other.Subject.Name = idv.NewSensitive("李四")
	if _, err := e.Verify(t.Context(), other); !errors.Is(err, store.ErrKeyReused) {
		t.Errorf("another question: %v", err)
	}
	other.Tenant = "t2"
	if v := verify(t, e, other); v.ID == first.ID {
		t.Error("a tenant read another's result")
	}
}

// TestKeyWithoutACall: while all providers are closed nothing is paid, and a repeated request
// with the same key must not get the stored failure for a day.
func TestKeyWithoutACall(t *testing.T) {
	t.Parallel()
	e := enginetest.Engine(t, enginetest.Options(enginetest.New("a")))
	if err := e.Drain("a", time.Time{}); err != nil {
		t.Fatal(err)
	}
	r := enginetest.Request()
	r.IdempotencyKey = "k"
	if v := verify(t, e, r); v.Reason != "unavailable" {
		t.Fatalf("got %v, %q", v.Verdict, v.Reason)
	}
	if err := e.Resume("a"); err != nil {
		t.Fatal(err)
	}
	if v := verify(t, e, r); v.Verdict != idv.Match {
		t.Errorf("after Resume the same key got %v, %q", v.Verdict, v.Reason)
	}
}

// brokenStore cannot write intents.
type brokenStore struct{ store.Store }

func (brokenStore) Hold(context.Context, idv.Intent) (idv.Reservation, error) {
	return idv.Reservation{}, errors.New("disk full")
}

func TestNoCallWithoutAnIntent(t *testing.T) {
	t.Parallel()
	a := enginetest.New("a")
	o := enginetest.Options(a)
	o.Store = brokenStore{memory.New(0)}
	e := enginetest.Engine(t, o)
	r := enginetest.Request()
	r.IdempotencyKey = "k"
	for range 2 { // the key is given back
		if _, err := e.Verify(t.Context(), r); idv.FailureOf(err) != idv.Internal {
			t.Errorf("got %v", err)
		}
	}
	if a.Calls() != 0 {
		t.Errorf("%d calls were made", a.Calls())
	}
}

func TestCloseLetsCallsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := enginetest.New("a", enginetest.Slow(time.Second, enginetest.Answer(idv.Match)))
		e, err := engine.New(enginetest.Options(a))
		if err != nil {
			t.Fatal(err)
		}
		result := make(chan idv.Verification, 1)
		go func() {
			v, _ := e.Verify(context.Background(), enginetest.Request())
			result <- v
		}()
		synctest.Wait()
		if err := e.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
		if v := <-result; v.Verdict != idv.Match {
			t.Errorf("the call in flight: %v", v.Verdict)
		}
		if _, err := e.Verify(t.Context(), enginetest.Request()); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestCloseRecordsWhatItCutsOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := enginetest.New("a", enginetest.Slow(time.Minute, enginetest.Answer(idv.Match)))
		o := enginetest.Options(a)
		o.Timeout = time.Hour
		o.Providers[0].Limits.Timeout = time.Hour
		e, err := engine.New(o)
		if err != nil {
			t.Fatal(err)
		}
		result := make(chan idv.Verification, 1)
		go func() {
			v, _ := e.Verify(context.Background(), enginetest.Request())
			result <- v
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := e.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close: %v", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("Close took %v, want the grace of a second", took)
		}
		v := <-result
		if v.Verdict != idv.Undetermined || v.Reason != "canceled" || v.Attempts[0].Delivery != idv.DeliveryUnknown || v.Attempts[0].Charge != idv.ChargeUnknown {
			t.Errorf("the call that was cut off: %v %q %+v", v.Verdict, v.Reason, v.Attempts)
		}
	})
}

func TestNewTellsEveryFault(t *testing.T) {
	t.Parallel()
	o := enginetest.Options(enginetest.New("a"), enginetest.New("a"))
	o.Providers = append(o.Providers, engine.ProviderConfig{})
	o.Routes = []route.Rule{{Check: idv.CheckIDName, Providers: []string{"x"}}, {Check: idv.CheckIDName, Providers: []string{"a"}}, {}}
	_, err := engine.New(o)
	for _, want := range []string{`two providers are named "a"`, "needs a name", `names "x"`, "a route of id_name follows", "cannot be asked"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no fault %q in: %v", want, err)
		}
	}
}

// TestOneCurrency: no engine has prices in two currencies.
func TestOneCurrency(t *testing.T) {
	t.Parallel()
	o := enginetest.Options(enginetest.New("a"), enginetest.New("b"))
	o.Providers[1].Price = idv.Money{Micros: 1, Currency: "USD"}
	if _, err := engine.New(o); !errors.Is(err, idv.ErrCurrency) || !strings.Contains(err.Error(), `of "a" is in CNY, that of "b" in USD`) {
		t.Errorf("got %v", err)
	}
}

// TestCanonicalRequest: an app or a purpose that was pasted is the one that is meant.
func TestCanonicalRequest(t *testing.T) {
	t.Parallel()
	e := enginetest.Engine(t, enginetest.Options(enginetest.New("a")))
	r := enginetest.Request()
	r.App, r.Purpose = "\u3000ｗｅｂ\t", "open\u200bing\u00a0"
	v := verify(t, e, r)
	if v.App != "web" || v.Purpose != "opening" {
		t.Errorf("app %q, purpose %q", v.App, v.Purpose)
	}
	r.App = "two  spaces"
	if _, err := e.Verify(t.Context(), r); idv.FailureOf(err) != idv.InvalidInput || idv.AsError(err).Field != idv.FieldApp {
		t.Errorf("two spaces within: %v", err)
	}
}

func TestProviderSeesOnlyItsClaims(t *testing.T) {
	t.Parallel()
	a := enginetest.New("a")
	e := enginetest.Engine(t, enginetest.Options(a))
	r := enginetest.Request()
	r.Subject.Mobile = idv.NewSensitive("19900000000")
	verify(t, e, r)
	if q := a.Queries()[0]; !q.Subject.Mobile.IsZero() || q.Subject.Name.IsZero() || q.ID == "" {
		t.Errorf("the provider was shown %+v", q)
	}
}

func TestNothingPersonalInAVerification(t *testing.T) {
	t.Parallel()
	e := enginetest.Engine(t, enginetest.Options(enginetest.New("a")))
	v := verify(t, e, enginetest.Request())
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{string(encoded), fmt.Sprintf("%+v %#v", v, v)} {
		if strings.Contains(form, "11010519491231002") || strings.Contains(form, "张三") {
			t.Errorf("a claim stands in %s", form)
		}
	}
}
