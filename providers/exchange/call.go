package exchange

import (
	"net/http"

	"github.com/heyan-id/heyan/providers"
)

// misfit returns what is wrong with a call that a codec made, "" if nothing. The
// sentences are constant; a call holds claims.
func misfit(c providers.Call) string {
	form, body := len(c.Form) > 0, !c.Body.IsZero()
	switch {
	case c.Method != http.MethodGet && c.Method != http.MethodPost:
		return "the adapter's method is neither GET nor POST"
	case !plainPath(c.Path):
		return "the adapter's path does not begin with / or holds more than letters, digits and / . _ ~ -"
	case form && body:
		return "the adapter gave both a form and a body"
	case c.Method == http.MethodGet && (form || body):
		return "the adapter gave a GET a body"
	case body && c.ContentType == "":
		return "the adapter gave a body without its content type"
	case !visible(c.Accept) || !visible(c.ContentType):
		return "the adapter gave a header that cannot be sent"
	}
	return ""
}

// visible reports whether a text can stand in a header: ASCII without controls.
func visible(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}
