// Package auth authenticates calls to vendors. An [Authenticator] returns the
// headers that carry a key or a signature; [Select] returns the first scheme of a
// descriptor whose settings are configured. Schemes of one cloud have a package of
// their own, such as providers/auth/aliyun.
//
// The package keeps no state. All of it is safe for concurrent use.
//
// A new scheme is a case in the functions settings and build (select.go), and one in
// schemeSettings of package config, which checks the settings without importing this package.
package auth

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
)

// Authenticator proves to a vendor who calls.
//
// Sign returns the headers to add to a call. The call's path includes the path of
// the base URL, because the gateway signs what it receives. nonce must never have
// been used before. The headers are for this one call and must not be stored. An
// error is an *idv.Error with idv.NotSent and holds no value of a setting.
type Authenticator interface {
	Name() string
	Sign(c providers.Call, at time.Time, nonce string) ([]providers.Param, error)
}

// None returns the scheme "none", which adds no header. It serves vendors that
// recognise callers by address, and tests.
func None() Authenticator { return none{} }

type none struct{}

// Name returns "none".
func (none) Name() string { return nameNone }

// Sign returns no header.
func (none) Sign(providers.Call, time.Time, string) ([]providers.Param, error) { return nil, nil }

// AppCode returns the scheme "appcode", Aliyun's simple authentication: the code
// itself travels in the Authorization header. A leaked call is enough to make more
// of them, so prefer [aliyun.XCa] where the vendor supports it.
func AppCode(code idv.Sensitive) Authenticator { return appCode{code} }

type appCode struct{ code idv.Sensitive }

// Name returns "appcode".
func (appCode) Name() string { return nameAppCode }

// Sign returns "Authorization: APPCODE <code>". The vendor's guide requires the
// word in capitals and exactly one space.
func (a appCode) Sign(providers.Call, time.Time, string) ([]providers.Param, error) {
	if err := secret.Check(settingAppCode, a.code); err != nil {
		return nil, err
	}
	return []providers.Param{{Name: "Authorization", Value: idv.NewSensitive("APPCODE " + a.code.Reveal())}}, nil
}
