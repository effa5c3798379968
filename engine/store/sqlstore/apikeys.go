package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
)

const (
	apiKeyColumns    = `id, tenant, name, apps, scopes, networks, hash, created_at, expires_at, revoked_at, last_used_at`
	selectAPIKey     = `SELECT ` + apiKeyColumns + ` FROM api_keys WHERE id = $1`
	selectAPIKeysOf  = `SELECT ` + apiKeyColumns + ` FROM api_keys WHERE tenant = $1 AND name = $2`
	selectAllAPIKeys = `SELECT ` + apiKeyColumns + ` FROM api_keys WHERE (created_at, id) > ($1, $2) AND ($3 = '' OR tenant = $3)
		ORDER BY created_at, id LIMIT $4`
	insertAPIKeySQL = `INSERT INTO api_keys (` + apiKeyColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	revokeAPIKey    = `UPDATE api_keys SET revoked_at = $2 WHERE id = $1`
	useAPIKey       = `UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2`

	selectVersion = `SELECT n FROM versions WHERE name = $1`
	raiseVersion  = `INSERT INTO versions (name, n) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET n = versions.n + 1`
)

// keyName is the name of the keys that may replace each other.
type keyName struct {
	tenant idv.Tenant
	name   string
}

// AddAPIKey stores a new key.
func (s *Store) AddAPIKey(ctx context.Context, k access.Key) error {
	if err := k.Check(); err != nil {
		return err
	}
	return s.act(ctx, s.admin, &operation{
		need: func(n *needs) {
			add(&n.apiKeys, k.ID)
			add(&n.keyNames, keyName{k.Tenant, k.Name})
		},
		do: func(u *unit) error { return u.addAPIKey(k) },
	})
}

func (u *unit) addAPIKey(k access.Key) error {
	if u.apiKeys[k.ID] != nil {
		return access.ErrTwice
	}
	live := 0
	for _, other := range u.apiKeys {
		if other.Tenant == k.Tenant && other.Name == k.Name && other.Live(u.now) {
			live++
		}
	}
	if live >= access.MaxLive {
		return access.ErrTooMany
	}
	insert, err := insertAPIKey(&k)
	if err != nil {
		return err
	}
	u.apiKeys[k.ID] = &k
	u.writes = append(u.writes, insert)
	u.report(store.Change{Topic: store.TopicAPIKeys, ID: k.ID})
	return nil
}

// RevokeAPIKey revokes a key.
func (s *Store) RevokeAPIKey(ctx context.Context, tenant idv.Tenant, id string) (revoked access.Key, err error) {
	if idv.CheckText(id, idv.MaxName) != idv.TextFits {
		return access.Key{}, access.ErrNotFound
	}
	err = s.act(ctx, s.admin, &operation{
		need: func(n *needs) { add(&n.apiKeys, id) },
		do: func(u *unit) (err error) {
			revoked, err = u.revokeAPIKey(tenant, id)
			return err
		},
	})
	if err != nil {
		return access.Key{}, err
	}
	return revoked, nil
}

func (u *unit) revokeAPIKey(tenant idv.Tenant, id string) (access.Key, error) {
	k := u.apiKeys[id]
	if k == nil || tenant != "" && k.Tenant != tenant {
		return access.Key{}, access.ErrNotFound
	}
	if k.Revoked.IsZero() {
		k.Revoked = u.now.UTC()
		u.writes = append(u.writes, statement{sql: revokeAPIKey, args: []any{id, micros(k.Revoked)}})
		u.report(store.Change{Topic: store.TopicAPIKeys, ID: id})
	}
	return *k, nil
}

// UseAPIKeys stores when keys were used last.
func (s *Store) UseAPIKeys(ctx context.Context, used map[string]time.Time) error {
	if len(used) == 0 {
		return nil
	}
	return s.admin(ctx, &operation{
		kind: maintenance, need: func(*needs) {},
		do: func(u *unit) error {
			for id, at := range used {
				if idv.CheckText(id, idv.MaxName) == idv.TextFits {
					u.writes = append(u.writes, statement{sql: useAPIKey, args: []any{id, micros(at)}})
				}
			}
			return nil
		},
	})
}

// APIKey returns a key.
func (s *Store) APIKey(ctx context.Context, id string) (access.Key, error) {
	if idv.CheckText(id, idv.MaxName) != idv.TextFits {
		return access.Key{}, access.ErrNotFound
	}
	found, err := list(ctx, s.backend, selectAPIKey, []any{id}, scanAPIKey)
	if err == nil && len(found) == 0 {
		err = access.ErrNotFound
	}
	if err != nil {
		return access.Key{}, err
	}
	return found[0], nil
}

// APIKeys returns the keys of a tenant, or of all, by creation.
func (s *Store) APIKeys(ctx context.Context, tenant idv.Tenant, p ledger.Page) ([]access.Key, string, error) {
	if idv.CheckText(string(tenant), idv.MaxName) != idv.TextFits {
		return nil, "", nil
	}
	place := func(k *access.Key) string { return cursor(micros(k.Created), k.ID) }
	return paged(tenant, p, place, func(args []any) ([]access.Key, error) {
		return list(ctx, s.backend, selectAllAPIKeys, args, scanAPIKey)
	})
}

// APIKeyVersion returns the number of changes of keys.
func (s *Store) APIKeyVersion(ctx context.Context) (n int64, err error) {
	err = s.backend.read(ctx, statement{selectVersion, []any{store.TopicAPIKeys}, func(r row) error { return r.Scan(&n) }})
	return n, err
}

// readAPIKeys reads keys by their ids, and all keys of a name.
func (u *unit) readAPIKeys(n *needs) []statement {
	var list []statement
	found := func(r row) error {
		k, err := scanAPIKey(r)
		u.apiKeys[k.ID] = &k
		return err
	}
	for id := range n.apiKeys {
		list = append(list, statement{selectAPIKey, []any{id}, found})
	}
	for k := range n.keyNames {
		list = append(list, statement{selectAPIKeysOf, []any{k.tenant, k.name}, found})
	}
	return list
}

func insertAPIKey(k *access.Key) (statement, error) {
	networks := make([]string, len(k.Networks))
	for i, p := range k.Networks {
		networks[i] = p.String()
	}
	args := []any{k.ID, k.Tenant, k.Name}
	for _, list := range []any{append([]string{}, k.Apps...), append([]access.Scope{}, k.Scopes...), networks} {
		text, err := json.Marshal(list)
		if err != nil {
			return statement{}, err
		}
		args = append(args, string(text))
	}
	return statement{sql: insertAPIKeySQL, args: append(args, k.Hash, micros(k.Created), micros(k.Expires), micros(k.Revoked), micros(k.LastUsed))}, nil
}

func scanAPIKey(r row) (k access.Key, err error) {
	var apps, scopes, networks string
	var created, expires, revoked, used int64
	if err := r.Scan(&k.ID, &k.Tenant, &k.Name, &apps, &scopes, &networks, &k.Hash, &created, &expires, &revoked, &used); err != nil {
		return k, err
	}
	k.Created, k.Expires, k.Revoked, k.LastUsed = timeOf(created), timeOf(expires), timeOf(revoked), timeOf(used)
	var prefixes []netip.Prefix
	for text, into := range map[*string]any{&apps: &k.Apps, &scopes: &k.Scopes, &networks: &prefixes} {
		if err := json.Unmarshal([]byte(*text), into); err != nil {
			// An unreadable list must not widen what the key may do.
			return access.Key{}, fmt.Errorf("reading a stored key: %w", err)
		}
	}
	k.Networks = prefixes
	return k, nil
}
