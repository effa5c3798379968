package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/admission"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/policy/access"
)

// TestOverloadedAnswer: what a refused request gets, and that it is counted.
func TestOverloadedAnswer(t *testing.T) {
	t.Parallel()
	refusals := auth.NewRefusals()
	d := Dependencies{Shares: admission.New(1), Auth: auth.None{}, Refusals: refusals}
	inside, leave := make(chan struct{}), make(chan struct{})
	h := d.authenticate(d.share(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(inside)
		<-leave
	})))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/providers", nil))
	}()
	<-inside
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/providers", nil))
	close(leave)
	<-ended
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	refusals.Each(func(r access.Refusal, n int64) {
		if want := map[access.Refusal]int64{access.Overloaded: 1}[r]; n != want {
			t.Errorf("%s: %d, want %d", r, n, want)
		}
	})
}
