// Package secret checks the values that authentication schemes put into headers.
package secret

import "github.com/heyan-id/heyan/engine/idv"

// Unusable says what is wrong with a secret that [Usable] refuses.
const Unusable = "empty, or holds a space, a line break or a character that cannot stand in a header"

// Usable reports whether a secret can stand in a header: visible ASCII and not
// empty. A line break would start a header of its own, and a file that ends in one
// is the most frequent mistake.
func Usable(value idv.Sensitive) bool {
	for _, c := range []byte(value.Reveal()) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return !value.IsZero()
}

// Check returns nil for a usable secret. Otherwise it returns an *idv.Error that
// names the setting: the call is not sent and costs nothing.
func Check(setting string, value idv.Sensitive) error {
	if Usable(value) {
		return nil
	}
	return &idv.Error{
		Failure: idv.BadCredentials, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Phase: "encode", Code: setting, Detail: Unusable,
	}
}
