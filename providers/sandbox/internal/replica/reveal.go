package replica

import "github.com/heyan-id/heyan/engine/idv"

// plain returns a claim or a key in clear. A replica is the vendor: it reads requests,
// compares keys and answers about people, all of them fictitious.
func plain(v idv.Sensitive) string { return v.Reveal() }
