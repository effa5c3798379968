package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

func TestProblemOf(t *testing.T) {
	t.Parallel()
	limited := &policy.Denial{Failure: idv.SubjectLimited, Retry: time.Minute, Decision: policy.Deny(policy.Reason{Rule: "limit.subject"})}
	tests := []struct {
		name    string
		err     error
		class   engine.Class
		field   idv.Field
		rules   []string
		retry   time.Duration
		reasons int
		called  bool
	}{
		{"the same request runs", store.ErrInProgress, engine.ClassInProgress, idv.NoField, nil, time.Second, 0, false},
		{"the key of another request", fmt.Errorf("x: %w", store.ErrKeyReused), engine.ClassKeyReused, idv.NoField, nil, 0, 0, false},
		{"no such verification", store.ErrNotFound, engine.ClassNotFound, idv.NoField, nil, 0, 0, false},
		{"no such provider", engine.ErrNoProvider, engine.ClassNotFound, idv.NoField, nil, 0, 0, false},
		{"closing", engine.ErrClosed, engine.ClassClosing, idv.NoField, nil, time.Second, 0, false},
		{"a limit", limited, "subject_limited", idv.NoField, []string{"limit.subject"}, time.Minute, 1, false},
		{"a consent that ended meanwhile", consent.WasWithdrawn, "denied", idv.FieldConsentID, []string{"consent.withdrawn"}, 0, 1, false},
		{"a local rule", &idv.Error{Failure: idv.InvalidInput, Field: idv.FieldName, Code: "empty", Delivery: idv.NotSent}, "invalid_input", idv.FieldName, []string{"empty"}, 0, 0, false},
		{"a store that cannot write", &idv.Error{Failure: idv.Internal, Delivery: idv.NotSent}, engine.ClassStore, idv.NoField, nil, 5 * time.Second, 0, false},
		{"a result that is not stored", &idv.Error{Failure: idv.Internal, Delivery: idv.Answered}, "internal", idv.NoField, nil, 0, 0, true},
		{"a foreign error", errors.New("x"), engine.ClassUnknown, idv.NoField, nil, 0, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := engine.ProblemOf(tt.err)
			if p.Class != tt.class || p.Field != tt.field || !slices.Equal(p.Rules, tt.rules) || p.RetryAfter != tt.retry || len(p.Reasons) != tt.reasons || p.Called != tt.called {
				t.Errorf("got %+v", p)
			}
		})
	}
}

// closer is a provider that counts how often it is closed.
type closer struct {
	*enginetest.Provider

	closed int
}

func (c *closer) Close() error {
	c.closed++
	return nil
}

func TestCloseEndsWhatTheEngineOwns(t *testing.T) {
	t.Parallel()
	o := enginetest.Options(enginetest.New("a"))
	vendor, kept := &closer{Provider: enginetest.New("b")}, &keptStore{}
	o.Providers[0].Provider, o.Store = vendor, kept
	e, err := engine.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if vendor.closed != 1 || kept.closed != 0 {
		t.Errorf("the provider was closed %d times, want 1; the caller's store %d times, want 0", vendor.closed, kept.closed)
	}
}

// keptStore counts how often it is closed; the tests call nothing else of it.
type keptStore struct {
	store.Store
	closed int
}

func (s *keptStore) Close() error {
	s.closed++
	return nil
}

func TestKeysAreNeededBesideADurableStore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		consent consent.Mode
		key     []byte
		missing string // the option that the error names; empty if there is none
	}{
		{"consents are required", consent.Required, []byte("a key"), "Policy.Keyring"},
		{"the caller keeps the consents", consent.External, []byte("a key"), "Policy.Keyring"},
		{"no consents", consent.Off, []byte("a key"), ""},
		{"no fingerprint key", consent.Off, nil, "Options.FingerprintKey"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := enginetest.Options(enginetest.New("a"))
			o.Store, o.Policy.Consent, o.FingerprintKey = &keptStore{}, tt.consent, tt.key
			_, err := engine.New(o)
			if (err != nil) != (tt.missing != "") || err != nil && !strings.Contains(err.Error(), tt.missing) {
				t.Errorf("got %v, want an error about %q", err, tt.missing)
			}
			o.Store = nil
			if _, err := engine.New(o); err != nil {
				t.Errorf("a memory store of its own: %v", err)
			}
		})
	}
}

// TestNilPointerIsNoStore: the result of a store that did not open, whose error was not
// looked at.
func TestNilPointerIsNoStore(t *testing.T) {
	t.Parallel()
	o := enginetest.Options(enginetest.New("a"))
	o.Store = (*memory.Store)(nil)
	if _, err := engine.New(o); err == nil || !strings.Contains(err.Error(), "Options.Store: is a nil pointer") {
		t.Errorf("got %v", err)
	}
}

func TestRoutesAreOptional(t *testing.T) {
	t.Parallel()
	o := enginetest.Options(enginetest.New("a"), enginetest.New("b"), enginetest.New("c"))
	o.Routes = nil
	o.Providers[1].Provider = enginetest.New("b").For(idv.CheckIDNameMobile)
	e := enginetest.Engine(t, o)
	for check, want := range map[idv.Check][]string{idv.CheckIDName: {"a", "c"}, idv.CheckIDNameMobile: {"b"}} {
		plan, err := e.ExplainCheck(route.Question{Check: check, Document: idv.Resident18})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range plan.Steps {
			got = append(got, s.Provider)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v is routed to %v, want %v", check, got, want)
		}
	}
}
