package auth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// endpoint gives a new token after a second, or fails.
type endpoint struct {
	fetches atomic.Int32
	life    time.Duration
	fails   atomic.Pointer[idv.Error]
}

func (e *endpoint) fetch(ctx context.Context) (auth.Grant, error) {
	n := e.fetches.Add(1)
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return auth.Grant{}, ctx.Err()
	}
	if err := e.fails.Load(); err != nil {
		return auth.Grant{}, err
	}
	return auth.Grant{Token: idv.NewSensitive(fmt.Sprintf("secret-token-%d", n)), Life: e.life}, nil
}

func (e *endpoint) scheme() *auth.Token {
	return auth.NewToken("test", auth.Target{In: auth.InHeader, Name: "Authorization", Prefix: "Bearer "}, e.fetch)
}

// use authenticates a call and returns the number of its token.
func use(ctx context.Context, t *testing.T, a auth.Authenticator) (string, providers.Credential, *idv.Error) {
	t.Helper()
	c, err := a.Authenticate(ctx, providers.Call{Method: "GET", Path: "/"}, providers.Stamp{})
	if err == nil {
		return strings.TrimPrefix(c.HeaderValue("Authorization").Reveal(), "Bearer secret-token-"), c.Credential, nil
	}
	e := idv.AsError(err)
	if e.Delivery != idv.NotSent || e.Charge != idv.NotCharged || e.Phase != "encode" {
		t.Errorf("%+v, want not sent and not charged at encode", e)
	}
	if text := fmt.Sprintf("%v %+v %#v %v %+v %#v", err, err, err, a, a, a); strings.Contains(text, "secret-token") {
		t.Errorf("%q holds a token", text)
	}
	return "", c.Credential, e
}

func wantToken(t *testing.T, a auth.Authenticator, want string, fresh bool) providers.Credential {
	t.Helper()
	got, credential, err := use(t.Context(), t, a)
	if err != nil || got != want || credential.Fresh != fresh {
		t.Fatalf("token %q, fresh %v, %v; want %q, fresh %v", got, credential.Fresh, err, want, fresh)
	}
	return credential
}

func wantFailure(t *testing.T, a auth.Authenticator, want idv.Failure) *idv.Error {
	t.Helper()
	got, _, err := use(t.Context(), t, a)
	if err == nil || err.Failure != want {
		t.Fatalf("token %q, %v; want %v", got, err, want)
	}
	return err
}

func (e *endpoint) wantFetches(t *testing.T, want int32) {
	t.Helper()
	if got := e.fetches.Load(); got != want {
		t.Fatalf("%d fetches, want %d", got, want)
	}
}

func TestOneFetchForAllWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{life: time.Hour}
		a := e.scheme()
		var served atomic.Int32
		for range 1000 {
			go func() {
				if got, credential, err := use(t.Context(), t, a); err == nil && got == "1" && credential == (providers.Credential{Serial: 1, Fresh: true}) {
					served.Add(1)
				}
			}()
		}
		time.Sleep(time.Second) // of the bubble's clock
		synctest.Wait()
		if served.Load() != 1000 {
			t.Errorf("%d calls got the token, want 1000", served.Load())
		}
		e.wantFetches(t, 1)
	})
}

func TestTokenIsRenewedBeforeItExpires(t *testing.T) {
	t.Parallel()
	for life, margin := range map[time.Duration]time.Duration{30 * 24 * time.Hour: 5 * time.Minute, time.Minute: 6 * time.Second} {
		t.Run(life.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &endpoint{life: life}
				a := e.scheme()
				wantToken(t, a, "1", true)
				time.Sleep(life - margin - time.Nanosecond)
				wantToken(t, a, "1", false)
				synctest.Wait()
				e.wantFetches(t, 1)
				time.Sleep(time.Nanosecond)
				wantToken(t, a, "1", false) // does not wait for the new one
				wantToken(t, a, "1", false)
				time.Sleep(time.Second)
				synctest.Wait()
				wantToken(t, a, "2", false)
				e.wantFetches(t, 2)
				time.Sleep(life)
				wantToken(t, a, "3", true) // expired while no call used it
			})
		})
	}
}

func TestOldTokenServesWhileItsRenewalFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{life: time.Hour}
		a := e.scheme()
		wantToken(t, a, "1", true)
		e.fails.Store(&idv.Error{Failure: idv.Timeout})
		time.Sleep(55 * time.Minute)
		for range 100 {
			wantToken(t, a, "1", false)
			time.Sleep(time.Second)
		}
		if n := e.fetches.Load(); n < 30 || n > 51 {
			t.Errorf("%d fetches in 100 s, want one in each two seconds", n-1)
		}
		time.Sleep(5 * time.Minute)
		_ = wantFailure(t, a, idv.Unavailable)
	})
}

func TestFetchGoesOnWithoutTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{life: time.Hour}
		a := e.scheme()
		short, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		start := time.Now()
		if _, _, err := use(short, t, a); err == nil || err.Failure != idv.Timeout || time.Since(start) != time.Second/2 {
			t.Errorf("%v after %v, want a timeout after half a second", err, time.Since(start))
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, _, err := use(gone, t, a); err == nil || err.Failure != idv.Canceled {
			t.Errorf("%v, want canceled", err)
		}
		time.Sleep(time.Second)
		wantToken(t, a, "1", false)
		e.wantFetches(t, 1)
	})
}

func TestFailedFetchIsNotRepeatedByEveryCaller(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fails *idv.Error
		want  idv.Error
	}{
		{"endpoint down", &idv.Error{Failure: idv.Timeout, Charge: idv.Charged, Delivery: idv.Answered, Phase: "body", Code: "c", Detail: "secret-token"}, idv.Error{Failure: idv.Unavailable}},
		{"endpoint refuses", &idv.Error{Failure: idv.BadCredentials, Code: "invalid_client", Detail: "secret-token"}, idv.Error{Failure: idv.BadCredentials, Code: "invalid_client"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &endpoint{life: time.Hour}
				a := e.scheme()
				e.fails.Store(tt.fails)
				for range 2 {
					go func() { _, _, _ = use(t.Context(), t, a) }()
				}
				if err := wantFailure(t, a, tt.want.Failure); err.Code != tt.want.Code || err.Detail == "" || err.Retry != 0 {
					t.Errorf("failure %+v, want %+v with a detail", err, tt.want)
				}
				time.Sleep(time.Second / 4)
				if err := wantFailure(t, a, tt.want.Failure); err.Retry != 3*time.Second/4 || err.Code != tt.want.Code {
					t.Errorf("failure %+v, want a retry after the rest of the pause", err)
				}
				e.wantFetches(t, 1)
				e.fails.Store(nil)
				time.Sleep(3 * time.Second / 4)
				wantToken(t, a, "2", true)
			})
		})
	}
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{life: time.Hour}
		a := e.scheme()
		fresh := wantToken(t, a, "1", true)
		used := wantToken(t, a, "1", false)
		if a.Renew(providers.Credential{}) {
			t.Error("a call without a token renews one")
		}
		wantToken(t, a, "1", false)
		if !a.Renew(used) {
			t.Error("a token that was used before is refused, and renewal does not help")
		}
		if !a.Renew(used) || a.Renew(fresh) {
			t.Error("the second call with the same token is judged in another way")
		}
		second := wantToken(t, a, "2", true)
		e.wantFetches(t, 2)
		if !a.Renew(used) || !a.Renew(fresh) {
			t.Error("a token older than the current one is refused, and renewal does not help")
		}
		wantToken(t, a, "2", false) // the current one is kept
		if a.Renew(second) {
			t.Error("a new token is refused, and renewal helps")
		}
		wantToken(t, a, "3", true)
		e.wantFetches(t, 3)
	})
}

// A fetch cannot end the process, hang, or bring a token that HTTP cannot carry.
func TestHostileFetch(t *testing.T) {
	t.Parallel()
	grant := func(token string, life time.Duration) auth.Fetch {
		return func(context.Context) (auth.Grant, error) {
			return auth.Grant{Token: idv.NewSensitive(token), Life: life}, nil
		}
	}
	tests := map[string]auth.Fetch{
		"panic":        func(context.Context) (auth.Grant, error) { panic("secret-token") },
		"no end":       func(ctx context.Context) (auth.Grant, error) { <-ctx.Done(); return auth.Grant{}, ctx.Err() },
		"own error":    func(context.Context) (auth.Grant, error) { return auth.Grant{}, errors.New("secret-token") },
		"no token":     grant("", time.Hour),
		"a line break": grant("secret-token\r\nX: y", time.Hour),
		"too long":     grant(strings.Repeat("x", 3000), time.Hour),
		"no life":      grant("secret-token", 0),
	}
	for name, fetch := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := auth.NewToken("test", auth.Target{In: auth.InQuery, Name: "access_token"}, fetch)
				_ = wantFailure(t, a, idv.Unavailable)
			})
		})
	}
}

// A codec cannot choose the token.
func TestCallThatHasAToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		call := providers.Call{Method: "GET", Path: "/"}.WithHeader(param("authorization", "Bearer other"))
		got, err := (&endpoint{life: time.Hour}).scheme().Authenticate(t.Context(), call, providers.Stamp{})
		adapterFault(t, err, "Authorization")
		if got.Credential.Serial != 0 {
			t.Error("the failed call has a credential")
		}
	})
}
