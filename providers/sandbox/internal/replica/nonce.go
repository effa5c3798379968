package replica

import (
	"crypto/sha256"
	"sync"
	"time"
)

// NonceWindow is how long a nonce stays used. No scheme accepts a request for longer.
const NonceWindow = 15 * time.Minute

// MaxNonces limits the memory of a vendor. Beyond it the oldest nonce is forgotten
// early and can be used again.
const MaxNonces = 10_000

// Nonces holds the nonces used within the window. It stores digests, so that long
// nonces take no more memory. The zero value is ready. It is safe for concurrent use.
type Nonces struct {
	mu    sync.Mutex
	used  map[[sha256.Size]byte]bool
	order []usedNonce // oldest first, which is also the order of expiry
}

type usedNonce struct {
	digest [sha256.Size]byte
	at     time.Time
}

// Use marks a nonce as used, or reports false if it was used within the window.
func (n *Nonces) Use(nonce string, now time.Time) bool {
	digest := sha256.Sum256([]byte(nonce))
	n.mu.Lock()
	defer n.mu.Unlock()
	for len(n.order) > 0 && now.Sub(n.order[0].at) > NonceWindow {
		n.forgetOldest()
	}
	if n.used[digest] {
		return false
	}
	if len(n.order) == MaxNonces {
		n.forgetOldest()
	}
	if n.used == nil {
		n.used = map[[sha256.Size]byte]bool{}
	}
	n.used[digest] = true
	n.order = append(n.order, usedNonce{digest, now})
	return true
}

func (n *Nonces) forgetOldest() {
	delete(n.used, n.order[0].digest)
	n.order = n.order[1:]
}
