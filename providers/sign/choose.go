package sign

import (
	"errors"
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// The names of the schemes, as descriptors list them.
const (
	nameAppCode = "appcode"
	nameXCa     = "xca"
	nameNone    = "none"
)

// The names of the settings that hold the schemes' secrets.
const (
	settingAppCode   = "appcode"
	settingAppKey    = "app_key"
	settingAppSecret = "app_secret"
)

const unusable = "empty, or holds a space, a line break or a character that cannot stand in a header"

// Choose returns the first scheme of a descriptor's list whose settings are all
// there: appcode needs "appcode", xca needs "app_key" and "app_secret". secret
// returns a setting's value, empty if it is not set.
//
// The error names the settings that are missing or cannot be used, never a value.
// A setting that is there but unusable is an error even if a later scheme would
// do: falling back to a weaker proof in silence helps nobody.
func Choose(schemes []string, secret func(name string) idv.Sensitive) (Scheme, error) {
	if len(schemes) == 0 {
		return nil, errors.New(`the adapter lists no way to sign; one without a key lists "none"`)
	}
	var lacking []string
	for _, name := range schemes {
		needs, known := settings(name)
		if !known {
			return nil, fmt.Errorf("the adapter lists an unknown way to sign %q; known are appcode, xca and none", name)
		}
		missing := absent(needs, secret)
		if len(missing) == 0 {
			return build(name, needs, secret)
		}
		lacking = append(lacking, name+" needs "+strings.Join(missing, " and "))
	}
	return nil, fmt.Errorf("no way to sign calls is set up: %s", strings.Join(lacking, "; "))
}

func settings(scheme string) (names []string, known bool) {
	switch scheme {
	case nameAppCode:
		return []string{settingAppCode}, true
	case nameXCa:
		return []string{settingAppKey, settingAppSecret}, true
	case nameNone:
		return nil, true
	}
	return nil, false
}

func absent(names []string, secret func(string) idv.Sensitive) []string {
	var missing []string
	for _, name := range names {
		if secret(name).IsZero() {
			missing = append(missing, name)
		}
	}
	return missing
}

func build(scheme string, needs []string, secret func(string) idv.Sensitive) (Scheme, error) {
	for _, name := range needs {
		if !printable(secret(name)) {
			return nil, fmt.Errorf("setting %s: %s; check the end of the file or variable it comes from", name, unusable)
		}
	}
	switch scheme {
	case nameAppCode:
		return AppCode(secret(settingAppCode)), nil
	case nameXCa:
		return newXCa(secret(settingAppKey), secret(settingAppSecret)), nil
	}
	return None(), nil
}

// usable returns the failure of a call that cannot be signed with a value.
func usable(setting string, value idv.Sensitive) error {
	if printable(value) {
		return nil
	}
	return &idv.Error{
		Failure: idv.BadCredentials, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Phase: "encode", Code: setting, Detail: unusable,
	}
}
