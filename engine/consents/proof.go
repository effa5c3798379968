package consents

import (
	"encoding/hex"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// ClientContext identifies the device on which the person decides. It is personal data and is
// never stored in clear.
type ClientContext struct {
	Session idv.Sensitive // id of the person's session
	Address idv.Sensitive // network address
	Agent   idv.Sensitive // User-Agent of the program
}

// Proof returns the proof with blind indexes of the client context. With the key and a
// session id, address or User-Agent it can be shown that it is the same one; it cannot be
// read from its index. A plain hash of an address would be reversed in minutes. An empty
// value gets no index.
//
// The labels are part of the stored form and must not change.
func (s *Service) Proof(t idv.Tenant, p consent.Proof, client ClientContext) consent.Proof {
	index := func(label string, value idv.Sensitive) string {
		if value.IsZero() {
			return ""
		}
		i := s.Keyring.BlindIndex(t, "consent "+label, value.Reveal())
		return hex.EncodeToString(i[:])
	}
	p.Session, p.Address, p.Agent = index("session", client.Session), index("address", client.Address), index("agent", client.Agent)
	return p
}
