package sandbox

import (
	"crypto/sha256"
	"sync"
	"time"
)

// maxNonces bounds the memory of a vendor. Beyond it the oldest nonce is
// forgotten early, and could be used again.
const maxNonces = 10_000

// nonces remembers which nonces were used within the window. It keeps digests,
// so that a long nonce takes no more room than a short one. The zero value is
// ready; safe for concurrent use.
type nonces struct {
	mu    sync.Mutex
	used  map[[sha256.Size]byte]bool
	order []usedNonce // oldest first; all live equally long, so also first to go
}

type usedNonce struct {
	digest [sha256.Size]byte
	at     time.Time
}

// use takes a nonce, or reports false if it was taken within the window.
func (n *nonces) use(nonce string, now time.Time) bool {
	digest := sha256.Sum256([]byte(nonce))
	n.mu.Lock()
	defer n.mu.Unlock()
	for len(n.order) > 0 && now.Sub(n.order[0].at) > window {
		n.forgetOldest()
	}
	if n.used[digest] {
		return false
	}
	if len(n.order) == maxNonces {
		n.forgetOldest()
	}
	if n.used == nil {
		n.used = map[[sha256.Size]byte]bool{}
	}
	n.used[digest] = true
	n.order = append(n.order, usedNonce{digest, now})
	return true
}

func (n *nonces) forgetOldest() {
	delete(n.used, n.order[0].digest)
	n.order = n.order[1:]
}
