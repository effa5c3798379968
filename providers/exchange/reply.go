package exchange

import (
	"net/http"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// encoded reports whether a reply's body has a coding on it. It is never undone:
// 50 KB of it can be 50 MB of zeros.
func encoded(h http.Header) bool {
	for _, encoding := range h.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return true
		}
	}
	return false
}

// kept returns the headers that a codec may see. X-Ca-Error-Message can repeat a
// name and a number (a refused signature is answered with the string that was
// signed): it is for classification, and belongs in no error and no log.
func kept(from http.Header) http.Header {
	to := http.Header{}
	for _, name := range []string{
		"Content-Type", "Retry-After", "X-Ca-Request-Id", "X-Ca-Error-Code", "X-Ca-Error-Message",
	} {
		if values := from.Values(name); len(values) > 0 {
			to[http.CanonicalHeaderKey(name)] = values
		}
	}
	return to
}

// reference returns the gateway's id of the call if it is plain and repeats
// nothing of the call, else "".
func reference(h http.Header, c providers.Call) string {
	ref := providers.SafeRef(h.Get("X-Ca-Request-Id"), idv.Subject{})
	if ref == "" || echoes(c, ref) {
		return ""
	}
	return ref
}
