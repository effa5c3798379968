package notice

import "github.com/heyan-id/heyan/engine/idv"

// This file alone takes a person's data out of its mask: to write it into the text
// that this person reads, and to seal it.

// clear returns the value's text as it is written into the notice.
func (v Value) clear() string { return v.text.Reveal() }

// unsealed returns encoded values as bytes, to read them back.
func unsealed(values idv.Sensitive) []byte { return []byte(values.Reveal()) }
