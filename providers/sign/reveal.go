package sign

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"net/url"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// This file is the only one of the package that sees values in clear.

// Sum returns the signature of a string: HMAC-SHA256 with the secret, in standard
// Base64 with padding.
func Sum(secret idv.Sensitive, stringToSign string) string {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write([]byte(stringToSign))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// params merges query and form into the one map that is signed, query first.
func params(c providers.Call) url.Values {
	values := url.Values{}
	for _, list := range [][]providers.Param{c.Query, c.Form} {
		for _, p := range list {
			values.Add(p.Name, p.Value.Reveal())
		}
	}
	return values
}

// contentMD5 returns the digest header of a body that is not a form, else "". MD5
// is what the gateway's rules ask for; the HMAC over it is what protects the call.
func contentMD5(c providers.Call) string {
	if len(c.Form) > 0 || c.Body.IsZero() {
		return ""
	}
	sum := md5.Sum([]byte(c.Body.Reveal())) //nolint:gosec // the gateway's rules name MD5
	return base64.StdEncoding.EncodeToString(sum[:])
}

func prefixed(prefix string, secret idv.Sensitive) idv.Sensitive {
	return idv.NewSensitive(prefix + secret.Reveal())
}

// printable reports whether a secret can stand in a header: visible ASCII only. A
// line break in it would begin a header of its own, and one at the end of a file
// is the commonest slip of all.
func printable(secret idv.Sensitive) bool {
	for _, c := range []byte(secret.Reveal()) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return !secret.IsZero()
}

func newXCa(key, secret idv.Sensitive) Scheme { return XCa(key.Reveal(), secret) }
