package exchange

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/heyan-id/heyan/providers/auth"
)

// Config says whom to call and how long to wait. The zero value of every field
// but BaseURL and Scheme is a sensible choice.
type Config struct {
	// BaseURL is scheme, host and perhaps a path, to which a call's path is added.
	// Only https is taken, and plain http for loopback addresses: a person's number
	// must not cross a network in clear.
	BaseURL string
	Auth    auth.Authenticator // signs each call; auth.None() if the vendor wants no key

	Connect   time.Duration // for name look-up, TCP, proxy and TLS together; 0 means 2 s
	FirstByte time.Duration // from the request written to the reply's header read; 0 means 3 s
	Total     time.Duration // for the whole call, waiting for a connection included; 0 means 5 s

	// ProxyURL is the only proxy that is used; the environment's is not. It may be
	// http or https, is asked to CONNECT, and sees the vendor's host and nothing else.
	ProxyURL string
	RootCAs  *x509.CertPool // nil means the system's
	MaxBody  int64          // bytes of a reply; 0 means 64 KiB, which is also the most
	MaxConns int            // connections at a time; 0 means 64
}

// The defaults. A vendor's answer is some 200 bytes and comes in well under a
// second; a caller who waits longer than five has gone away.
const (
	defaultConnect   = 2 * time.Second // a lost first packet is sent again after one
	defaultFirstByte = 3 * time.Second
	defaultTotal     = 5 * time.Second
	defaultMaxConns  = 64
	maxBody          = 64 << 10
)

// checked returns the configuration with its defaults, and the base URL without a
// trailing slash. The error lists every fault by the setting's name, and no value:
// a URL can hold a password.
func (c Config) checked() (Config, *url.URL, *url.URL, error) {
	base, baseErr := parseBase(c.BaseURL)
	proxy, proxyErr := parseProxy(c.ProxyURL, base)
	err := errors.Join(
		baseErr, proxyErr,
		notNegative("connect", &c.Connect, defaultConnect),
		notNegative("first_byte", &c.FirstByte, defaultFirstByte),
		notNegative("total", &c.Total, defaultTotal),
		notNegative("max_body", &c.MaxBody, maxBody),
		notNegative("max_conns", &c.MaxConns, defaultMaxConns),
	)
	if c.MaxBody > maxBody {
		err = errors.Join(err, fmt.Errorf("max_body: at most %d bytes; a longer answer is not an answer", maxBody))
	}
	if c.Auth == nil {
		err = errors.Join(err, errors.New("auth: missing; use auth.None() for a vendor that needs no key"))
	}
	return c, base, proxy, err
}

func notNegative[T ~int | ~int64](setting string, v *T, standard T) error {
	if *v < 0 {
		return fmt.Errorf("%s: must not be negative; leave it out for the default", setting)
	}
	if *v == 0 {
		*v = standard
	}
	return nil
}

func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "" || !visible(u.Host):
		return nil, errors.New("base_url: not a URL; write https://host or https://host/path")
	case u.User != nil:
		return nil, errors.New("base_url: holds a user or password; keys belong in auth")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return nil, errors.New("base_url: holds a query or fragment; write scheme, host and path only")
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return nil, errors.New("base_url: must begin with https:// (http:// is for loopback addresses only)")
	}
	path := strings.TrimRight(u.Path, "/")
	if path != "" && !plainPath(path) {
		return nil, errors.New("base_url: the path may hold letters, digits and / . _ ~ - only")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}, nil
}

func parseProxy(text string, base *url.URL) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "":
		return nil, errors.New("proxy_url: not a proxy; write http://host:port or https://host:port")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("proxy_url: must begin with http:// or https://")
	case u.User != nil:
		return nil, errors.New("proxy_url: holds a user or password; use a proxy that knows this host by its address")
	case base != nil && base.Scheme == "http":
		return nil, errors.New("proxy_url: would see the calls in clear; use an https base_url, or no proxy")
	}
	return u, nil
}

// loopback reports whether a host never leaves this machine. The dialer checks
// the address again, since "localhost" is only a name.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// plainPath reports whether a path reads the same encoded and decoded, so that
// what is signed is what is sent.
func plainPath(path string) bool {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._~-"
	return strings.HasPrefix(path, "/") && strings.Trim(path, plain) == ""
}
