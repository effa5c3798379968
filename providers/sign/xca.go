package sign

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// XCa returns the scheme "xca", the HMAC-SHA256 signature of Aliyun's API
// gateway. The secret never travels, a call is good for 15 minutes and its nonce
// for one use. The method header is left out, since HmacSHA256 is the default.
func XCa(key string, secret idv.Sensitive) Scheme { return xca{key, secret} }

type xca struct {
	key    string
	secret idv.Sensitive
}

// Name returns "xca".
func (xca) Name() string { return nameXCa }

// Sign returns the X-Ca headers, and Content-MD5 for a body that is not a form.
// A form's parameters are in the string that is signed; another body is not, and
// only its digest protects it.
func (s xca) Sign(c providers.Call, at time.Time, nonce string) ([]Header, error) {
	if err := s.usable(nonce); err != nil {
		return nil, err
	}
	h := http.Header{}
	set(h, "Accept", Accept(c))
	set(h, "Content-Type", ContentType(c))
	set(h, "Content-MD5", contentMD5(c))
	set(h, "X-Ca-Key", s.key)
	set(h, "X-Ca-Nonce", nonce)
	set(h, "X-Ca-Timestamp", strconv.FormatInt(at.UnixMilli(), 10))

	signed := []string{"X-Ca-Key", "X-Ca-Nonce", "X-Ca-Timestamp"}
	set(h, "X-Ca-Signature-Headers", strings.Join(signed, ","))
	set(h, "X-Ca-Signature", Sum(s.secret, StringToSign(c.Method, h, signed, c.Path, params(c))))
	return list(h, append(signed, "Content-MD5", "X-Ca-Signature-Headers", "X-Ca-Signature")), nil
}

func (s xca) usable(nonce string) error {
	if err := usable(settingAppKey, idv.NewSensitive(s.key)); err != nil {
		return err
	}
	if err := usable(settingAppSecret, s.secret); err != nil {
		return err
	}
	return usable("nonce", idv.NewSensitive(nonce))
}

// set leaves an empty header out.
func set(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// list returns the named headers that are set. Accept and Content-Type are not
// among them: the sender sets those for every scheme.
func list(h http.Header, names []string) []Header {
	out := make([]Header, 0, len(names))
	for _, name := range names {
		if value := h.Get(name); value != "" {
			out = append(out, Header{name, idv.NewSensitive(value)})
		}
	}
	return out
}
