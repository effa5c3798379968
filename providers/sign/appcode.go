package sign

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// AppCode returns the scheme "appcode", Aliyun's simple authentication: the code
// itself travels in the Authorization header. Whoever sees one call can make
// more, so prefer [XCa] where the vendor takes it.
func AppCode(code idv.Sensitive) Scheme { return appCode{code} }

type appCode struct{ code idv.Sensitive }

// Name returns "appcode".
func (appCode) Name() string { return nameAppCode }

// Sign returns "Authorization: APPCODE <code>": the word in capitals and exactly
// one space, as the vendor's guide has it.
func (s appCode) Sign(providers.Call, time.Time, string) ([]Header, error) {
	if err := usable(settingAppCode, s.code); err != nil {
		return nil, err
	}
	return []Header{{"Authorization", prefixed("APPCODE ", s.code)}}, nil
}
