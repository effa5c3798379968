package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
)

// AddAPIKey stores a new key.
func (s *Store) AddAPIKey(ctx context.Context, k access.Key) error {
	if err := k.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now, _ := s.Clock.Now()
	if _, ok := s.apiKeys[k.ID]; ok {
		return access.ErrTwice
	}
	live := 0
	for _, other := range s.apiKeys {
		if other.Tenant == k.Tenant && other.Name == k.Name && other.Live(now) {
			live++
		}
	}
	if live >= access.MaxLive {
		return access.ErrTooMany
	}
	return s.acting(ctx, now, func() error {
		s.apiKeys[k.ID] = cloneKey(k)
		s.apiKeyVersion++
		return nil
	})
}

// APIKey returns a key.
func (s *Store) APIKey(_ context.Context, id string) (access.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.apiKeys[id]
	if !ok {
		return access.Key{}, access.ErrNotFound
	}
	return cloneKey(k), nil
}

// APIKeys returns the keys of a tenant, or of all, by creation.
func (s *Store) APIKeys(_ context.Context, tenant idv.Tenant, p ledger.Page) ([]access.Key, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []access.Key
	for _, k := range s.apiKeys {
		if tenant == "" || k.Tenant == tenant {
			list = append(list, cloneKey(k))
		}
	}
	slices.SortFunc(list, func(a, b access.Key) int { return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID)) })
	return page(list, p)
}

// RevokeAPIKey revokes a key.
func (s *Store) RevokeAPIKey(ctx context.Context, tenant idv.Tenant, id string) (access.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.apiKeys[id]
	if !ok || tenant != "" && k.Tenant != tenant {
		return access.Key{}, access.ErrNotFound
	}
	now, _ := s.Clock.Now()
	err := s.acting(ctx, now, func() error {
		if k.Revoked.IsZero() {
			k.Revoked = now.Truncate(time.Microsecond)
			s.apiKeys[id] = k
			s.apiKeyVersion++
		}
		return nil
	})
	return cloneKey(k), err
}

// UseAPIKeys stores when keys were used last.
func (s *Store) UseAPIKeys(_ context.Context, used map[string]time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, at := range used {
		if k, ok := s.apiKeys[id]; ok && at.After(k.LastUsed) {
			k.LastUsed = at.UTC().Truncate(time.Microsecond)
			s.apiKeys[id] = k
		}
	}
	return nil
}

// APIKeyVersion returns the number of changes of keys.
func (s *Store) APIKeyVersion(context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.apiKeyVersion, nil
}

// Changes returns nil: all that uses this store is in one process, and polls.
func (s *Store) Changes(context.Context) <-chan store.Change { return nil }

func cloneKey(k access.Key) access.Key {
	k.Apps, k.Scopes, k.Networks = slices.Clone(k.Apps), slices.Clone(k.Scopes), slices.Clone(k.Networks)
	return k
}
