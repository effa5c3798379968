package engine_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/consent"
)

// writes counts what an engine writes about results and keys.
type writes struct {
	*memory.Store

	n atomic.Int64
}

func (w *writes) Claim(ctx context.Context, c store.Claim) (idv.Verification, bool, error) {
	w.n.Add(1)
	return w.Store.Claim(ctx, c)
}

func (w *writes) Release(ctx context.Context, k store.Key, v string) error {
	w.n.Add(1)
	return w.Store.Release(ctx, k, v)
}

func (w *writes) ReleaseUncalled(ctx context.Context, k store.Key, v idv.Verification) error {
	w.n.Add(1)
	return w.Store.ReleaseUncalled(ctx, k, v)
}

func (w *writes) Complete(ctx context.Context, k store.Key, v idv.Verification) error {
	w.n.Add(1)
	return w.Store.Complete(ctx, k, v)
}

// usedUp returns an engine whose only provider has a package without units.
func usedUp(t *testing.T, o engine.Options, s *writes) *engine.Engine {
	t.Helper()
	if err := s.AddLot(t.Context(), ledger.Lot{ID: "l", Provider: "a", Units: 1, Bought: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteOff(t.Context(), "l", 1, "lost"); err != nil {
		t.Fatal(err)
	}
	o.Store, o.FingerprintKey, o.Policy.Keyring = s, []byte("key"), enginetest.Keyring(t)
	return enginetest.Engine(t, o)
}

func TestRequestWithoutACallIsNotStored(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		key    string
		stored bool
		writes int64
	}{
		{"without an idempotency key", "", false, 0},
		{"with one", "k", true, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, s := enginetest.New("a"), &writes{Store: memory.New(0)}
			e := usedUp(t, enginetest.Options(p), s)
			r := enginetest.Request()
			r.IdempotencyKey = tt.key
			v := verify(t, e, r)
			if v.Reason != idv.ReasonOf(idv.QuotaExhausted) || len(v.Skipped) != 1 || len(v.NextSteps) == 0 || v.TraceID == "" || p.Calls() != 0 {
				t.Errorf("got %+v after %d calls", v, p.Calls())
			}
			if (v.ID != "") != tt.stored || s.n.Load() != tt.writes {
				t.Errorf("id %q, %d writes; want stored %v with %d", v.ID, s.n.Load(), tt.stored, tt.writes)
			}
			if tt.stored {
				kept, err := e.Verification(t.Context(), r.Tenant, v.ID)
				if err != nil || kept.Reason != v.Reason || kept.Token != "" || kept.Subject != (idv.MaskedSubject{}) || len(kept.Skipped) != 1 {
					t.Errorf("stored %+v, %v; want the short form", kept, err)
				}
			}
			// The request may be repeated with its key.
			if again := verify(t, e, r); again.Reason != v.Reason || tt.stored && again.ID == v.ID {
				t.Errorf("the repeat: %q, id %q", again.Reason, again.ID)
			}
		})
	}
}

func TestRequestWithoutACallReturnsTheConsent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &writes{Store: memory.New(0)}
		// The hold of the second request takes a use, and the guard rejects the call after it.
		o := enginetest.Options(enginetest.New("a"))
		o.Providers[0].Limits.Rate = 1
		o.Store, o.FingerprintKey, o.Policy = s, []byte("key"), engine.Policy{Consent: consent.Required, Keyring: enginetest.Keyring(t)}
		e := enginetest.Engine(t, o)
		r := enginetest.Request()
		draft := enginetest.Draft(enginetest.Keyring(t), r, "a Ltd")
		enginetest.Give(t, s, draft)
		r.ConsentID = draft.ID
		r.App, r.Purpose = draft.App, draft.Purpose
		verify(t, e, r)
		if v := verify(t, e, r); v.Called() || v.ID != "" {
			t.Fatalf("got %q, id %q", v.Reason, v.ID)
		}
		if kept, err := s.Consent(t.Context(), r.Tenant, r.ConsentID); err != nil || kept.Used != 1 {
			t.Errorf("%d uses are taken, %v; want that of the first request", kept.Used, err)
		}
	})
}

func TestLogOfRequestsWithoutACallIsSampled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		o := enginetest.Options(enginetest.New("a"))
		o.Telemetry.Logger = slog.New(slog.NewTextHandler(&out, nil))
		s := &writes{Store: memory.New(0)}
		e := usedUp(t, o, s)
		bad := enginetest.Request()
		bad.Subject.IDNumber = idv.NewSensitive("110105194912310021")
		for range 50 {
			verify(t, e, enginetest.Request())
			if _, err := e.Verify(t.Context(), bad); err == nil {
				t.Fatal("a wrong check digit was accepted")
			}
		}
		if lines := strings.Count(out.String(), "\n"); lines != 10 {
			t.Errorf("%d lines in a second, want 10:\n%s", lines, out.String())
		}
		time.Sleep(time.Second)
		verify(t, e, enginetest.Request())
		if !strings.Contains(out.String(), "omitted=90") {
			t.Errorf("the next line does not say how many were omitted:\n%s", out.String())
		}
	})
}
