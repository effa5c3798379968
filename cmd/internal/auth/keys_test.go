package auth_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/access"
)

// counted is a store that counts the readings of keys and may fail.
type counted struct {
	store.Store

	reads, uses atomic.Int64
	fail        atomic.Bool
}

func (c *counted) APIKey(ctx context.Context, id string) (access.Key, error) {
	c.reads.Add(1)
	if c.fail.Load() {
		return access.Key{}, store.ErrUnavailable
	}
	return c.Store.APIKey(ctx, id)
}

func (c *counted) APIKeyVersion(ctx context.Context) (int64, error) {
	if c.fail.Load() {
		return 0, store.ErrUnavailable
	}
	return c.Store.APIKeyVersion(ctx)
}

func (c *counted) UseAPIKeys(ctx context.Context, used map[string]time.Time) error {
	c.uses.Add(1)
	return c.Store.UseAPIKeys(ctx, used)
}

// locked is a buffer for a logger.
type locked struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// node is one node of a fleet.
type node struct {
	*auth.Callers

	store *counted
	log   locked
}

// newNode starts a node on a store, which several nodes may share.
func newNode(t *testing.T, s store.Store) *node {
	t.Helper()
	n := &node{store: &counted{Store: s}}
	keys, err := auth.NewCallers(auth.Options{
		Issuer: auth.Issuer{Store: n.store, Keyring: enginetest.Keyring(t)}, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Changes: s.Changes(t.Context()), Log: slog.New(slog.NewJSONHandler(&n.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	n.Callers = keys
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		keys.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		keys.Close()
	})
	return n
}

func (n *node) issue(t *testing.T, change func(*access.Key)) (access.Key, string) {
	t.Helper()
	k := access.Key{Name: "web", Tenant: "bank", Apps: []string{"web"}, Scopes: []access.Scope{access.Verify}}
	if change != nil {
		change(&k)
	}
	made, text, err := n.Issue(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return made, text.Reveal()
}

func request(authorization, peer string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/verifications", nil)
	r.RemoteAddr = peer
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return r
}

// ask reports whether a key authenticates a request.
func (n *node) ask(t *testing.T, key string) bool {
	t.Helper()
	p, err := n.Authenticate(request("Bearer "+key, "192.0.2.1:1"))
	if err != nil && !errors.Is(err, auth.ErrUnauthenticated) {
		t.Fatal(err)
	}
	if err == nil && (p.Tenant != "bank" || p.Key == "" || !p.May(access.Verify) || p.May(access.Admin) || p.Apps[0] != "web") {
		t.Fatalf("the principal is %+v", p)
	}
	return err == nil
}

// TestRefusals: every refusal is the same for the caller, and has its reason in the log.
func TestRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, memory.New(0))
		live, key := n.issue(t, nil)
		_, expiring := n.issue(t, func(k *access.Key) { k.Name, k.Expires = "expiring", time.Now().Add(time.Minute) })
		revoked, gone := n.issue(t, func(k *access.Key) { k.Name = "revoked" })
		_, inside := n.issue(t, func(k *access.Key) {
			k.Name, k.Networks = "inside", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		})
		if _, err := n.store.RevokeAPIKey(t.Context(), "bank", revoked.ID); err != nil {
			t.Fatal(err)
		}
		forged := access.NewSecret()
		forged.ID = live.ID
		time.Sleep(time.Minute)
		synctest.Wait()
		const peer = "192.0.2.1:1"
		for _, tt := range []struct {
			name, header, peer string
			forwarded          string
			reason             access.Refusal
		}{
			{"right", "Bearer " + key, peer, "", ""},
			{"lower case", "bearer  " + key, peer, "", ""},
			{"none", "", peer, "", access.NoKey},
			{"no scheme", key, peer, "", access.Malformed},
			{"another scheme", "Basic " + key, peer, "", access.Malformed},
			{"nothing", "Bearer", peer, "", access.Malformed},
			{"cut off", "Bearer " + key[:len(key)-1], peer, "", access.Malformed},
			{"two", "Bearer " + key + " " + key, peer, "", access.Malformed},
			{"unknown", "Bearer " + access.NewSecret().Text().Reveal(), peer, "", access.Unknown},
			{"another secret", "Bearer " + forged.Text().Reveal(), peer, "", access.WrongSecret},
			{"expired", "Bearer " + expiring, peer, "", access.Expired},
			{"revoked", "Bearer " + gone, peer, "", access.Revoked},
			{"in its network", "Bearer " + inside, peer, "", ""},
			{"in its network, behind a proxy", "Bearer " + inside, "10.0.0.1:1", "192.0.2.7", ""},
			{"outside", "Bearer " + inside, "198.51.100.1:1", "", access.ForeignAddress},
			{"outside, with a forged header", "Bearer " + inside, "198.51.100.1:1", "192.0.2.7", access.ForeignAddress},
			{"outside, behind a proxy", "Bearer " + inside, "10.0.0.1:1", "198.51.100.1", access.ForeignAddress},
		} {
			n.log.mu.Lock()
			n.log.buf.Reset()
			n.log.mu.Unlock()
			r := request(tt.header, tt.peer)
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tt.forwarded)
			}
			_, err := n.Authenticate(r)
			log := n.log.String()
			if tt.reason == "" {
				if err != nil || log != "" {
					t.Errorf("%s: got %v, logged %s", tt.name, err, log)
				}
				continue
			}
			if err != auth.ErrUnauthenticated || !strings.Contains(log, `"reason":"`+string(tt.reason)+`"`) { //nolint:errorlint // the error is the same for all
				t.Errorf("%s: got %v, logged %s", tt.name, err, log)
			}
			for _, secret := range []string{key, gone, expiring, inside, key[19:71]} {
				if strings.Contains(log, secret) {
					t.Errorf("%s: the log has the key", tt.name)
				}
			}
		}
	})
}

// TestRevocationReachesEveryNode: a key that one node revokes is refused by the other within
// a second, whenever the nodes last looked, and also if the other cannot read the version.
func TestRevocationReachesEveryNode(t *testing.T) {
	t.Parallel()
	for _, offset := range []time.Duration{0, time.Millisecond, 250 * time.Millisecond, 499 * time.Millisecond, 500 * time.Millisecond, 501 * time.Millisecond, 999 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			shared := memory.New(0)
			one, other := newNode(t, shared), newNode(t, shared)
			made, key := one.issue(t, nil)
			time.Sleep(5 * time.Second)
			synctest.Wait()
			for range 100 {
				if !one.ask(t, key) || !other.ask(t, key) {
					t.Fatal("a live key is refused")
				}
				synctest.Wait() // ristretto keeps an entry a moment later
			}
			if reads := other.store.reads.Load(); reads > 3 {
				t.Errorf("the key was read %d times for 100 requests", reads)
			}
			time.Sleep(offset)
			if _, err := one.store.RevokeAPIKey(t.Context(), "", made.ID); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if one.ask(t, key) || other.ask(t, key) {
				t.Errorf("offset %v: a revoked key is accepted after a second", offset)
			}
			time.Sleep(time.Minute)
			if one.ask(t, key) || other.ask(t, key) {
				t.Error("a revoked key is accepted later")
			}
		})
	}
}

// TestNewKeyWorksAtOnce: also on a node that just refused the id as unknown.
func TestNewKeyWorksAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := memory.New(0)
		one, other := newNode(t, shared), newNode(t, shared)
		time.Sleep(time.Second)
		for range 3 {
			if other.ask(t, access.NewSecret().Text().Reveal()) {
				t.Fatal("an unknown key is accepted")
			}
		}
		if _, key := one.issue(t, nil); !other.ask(t, key) {
			t.Error("a new key is refused")
		}
	})
}

// TestStoreDown: a node that cannot read the version goes by what it knows for a second and
// not longer.
func TestStoreDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, memory.New(0))
		_, key := n.issue(t, nil)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		n.ask(t, key)
		synctest.Wait()
		n.store.fail.Store(true)
		if !n.ask(t, key) {
			t.Error("a known key is refused")
		}
		time.Sleep(time.Second + time.Millisecond)
		synctest.Wait()
		if _, err := n.Authenticate(request("Bearer "+key, "192.0.2.1:1")); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("got %v, want that the store is unavailable", err)
		}
		n.store.fail.Store(false)
		if !n.ask(t, key) {
			t.Error("the key is refused when the store is back")
		}
	})
}

// TestLastUse: the last use is stored once a minute, however often the key is used, and at
// the end.
func TestLastUse(t *testing.T) {
	t.Parallel()
	shared := memory.New(0)
	var made access.Key
	var last time.Time
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, shared)
		var key string
		made, key = n.issue(t, nil)
		for range 59 {
			for range 10 {
				n.ask(t, key)
			}
			time.Sleep(time.Second)
		}
		if uses := n.store.uses.Load(); uses != 0 {
			t.Errorf("%d writes within a minute", uses)
		}
		last = time.Now()
		n.ask(t, key)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if uses := n.store.uses.Load(); uses != 1 {
			t.Errorf("%d writes, want one: an unused key is not written again", uses)
		}
		if got, err := shared.APIKey(t.Context(), made.ID); err != nil || !got.LastUsed.Equal(last.Truncate(time.Microsecond)) {
			t.Errorf("last used %v, want %v, %v", got.LastUsed, last, err)
		}
		n.ask(t, key)
		last = time.Now()
	})
	if got, err := shared.APIKey(t.Context(), made.ID); err != nil || !got.LastUsed.Equal(last.Truncate(time.Microsecond)) {
		t.Errorf("after the end: last used %v, want %v, %v", got.LastUsed, last, err)
	}
}

// TestIssueRefusals: what cannot be stored is no key.
func TestIssueRefusals(t *testing.T) {
	t.Parallel()
	i := auth.Issuer{Store: memory.New(0), Keyring: enginetest.Keyring(t)}
	if _, text, err := i.Issue(t.Context(), access.Key{Name: "a", Tenant: "bank"}); err == nil || text != (idv.Sensitive{}) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	keys, err := auth.NewCallers(auth.Options{Issuer: auth.Issuer{Store: memory.New(0), Keyring: enginetest.Keyring(b)}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); keys.Run(ctx) }()
	defer func() { stop(); <-ended; keys.Close() }()
	_, text, err := keys.Issue(b.Context(), access.Key{Name: "a", Tenant: "bank", Scopes: access.Scopes()})
	if err != nil {
		b.Fatal(err)
	}
	r := request("Bearer "+text.Reveal(), "192.0.2.1:1")
	for b.Loop() {
		if _, err := keys.Authenticate(r); err != nil {
			b.Fatal(err)
		}
	}
}
