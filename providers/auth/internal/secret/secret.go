// Package secret checks the values that authentication schemes put into calls, and holds
// the errors of calls that cannot be authenticated.
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

// CheckKeyPair returns nil if a key's name and its secret are usable. Otherwise it returns
// the error of Check for the setting at fault.
func CheckKeyPair(idSetting, id, secretSetting string, value idv.Sensitive) error {
	if err := Check(idSetting, idv.NewSensitive(id)); err != nil {
		return err
	}
	return Check(secretSetting, value)
}

// AdapterFault returns the failure of a call that a scheme cannot authenticate because
// the adapter left something out or put in too much. code names the parameter or header,
// detail is a constant sentence. The call is not sent and costs nothing.
func AdapterFault(code, detail string) error {
	return &idv.Error{
		Failure: idv.Internal, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Phase: "encode", Code: code, Detail: detail,
	}
}
