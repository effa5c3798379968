package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// Settings are an adapter's settings by name. They print, log and marshal with
// their values masked, because a secret may stand where its reference belongs;
// index the map to read one.
type Settings map[string]string

// Format writes the names with the values masked, for every verb.
func (s Settings) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.shown()) }

// LogValue returns the names with the values masked.
func (s Settings) LogValue() slog.Value { return slog.AnyValue(s.shown()) }

// MarshalJSON returns the names with the values masked.
func (s Settings) MarshalJSON() ([]byte, error) { return json.Marshal(s.shown()) }

func (s Settings) shown() map[string]string {
	out := make(map[string]string, len(s))
	for name, value := range s {
		out[strictyaml.SafeKey(name)] = showSetting(value)
	}
	return out
}

// showSetting returns what may be seen of a setting. Whether it is a secret is
// not known here, so only what cannot be one is shown: a reference, and scheme
// and host of a URL.
func showSetting(value string) string {
	if IsReference(value) {
		return value
	}
	return showURL(value)
}

// showProxy returns what may be seen of a proxy: scheme, host and port.
func showProxy(value string) string {
	if value == "" || value == ProxyDirect || proxyFault(value) == "" {
		return value
	}
	return strictyaml.Masked
}

// showURL returns scheme and host of a URL, and "/***" for anything after them.
// User, path and query may hold a token.
func showURL(value string) string {
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return strictyaml.Masked
	}
	bare := u.Scheme + "://" + u.Host
	if value == bare {
		return bare
	}
	return bare + "/" + strictyaml.Masked
}
