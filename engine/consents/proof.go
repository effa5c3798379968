package consents

import (
	"encoding/hex"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// ClientContext are what a person's own device leaves where the text is shown and agreed to.
// They are personal data: in clear they are kept nowhere.
type ClientContext struct {
	Session idv.Sensitive // the id of the person's session
	Address idv.Sensitive // the network address
	Agent   idv.Sensitive // the program, as its User-Agent says
}

// Proof adds marks of the traces to a proof. A mark is a keyed hash, so that a trace
// can be shown to be the same, by who has it and the key, and be read from it by
// nobody; a plain hash of an address would be undone in minutes. What is empty gets no
// mark.
func (d *Service) Proof(t idv.Tenant, p consent.Proof, traces ClientContext) consent.Proof {
	mark := func(label string, trace idv.Sensitive) string {
		if trace.IsZero() {
			return ""
		}
		m := d.Keyring.BlindIndex(t, "consent "+label, trace.Reveal())
		return hex.EncodeToString(m[:])
	}
	p.Session, p.Address, p.Agent = mark("session", traces.Session), mark("address", traces.Address), mark("agent", traces.Agent)
	return p
}
