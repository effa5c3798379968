package plugins

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"sync"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	"github.com/heyan-id/heyan/providers"
)

// adapterCache builds adapters and keeps one per configuration. Settings come with
// every request, and a provider with connections must not be rebuilt for each.
type adapterCache[T any] struct {
	build    func(providers.Settings, map[string]idv.Sensitive) (T, error)
	mu       sync.Mutex
	adapters map[[sha256.Size]byte]T
}

// maxAdapters bounds the cache. It is far above the number of configurations of one
// vendor; beyond it the cache is cleared.
const maxAdapters = 64

func newAdapterCache[T any](build func(providers.Settings, map[string]idv.Sensitive) (T, error)) *adapterCache[T] {
	return &adapterCache[T]{build: build, adapters: map[[sha256.Size]byte]T{}}
}

// get returns the adapter for a configuration. Errors are not cached.
func (c *adapterCache[T]) get(settings, secrets map[string]string) (T, error) {
	key := fingerprint(settings, secrets)
	c.mu.Lock()
	defer c.mu.Unlock()
	if made, ok := c.adapters[key]; ok {
		return made, nil
	}
	made, err := c.build(maps.Clone(settings), wire.SecretsFrom(secrets))
	if err != nil {
		return made, err
	}
	if len(c.adapters) >= maxAdapters {
		clear(c.adapters)
	}
	c.adapters[key] = made
	return made, nil
}

// fingerprint returns the same value for the same configuration. It is a hash, so that
// no vendor key serves as a map key.
func fingerprint(configuration ...map[string]string) [sha256.Size]byte {
	var text []byte
	for _, m := range configuration {
		text = binary.AppendUvarint(text, uint64(len(m)))
		for _, name := range sorted(m) {
			for _, part := range []string{name, m[name]} {
				text = append(binary.AppendUvarint(text, uint64(len(part))), part...)
			}
		}
	}
	return sha256.Sum256(text)
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
