// Package auth authenticates calls to vendors. An [Authenticator] adds a key, a signature
// or an access token to a call. [Select] returns the first scheme of a descriptor whose
// settings are configured.
//
// A [Recipe] describes keys and signatures of small vendors as data. A [Token] fetches
// access tokens and keeps them valid. Schemes of one cloud have a package of their own,
// such as providers/auth/aliyun.
//
// All of the package is safe for concurrent use. A Token alone has state.
//
// A new scheme is an entry in [Schemes], and one in SchemeSettings of package config, which
// checks the settings without importing this package.
package auth

import (
	"context"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Authenticator proves to a vendor who calls.
//
// Authenticate returns the call with the proof added: headers, query or form fields, or
// an encrypted body. It does not modify c. The path of c includes the path of the base
// URL, because the vendor signs what it receives. The returned call is sent once and must
// not be stored. An error is an *idv.Error with idv.NotSent and holds no value of a
// setting. Only a scheme that fetches tokens blocks; it returns when ctx ends.
type Authenticator interface {
	Name() string
	Authenticate(ctx context.Context, c providers.Call, s providers.Stamp) (providers.Call, error)
}

// An Opener is an Authenticator that decrypts replies. Open returns the reply as the
// codec reads it. An error is an *idv.Error; the vendor may have charged the call.
type Opener interface {
	Authenticator
	Open(r providers.Reply) (providers.Reply, error)
}

// None returns the scheme "none", which adds no header. It serves vendors that
// recognise callers by address, and tests.
func None() Authenticator { return none{} }

type none struct{}

// Name returns "none".
func (none) Name() string { return nameNone }

// Authenticate returns the call unchanged.
func (none) Authenticate(_ context.Context, c providers.Call, _ providers.Stamp) (providers.Call, error) {
	return c, nil
}

// The names of schemes, as descriptors list them.
const (
	nameAppCode = "appcode"
	nameNone    = "none"
)

// settingAppCode is the setting that holds an AppCode.
const settingAppCode = "appcode"

// AppCode returns the scheme "appcode", Aliyun's simple authentication: the code
// itself travels in the Authorization header. A leaked call is enough to make more
// of them, so prefer [aliyun.XCa] where the vendor supports it.
func AppCode(code idv.Sensitive) Authenticator {
	return appCode().with(nameAppCode, map[string]idv.Sensitive{settingAppCode: code})
}

// appCode is the header "Authorization: APPCODE <code>". The vendor's guide requires the
// word in capitals and exactly one space.
func appCode() Recipe {
	return Recipe{Fields: []Field{{Target{In: InHeader, Name: "Authorization", Prefix: "APPCODE "}, Source{Setting: settingAppCode}}}}
}

// apigAppCode is the AppCode of the API gateway of Huawei's market.
func apigAppCode() Recipe {
	return Recipe{Fields: []Field{{Target{In: InHeader, Name: "X-Apig-AppCode"}, Source{Setting: settingAppCode}}}}
}
