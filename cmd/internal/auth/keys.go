package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/ristretto/v2"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
	"github.com/heyan-id/heyan/policy/keyring"
)

// ErrUnauthenticated means that a request has no key that authenticates it. Why is logged
// only, so that a caller who guesses learns nothing.
var ErrUnauthenticated = errors.New("no valid API key")

// The times of Keys.
const (
	// trust is how long a node may go by what it knows of keys after it last read their
	// version. A revoked key is thus refused within this time, whatever happens.
	trust     = time.Second
	pollEvery = trust / 2
	pollTime  = trust       // of one reading
	useEvery  = time.Minute // how often the last use of keys is stored
	useTime   = 2 * time.Second
)

// maxKnown is the number of keys, and of unknown ids, that a node keeps in memory.
const maxKnown = 10_000

// Issuer creates keys.
type Issuer struct {
	Store   store.APIKeys
	Keyring *keyring.Keyring
}

// Issue creates a key with the given name, tenant, apps, scopes, networks and expiry. It
// returns the key in clear, which cannot be shown again. The error may be an
// *access.FieldError or access.ErrTooMany. An act of the context is recorded on the key's id.
func (i Issuer) Issue(ctx context.Context, k access.Key) (access.Key, idv.Sensitive, error) {
	secret := access.NewSecret()
	k.ID, k.Created = secret.ID, time.Now().UTC().Truncate(time.Microsecond)
	k.Expires = k.Expires.UTC().Truncate(time.Microsecond)
	k.Hash = i.Keyring.SecretToken(k.Tenant, k.ID, secret.Secret)
	if err := i.Store.AddAPIKey(audit.On(ctx, k.ID), k); err != nil {
		return access.Key{}, idv.Sensitive{}, err
	}
	return k, secret.Text(), nil
}

// Keys authenticates callers by their API keys. It keeps the keys that it has read in memory
// and drops them when the store's version of keys changes. Run must run.
type Keys struct {
	Issuer

	proxies []netip.Prefix
	log     *slog.Logger
	cache   *ristretto.Cache[string, known]
	polled  atomic.Pointer[poll]

	mu   sync.Mutex
	used map[string]time.Time // by id, not stored yet
}

// known is a key as it was read under a version, or none if the id is unknown.
type known struct {
	id      string // ristretto compares hashes of ids only
	version int64
	key     *access.Key
}

// poll is a reading of the version.
type poll struct {
	version int64
	at      time.Time // when the reading began
}

// NewKeys returns an authenticator. Requests of the proxies name their clients' addresses.
// Close ends it.
func NewKeys(i Issuer, proxies []netip.Prefix, log *slog.Logger) (*Keys, error) {
	cache, err := ristretto.NewCache(&ristretto.Config[string, known]{
		NumCounters: 10 * maxKnown, MaxCost: maxKnown, BufferItems: 64, IgnoreInternalCost: true,
	})
	if err != nil {
		return nil, err
	}
	return &Keys{Issuer: i, proxies: proxies, log: log, cache: cache, used: map[string]time.Time{}}, nil
}

// Close releases the memory. Run must have ended.
func (k *Keys) Close() { k.cache.Close() }

// Run watches the version of keys and stores when they were used, until ctx is done.
func (k *Keys) Run(ctx context.Context) {
	var uses sync.WaitGroup
	uses.Go(func() { k.storeUses(ctx) })
	defer uses.Wait()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		k.poll(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// poll reads the version. If that fails, the earlier reading counts until its trust ends;
// then every request reads its key from the store.
func (k *Keys) poll(ctx context.Context) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, pollTime)
	defer cancel()
	if version, err := k.Store.APIKeyVersion(ctx); err == nil {
		k.polled.Store(&poll{version, began})
	}
}

// storeUses stores the last uses every minute, and at the end.
func (k *Keys) storeUses(ctx context.Context) {
	ticker := time.NewTicker(useEvery)
	defer ticker.Stop()
	for done := false; !done; {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			done = true
		}
		k.mu.Lock()
		used := k.used
		k.used = map[string]time.Time{}
		k.mu.Unlock()
		if len(used) == 0 {
			continue
		}
		write, cancel := context.WithTimeout(context.WithoutCancel(ctx), useTime)
		if err := k.Store.UseAPIKeys(write, used); err != nil {
			k.log.Warn("the last use of API keys was not stored", slog.Int("keys", len(used)))
		}
		cancel()
	}
}

// Authenticate returns the principal of the key in the header Authorization.
func (k *Keys) Authenticate(r *http.Request) (access.Principal, error) {
	from := Address(r, k.proxies)
	key, id, refusal, err := k.check(r, from)
	if err != nil {
		return access.Principal{}, err
	}
	if refusal != "" {
		k.log.Warn("request not authenticated", slog.String("reason", string(refusal)), slog.String("key", id), slog.String("client", from.String()))
		return access.Principal{}, ErrUnauthenticated
	}
	k.mu.Lock()
	k.used[id] = time.Now()
	k.mu.Unlock()
	return key.Principal(), nil
}

// check returns the key of a request, or why it is refused. The id is that of a
// well-formed key.
func (k *Keys) check(r *http.Request, from netip.Addr) (key *access.Key, id string, refusal access.Refusal, err error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return nil, "", access.NoKey, nil
	}
	scheme, text, _ := strings.Cut(header, " ")
	secret, ok := access.ParseSecret(idv.NewSensitive(strings.TrimLeft(text, " ")))
	if !strings.EqualFold(scheme, "Bearer") || !ok {
		return nil, "", access.Malformed, nil
	}
	key, err = k.find(r.Context(), secret.ID)
	switch {
	case errors.Is(err, access.ErrNotFound):
		return nil, secret.ID, access.Unknown, nil
	case err != nil:
		return nil, secret.ID, "", err
	case !k.Keyring.MatchesSecret(key.Hash, key.Tenant, key.ID, secret.Secret):
		return nil, secret.ID, access.WrongSecret, nil
	}
	return key, secret.ID, key.Refuse(time.Now(), from), nil
}

// find returns a key from memory or from the store. What is kept counts under the version
// that was read before it, so a change in between drops it at the next reading.
func (k *Keys) find(ctx context.Context, id string) (*access.Key, error) {
	seen := k.polled.Load()
	fresh := seen != nil && time.Since(seen.at) <= trust
	if fresh {
		if kept, ok := k.cache.Get(id); ok && kept.id == id && kept.version == seen.version {
			if kept.key == nil {
				return nil, access.ErrNotFound
			}
			return kept.key, nil
		}
	}
	found, err := k.Store.APIKey(ctx, id)
	kept := known{id: id}
	switch {
	case err == nil:
		kept.key = &found
	case !errors.Is(err, access.ErrNotFound):
		return nil, err
	}
	if fresh {
		kept.version = seen.version
		k.cache.Set(id, kept, 1)
	}
	return kept.key, err
}
