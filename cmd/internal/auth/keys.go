package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
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

// The times of keys.
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

// keys authenticates callers by their API keys. It keeps the keys that it has read in memory
// and drops them when the store's version of keys changes.
type keys struct {
	Issuer

	refusals *Refusals
	changes  <-chan store.Change
	log      *slog.Logger
	cache    *ristretto.Cache[string, known]
	polled   atomic.Pointer[poll]

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

func newKeys(o Options) (*keys, error) {
	cache, err := ristretto.NewCache(&ristretto.Config[string, known]{
		NumCounters: 10 * maxKnown, MaxCost: maxKnown, BufferItems: 64, IgnoreInternalCost: true,
	})
	if err != nil {
		return nil, err
	}
	return &keys{Issuer: o.Issuer, refusals: o.Refusals, changes: o.Changes, log: o.Log, cache: cache, used: map[string]time.Time{}}, nil
}

// run watches the version of keys and stores when they were used, until ctx is done. The
// version is read when the store reports a change, and often enough without.
func (k *keys) run(ctx context.Context) {
	var uses sync.WaitGroup
	uses.Go(func() { k.storeUses(ctx) })
	defer uses.Wait()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	changes := k.changes
	for {
		k.poll(ctx)
		for waiting := true; waiting; {
			select {
			case c, open := <-changes:
				if !open {
					changes = nil
				}
				waiting = !open || !c.Of(store.TopicAPIKeys)
			case <-ticker.C:
				waiting = false
			case <-ctx.Done():
				return
			}
		}
	}
}

// poll reads the version. If that fails, the earlier reading counts until its trust ends;
// then every request reads its key from the store.
func (k *keys) poll(ctx context.Context) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, pollTime)
	defer cancel()
	if version, err := k.Store.APIKeyVersion(ctx); err == nil {
		k.polled.Store(&poll{version, began})
	}
}

// storeUses stores the last uses every minute, and at the end.
func (k *keys) storeUses(ctx context.Context) {
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

// check returns the principal of a key, or why it is refused. The id is that of a
// well-formed key.
func (k *keys) check(ctx context.Context, text idv.Sensitive, from netip.Addr) (p access.Principal, id string, refusal access.Refusal, err error) {
	secret, ok := access.ParseSecret(text)
	if !ok {
		return p, "", access.Malformed, nil
	}
	key, err := k.find(ctx, secret.ID, from)
	switch {
	case errors.Is(err, access.ErrNotFound):
		return p, secret.ID, access.Unknown, nil
	case errors.Is(err, errSpent):
		return p, secret.ID, access.RateLimited, nil
	case err != nil:
		return p, secret.ID, "", err
	case !k.Keyring.MatchesSecret(key.Hash, key.Tenant, key.ID, secret.Secret):
		return p, secret.ID, access.WrongSecret, nil
	}
	if refusal := key.Refuse(time.Now(), from); refusal != "" {
		return p, secret.ID, refusal, nil
	}
	k.mu.Lock()
	k.used[secret.ID] = time.Now()
	k.mu.Unlock()
	return key.Principal(), secret.ID, "", nil
}

// find returns a key from memory or from the store. What is kept counts under the version
// that was read before it, so a change in between drops it at the next reading. For an address
// that has failed too often, ids that were never seen are read at a small rate only.
func (k *keys) find(ctx context.Context, id string, from netip.Addr) (*access.Key, error) {
	seen := k.polled.Load()
	fresh := seen != nil && time.Since(seen.at) <= trust
	before, ok := k.cache.Get(id)
	ok = ok && before.id == id
	if ok && fresh && before.version == seen.version {
		if before.key == nil {
			return nil, access.ErrNotFound
		}
		return before.key, nil
	}
	wasKey := ok && before.key != nil // when it was read
	if !wasKey && !k.refusals.mayLook(from) {
		return nil, errSpent
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
