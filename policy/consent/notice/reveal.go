package notice

import "github.com/heyan-id/heyan/engine/idv"

// Only this file reveals personal data: to write it into the text for the person, and to
// encrypt it.

// clear returns the text of the value for the notice.
func (v Value) clear() string { return v.text.Reveal() }

// unsealed returns encoded values as bytes, to decode them.
func unsealed(values idv.Sensitive) []byte { return []byte(values.Reveal()) }
