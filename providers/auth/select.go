package auth

import (
	"errors"
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/aliyun"
	"github.com/heyan-id/heyan/providers/auth/esign"
	"github.com/heyan-id/heyan/providers/auth/huawei"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
	"github.com/heyan-id/heyan/providers/auth/tencent"
)

// Env is what the authenticator of one provider is built from.
type Env struct {
	// Value returns the value of a setting, or the zero Sensitive if it is absent.
	Value func(setting string) idv.Sensitive

	// Connect returns a transport to a token endpoint at a base URL, whose calls a
	// authenticates. Only schemes that fetch tokens call it; it may be nil without them.
	Connect func(baseURL string, a Authenticator) (providers.Transport, error)
}

// Scheme is a way to authenticate, as descriptors name it. New is called if all settings
// of Needs are configured and usable. Its error names a setting and no value.
type Scheme struct {
	Name  string
	Needs []string
	New   func(Env) (Authenticator, error)
}

// Table is a list of schemes.
type Table []Scheme

// Schemes returns the schemes that are built in. An adapter with a scheme of its own
// appends it, see [Recipe.Scheme].
func Schemes() Table {
	return Table{
		appCode().Scheme(nameAppCode),
		{aliyun.NameXCa, []string{aliyun.SettingAppKey, aliyun.SettingAppSecret}, func(e Env) (Authenticator, error) {
			return aliyun.XCa(e.Value(aliyun.SettingAppKey).Reveal(), e.Value(aliyun.SettingAppSecret)), nil
		}},
		{aliyun.NameACS3, []string{aliyun.SettingAccessKeyID, aliyun.SettingAccessKeySecret}, func(e Env) (Authenticator, error) {
			return aliyun.ACS3(e.Value(aliyun.SettingAccessKeyID).Reveal(), e.Value(aliyun.SettingAccessKeySecret)), nil
		}},
		{tencent.NameTC3, []string{tencent.SettingSecretID, tencent.SettingSecretKey}, func(e Env) (Authenticator, error) {
			return tencent.TC3{
				SecretID: e.Value(tencent.SettingSecretID).Reveal(), SecretKey: e.Value(tencent.SettingSecretKey),
				Service: e.Value(tencent.SettingService).Reveal(), Region: e.Value(tencent.SettingRegion).Reveal(),
			}, nil
		}},
		{huawei.NameSDKHMAC, []string{huawei.SettingAccessKey, huawei.SettingSecretKey}, func(e Env) (Authenticator, error) {
			return huawei.SDKHMAC(e.Value(huawei.SettingAccessKey).Reveal(), e.Value(huawei.SettingSecretKey)), nil
		}},
		apigAppCode().Scheme("apig_appcode"),
		{esign.NameTSign, []string{esign.SettingAppID, esign.SettingAppSecret}, func(e Env) (Authenticator, error) {
			return esign.TSign(e.Value(esign.SettingAppID).Reveal(), e.Value(esign.SettingAppSecret)), nil
		}},
		{nameBaidu, []string{settingClientID, settingClientSecret}, baidu},
		{nameOAuth2, []string{settingTokenURL, settingClientID, settingClientSecret}, oauth2},
		{nameNone, nil, func(Env) (Authenticator, error) { return None(), nil }},
	}
}

// Select returns the first scheme of a descriptor's list whose settings are all
// configured, among the built-in schemes.
func Select(names []string, e Env) (Authenticator, error) { return Schemes().Select(names, e) }

// Select returns the first scheme of a descriptor's list whose settings are all
// configured.
//
// The error names the settings that are missing or unusable and never a value. A
// setting that is configured but unusable is an error even if a later scheme would
// work, so that a call is never authenticated by a weaker scheme silently.
func (t Table) Select(names []string, e Env) (Authenticator, error) {
	if len(names) == 0 {
		return nil, errors.New(`the adapter lists no authentication scheme; an adapter that needs no key lists "none"`)
	}
	var missing []string
	for _, name := range names {
		scheme, known := t.Find(name)
		if !known {
			return nil, fmt.Errorf("the adapter lists an unknown authentication scheme %q; known are %s", name, strings.Join(t.names(), ", "))
		}
		lacks := absent(scheme.Needs, e.Value)
		if len(lacks) == 0 {
			return scheme.build(e)
		}
		missing = append(missing, name+" needs "+strings.Join(lacks, " and "))
	}
	return nil, fmt.Errorf("no authentication scheme is configured: %s", strings.Join(missing, "; "))
}

// Find returns the scheme of a name, and whether the table has it.
func (t Table) Find(name string) (Scheme, bool) {
	for _, s := range t {
		if s.Name == name {
			return s, true
		}
	}
	return Scheme{}, false
}

func (t Table) names() []string {
	names := make([]string, 0, len(t))
	for _, s := range t {
		names = append(names, s.Name)
	}
	return names
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

func (s Scheme) build(e Env) (Authenticator, error) {
	for _, name := range s.Needs {
		if !secret.Usable(e.Value(name)) {
			return nil, fmt.Errorf("setting %s: %s; check the end of the file or variable that it is read from", name, secret.Unusable)
		}
	}
	return s.New(e)
}
