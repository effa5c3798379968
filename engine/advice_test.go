package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
)

// foreigners is a provider that takes no document but a foreigner's.
type foreigners struct{ *enginetest.Provider }

func (f foreigners) Describe() idv.Descriptor {
	d := f.Provider.Describe()
	d.Documents = []idv.Document{idv.ForeignPR18}
	return d
}

// The reason and the next step follow what happened.
func TestReasonAndNextStep(t *testing.T) {
	t.Parallel()
	failed := func(f idv.Failure) *enginetest.Provider {
		return enginetest.New("a", enginetest.Fail(f, idv.Answered))
	}
	tests := []struct {
		name     string
		provider idv.Provider
		calls    int // before the one that is looked at
		reason   idv.Failure
		step     string
	}{
		{"no provider takes the document", foreigners{enginetest.New("a")}, 0, idv.Unsupported, "other_document"},
		{"the package is used up", failed(idv.QuotaExhausted), 0, idv.QuotaExhausted, "contact_operator"},
		{"the package was used up", failed(idv.QuotaExhausted), 1, idv.Unavailable, "contact_operator"},
		{"the key was refused", failed(idv.BadCredentials), 1, idv.Unavailable, "contact_operator"},
		{"maintenance", failed(idv.Maintenance), 1, idv.Unavailable, "retry_later"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := enginetest.Options(enginetest.New("a"))
			o.Providers[0].Provider = tt.provider
			e := enginetest.Engine(t, o)
			for range tt.calls {
				if _, err := e.Verify(t.Context(), enginetest.Request()); err != nil {
					t.Fatal(err)
				}
			}
			v, err := e.Verify(t.Context(), enginetest.Request())
			if err != nil {
				t.Fatal(err)
			}
			if v.Reason != idv.ReasonOf(tt.reason) || len(v.NextSteps) == 0 || v.NextSteps[0].Code != tt.step {
				t.Errorf("got %s and %+v, want %v and %s", v.Reason, v.NextSteps, tt.reason, tt.step)
			}
		})
	}
}

// A provider that uses up its time leaves a third of it to the next one.
func TestTimeIsSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := enginetest.New("b", enginetest.Slow(500*time.Millisecond, enginetest.Answer(idv.Match)))
		o := enginetest.Options(enginetest.New("a"), b)
		o.Providers[0].Provider, o.Timeout = unsent{enginetest.New("a")}, 2*time.Second
		v, err := enginetest.Engine(t, o).Verify(t.Context(), enginetest.Request())
		if err != nil || v.Verdict != idv.Match || len(v.Attempts) != 2 {
			t.Errorf("got %v, %+v, %v; want a match of the second provider", v.Verdict, v.Attempts, err)
		}
	})
}

// unsent is a provider that cannot connect until the time is over.
type unsent struct{ *enginetest.Provider }

func (unsent) Ask(ctx context.Context, _ idv.Query) (idv.Answer, error) {
	<-ctx.Done()
	return idv.Answer{}, &idv.Error{Failure: idv.Timeout, Origin: idv.OriginEngine, Phase: "connect", Delivery: idv.NotSent, Charge: idv.NotCharged}
}

// The time ends with a call that was not sent. It cannot be repeated any more, which is no
// fault of heyan's.
func TestReasonWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := enginetest.Options(enginetest.New("a"))
		o.Providers[0].Provider, o.Timeout, o.Routes[0].MaxAttempts = unsent{enginetest.New("a")}, 2*time.Second, 2
		v, err := enginetest.Engine(t, o).Verify(t.Context(), enginetest.Request())
		if err != nil {
			t.Fatal(err)
		}
		if v.Reason != idv.ReasonOf(idv.Timeout) || v.NextSteps[0].Code != "retry_later" || len(v.Attempts) != 1 || v.Attempts[0].Phase != "connect" {
			t.Errorf("got %s, %+v, %+v; want timeout, to retry, and one attempt at connect", v.Reason, v.NextSteps, v.Attempts)
		}
	})
}
