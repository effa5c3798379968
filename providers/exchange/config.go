package exchange

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/heyan-id/heyan/providers/auth"
)

// Config configures an [Exchange]. BaseURL and Auth are required; the zero value of
// every other field means its default.
type Config struct {
	// BaseURL is scheme, host and optionally a path, to which the call's path is
	// appended. It must be https, since claims must not cross a network in clear;
	// plain http is accepted for loopback addresses.
	BaseURL string
	Auth    auth.Authenticator // authenticates each call; auth.None() for a vendor that needs no key

	Connect   time.Duration // limits name resolution, TCP, proxy and TLS together; 0 means 2 s
	FirstByte time.Duration // limits the time from the written request to the reply's head; 0 means 3 s
	Total     time.Duration // limits the whole call, including the wait for a connection; 0 means 5 s

	Network  Network // how the vendor is reached; [Exchange.SetNetwork] changes it
	MaxBody  int64   // bytes of a reply; 0 means 64 KiB, which is also the maximum
	MaxConns int     // open connections; 0 means 64
}

// The defaults. A vendor's reply has some 200 bytes and takes well under a second.
const (
	defaultConnect   = 2 * time.Second // TCP resends a lost first packet after 1 s
	defaultFirstByte = 3 * time.Second
	defaultTotal     = 5 * time.Second
	defaultMaxConns  = 64
	maxBody          = 64 << 10
)

// checked returns the configuration with defaults, the base URL without a trailing
// slash, and the proxy's URL. The error lists every fault by the name of its setting.
// It holds no value, since a URL can hold a password.
func (c Config) checked() (Config, *url.URL, *url.URL, error) {
	base, baseErr := parseBase(c.BaseURL)
	proxy, networkErr := c.Network.check(base)
	err := errors.Join(
		baseErr, networkErr,
		notNegative("connect", &c.Connect, defaultConnect),
		notNegative("first_byte", &c.FirstByte, defaultFirstByte),
		notNegative("total", &c.Total, defaultTotal),
		notNegative("max_body", &c.MaxBody, maxBody),
		notNegative("max_conns", &c.MaxConns, defaultMaxConns),
	)
	if c.MaxBody > maxBody {
		err = errors.Join(err, fmt.Errorf("max_body: must be at most %d bytes", maxBody))
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
	case err != nil || u.Hostname() == "" || u.Opaque != "" || !validHeader(u.Host):
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

// loopback reports whether a host is this machine. The dialer checks the resolved
// address again, since "localhost" is a name.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// plainPath reports whether a path is the same encoded and decoded, so that the
// signed path is the one that is sent.
func plainPath(path string) bool {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._~-"
	return strings.HasPrefix(path, "/") && strings.Trim(path, plain) == ""
}
