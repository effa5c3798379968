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

// workshop makes adapters and keeps them, one for each configuration: settings come
// with every request, and a provider with connections should not be made for each.
type adapterCache[T any] struct {
	build func(providers.Settings, map[string]idv.Sensitive) (T, error)
	mu    sync.Mutex
	have  map[[sha256.Size]byte]T
}

// maxAdapters is far above the configurations of one vendor; beyond it somebody
// makes settings up, and everything is made anew.
const maxAdapters = 64

func newAdapterCache[T any](build func(providers.Settings, map[string]idv.Sensitive) (T, error)) *adapterCache[T] {
	return &adapterCache[T]{build: build, have: map[[sha256.Size]byte]T{}}
}

// get returns the adapter for a configuration. A failure to make one is not kept.
func (w *adapterCache[T]) get(settings, secrets map[string]string) (T, error) {
	key := fingerprint(settings, secrets)
	w.mu.Lock()
	defer w.mu.Unlock()
	if made, ok := w.have[key]; ok {
		return made, nil
	}
	made, err := w.build(maps.Clone(settings), wire.SecretsFrom(secrets))
	if err != nil {
		return made, err
	}
	if len(w.have) >= maxAdapters {
		clear(w.have)
	}
	w.have[key] = made
	return made, nil
}

// fingerprint is the same for the same configuration. It is a hash, so that no key
// of a vendor is kept in a map's index.
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
