package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/consent"
)

// hungStore is a store that answers no read.
type hungStore struct{ *memory.Store }

func hang(ctx context.Context) error {
	<-ctx.Done()
	return errors.Join(store.ErrUnavailable, ctx.Err())
}

// Lots hangs.
func (hungStore) Lots(ctx context.Context, _ string) ([]ledger.Balance, error) {
	return nil, hang(ctx)
}

// Entries hangs.
func (hungStore) Entries(ctx context.Context, _ ledger.Filter, _ ledger.Page) ([]ledger.Entry, string, error) {
	return nil, "", hang(ctx)
}

// AddLot hangs.
func (hungStore) AddLot(ctx context.Context, _ ledger.Lot) error { return hang(ctx) }

// Verification hangs.
func (hungStore) Verification(ctx context.Context, _ idv.Tenant, _ string) (idv.Verification, error) {
	return idv.Verification{}, hang(ctx)
}

// Consent hangs.
func (hungStore) Consent(ctx context.Context, _ idv.Tenant, _ string) (consent.Record, error) {
	return consent.Record{}, hang(ctx)
}

// ChangeConsent hangs.
func (hungStore) ChangeConsent(ctx context.Context, _ idv.Tenant, _ string, _ consent.Event) (consent.Record, error) {
	return consent.Record{}, hang(ctx)
}

// Erase hangs.
func (hungStore) Erase(ctx context.Context, _ idv.Tenant, _ []idv.SubjectToken, _ string) (store.Erasure, error) {
	return store.Erasure{}, hang(ctx)
}

// TestHungStoreGetsAProblem: every path that uses the store answers within the timeout,
// also those that go on when the caller disconnects.
func TestHungStoreGetsAProblem(t *testing.T) {
	t.Parallel()
	const timeout = 3 * time.Second
	for _, test := range []struct{ method, path, body string }{
		{"GET", "/v1/ledger/lots", ""},
		{"GET", "/v1/ledger/balance", ""},
		{"GET", "/v1/ledger/entries", ""},
		{"POST", "/v1/ledger/lots", `{"id":"L1","provider":"a","units":10,"amount":"0.5"}`},
		{"GET", "/v1/verifications/ver_1", ""},
		{"GET", "/v1/consents/con_1", ""},
		{"POST", "/v1/consents/con_1:withdraw", ""},
		{"POST", "/v1/subjects:erase", `{"id_number":"11010519491231002X"}`},
	} {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCounter(t, func(o *engine.Options) {
					o.Store = hungStore{memory.New(0)}
					o.FingerprintKey = []byte("a fingerprint key for tests only")
				})
				c.deps.Timeout = timeout
				began := time.Now()
				w := do(httpapi.API(c.deps), test.method, test.path, test.body)
				if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "urn:heyan:problem:store_unwritable") {
					t.Errorf("status %d: %s", w.Code, w.Body)
				}
				if took := time.Since(began); took > timeout {
					t.Errorf("it took %v, want %v at most", took, timeout)
				}
			})
		})
	}
}

// TestDeadlineOfTheCaller: a front may set the caller's deadline, at which the call of a vendor
// ends too; the timeout of a request does not end it.
func TestDeadlineOfTheCaller(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		deadline time.Duration // none if 0
		want     time.Duration
		verdict  string
	}{{"none", 0, 2 * time.Second, "match"}, {"an early one", time.Second, time.Second, "undetermined"}, {"a late one", time.Minute, 2 * time.Second, "match"}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCounter(t, func(o *engine.Options) { o.Policy.Consent, o.Timeout = consent.Off, time.Minute })
				c.asked.Then(enginetest.Reply{Answer: idv.Answer{Verdict: idv.Match}, After: 2 * time.Second})
				c.deps.Timeout = 500 * time.Millisecond
				began := time.Now()
				r, w := httptest.NewRequest(http.MethodPost, "http://localhost/v1/verifications", strings.NewReader(person)), httptest.NewRecorder()
				r.Header.Set("Content-Type", "application/json")
				if test.deadline > 0 {
					ctx, cancel := context.WithTimeout(r.Context(), test.deadline)
					defer cancel()
					r = r.WithContext(ctx)
				}
				httpapi.API(c.deps).ServeHTTP(w, r)
				v := read[api.Verification](t, w)
				if v.Verdict.String() != test.verdict || time.Since(began) != test.want || (test.verdict != "match") != (v.Reason == "timeout") {
					t.Errorf("got %s %s after %v", v.Verdict, v.Reason, time.Since(began))
				}
			})
		})
	}
}

// TestMessagesHaveNoURL: what a front has made of a message is not refused for its URL.
func TestMessagesHaveNoURL(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	r, w := httptest.NewRequest(http.MethodGet, "http://localhost/v1/verifications?app=%E7%8E%8B%E8%8A%B3", nil), httptest.NewRecorder()
	if c.ServeHTTP(w, r.WithContext(api.WithoutURL(r.Context()))); w.Code != http.StatusOK {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}
