package httpapi_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/consent"
)

// TestRateLimitHeaders: a caller learns what its own limits leave, and nothing of the limits
// that it shares, nor whether it was taken for one who enumerates.
func TestRateLimitHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, func(o *engine.Options) {
			o.Policy.Consent = consent.Off
			o.Policy.Abuse = guard(t, o, abuse.Config{Thresholds: abuse.Unwatched(), Limits: abuse.Limits{
				{Per: abuse.PerCaller, Window: abuse.Minute, Most: 2}, {Per: abuse.PerCaller, Window: abuse.Day, Most: 9}, {Per: abuse.PerTenant, Window: abuse.Hour, Most: 4},
				{Per: abuse.PerCaller, Window: abuse.Hour}, // counted only
			}})
		})
		for _, call := range []struct {
			key, limit string
			status     int
		}{
			{"k1", `"caller_minute";r=1;t=60, "caller_day";r=8;t=57600`, http.StatusOK}, {"k1", `"caller_minute";r=0;t=60, "caller_day";r=7;t=57600`, http.StatusOK},
			{"k1", `"caller_minute";r=0;t=60, "caller_day";r=7;t=57600`, http.StatusTooManyRequests}, {"k2", `"caller_minute";r=1;t=60, "caller_day";r=8;t=57600`, http.StatusOK},
		} {
			h := c.as(fixed{principal: access.Principal{Tenant: "default", Key: call.key, Scopes: access.Scopes()}})
			w := do(h, "POST", "/v1/verifications", person)
			const policy = `"caller_minute";q=2;w=60, "caller_day";q=9;w=86400`
			if w.Code != call.status || w.Header().Get("RateLimit") != call.limit || w.Header().Get("RateLimit-Policy") != policy {
				t.Errorf("%s: status %d, RateLimit %s, policy %s", call.key, w.Code, w.Header().Get("RateLimit"), w.Header().Get("RateLimit-Policy"))
			}
			if (w.Header().Get("Retry-After") != "") != (call.status == http.StatusTooManyRequests) {
				t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
			}
		}
	})
}

// TestNoRateLimitHeaders: without a limit there is no header, and none with a suspicion.
func TestNoRateLimitHeaders(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"", "subject_limited"} {
		c := newCounter(t, func(o *engine.Options) {
			o.Policy.Consent = consent.Off
			if kind != "" {
				o.Policy.Abuse = guard(t, o, abuse.Config{Thresholds: abuse.Unwatched(), Limits: abuse.Limits{
					{Per: abuse.PerCaller, Window: abuse.Minute, Most: 9}, {Per: abuse.PerSubject, Window: abuse.Minute, Most: 1},
				}})
			}
		})
		do(c, "POST", "/v1/verifications", person)
		w := do(c, "POST", "/v1/verifications", person)
		if (w.Code == http.StatusOK) != (kind == "") || len(w.Header().Values("RateLimit"))+len(w.Header().Values("RateLimit-Policy")) != 0 {
			t.Errorf("%s: status %d, %v", kind, w.Code, w.Header())
		}
	}
}
