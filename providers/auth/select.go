package auth

import (
	"errors"
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/auth/aliyun"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
)

// The names of the schemes, as descriptors list them.
const (
	nameAppCode = "appcode"
	nameNone    = "none"
)

// settingAppCode is the setting that holds the AppCode.
const settingAppCode = "appcode"

// Select returns the first scheme of a descriptor's list whose settings are all
// configured: appcode needs "appcode", xca needs "app_key" and "app_secret". value
// returns a setting's value, or the zero Sensitive if the setting is absent.
//
// The error names the settings that are missing or unusable and never a value. A
// setting that is configured but unusable is an error even if a later scheme would
// work, so that a call is never authenticated by a weaker scheme silently.
func Select(schemes []string, value func(setting string) idv.Sensitive) (Authenticator, error) {
	if len(schemes) == 0 {
		return nil, errors.New(`the adapter lists no authentication scheme; an adapter that needs no key lists "none"`)
	}
	var missing []string
	for _, name := range schemes {
		needs, known := settings(name)
		if !known {
			return nil, fmt.Errorf("the adapter lists an unknown authentication scheme %q; known are appcode, xca and none", name)
		}
		lacks := absent(needs, value)
		if len(lacks) == 0 {
			return build(name, needs, value)
		}
		missing = append(missing, name+" needs "+strings.Join(lacks, " and "))
	}
	return nil, fmt.Errorf("no authentication scheme is configured: %s", strings.Join(missing, "; "))
}

func settings(scheme string) (names []string, known bool) {
	switch scheme {
	case nameAppCode:
		return []string{settingAppCode}, true
	case aliyun.NameXCa:
		return []string{aliyun.SettingAppKey, aliyun.SettingAppSecret}, true
	case nameNone:
		return nil, true
	}
	return nil, false
}

func absent(names []string, value func(string) idv.Sensitive) []string {
	var missing []string
	for _, name := range names {
		if value(name).IsZero() {
			missing = append(missing, name)
		}
	}
	return missing
}

func build(scheme string, needs []string, value func(string) idv.Sensitive) (Authenticator, error) {
	for _, name := range needs {
		if !secret.Usable(value(name)) {
			return nil, fmt.Errorf("setting %s: %s; check the end of the file or variable that it is read from", name, secret.Unusable)
		}
	}
	switch scheme {
	case nameAppCode:
		return AppCode(value(settingAppCode)), nil
	case aliyun.NameXCa:
		return aliyun.XCa(value(aliyun.SettingAppKey).Reveal(), value(aliyun.SettingAppSecret)), nil
	}
	return None(), nil
}
