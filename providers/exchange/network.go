package exchange

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Network says how an [Exchange] reaches its vendor. The zero value connects directly,
// from any address of this machine, and trusts the system's certificate authorities. It is
// the only source: a proxy of the environment is ignored.
type Network struct {
	// ProxyURL is the proxy: http://host:port or https://host:port, which gets a CONNECT, or
	// socks5://host:port. It sees the vendor's host and encrypted bytes, never a claim.
	ProxyURL string
	// ProxyUser and ProxyPassword authenticate to the proxy, by the Basic scheme or by RFC
	// 1929. Either both are set or neither.
	ProxyUser, ProxyPassword idv.Sensitive
	// ProxyCAs sign the certificate of an https proxy; nil means the system's.
	ProxyCAs *x509.CertPool

	// RootCAs sign the vendor's certificate, in place of the system's authorities; nil means
	// the system's.
	RootCAs *x509.CertPool
	// Certificate is presented to a vendor that asks for one; nil means none. Its Leaf is set.
	// The proxy never gets it.
	Certificate *tls.Certificate

	// SourceAddress is the address of this machine that connections come from; the zero
	// value leaves the choice to the system.
	SourceAddress netip.Addr
	// Addresses are used for a host in place of those that name resolution finds, in their
	// order. The host's name, in small letters, is still the one that TLS verifies.
	Addresses map[string][]netip.Addr
}

// check returns the proxy's URL and every fault of the network by the name of its setting.
func (n Network) check(base *url.URL) (*url.URL, error) {
	proxy, err := parseProxy(n.ProxyURL, base)
	switch user, password := !n.ProxyUser.IsZero(), !n.ProxyPassword.IsZero(); {
	case user != password:
		err = errors.Join(err, errors.New("proxy_password: the proxy's user and password go together; give both or neither"))
	case user && n.ProxyURL == "":
		err = errors.Join(err, errors.New("proxy_user: has no effect without a proxy"))
	case user && !fitsProxy(n.ProxyUser.Reveal(), n.ProxyPassword.Reveal()):
		err = errors.Join(err, errors.New("proxy_user: user and password must have 1 to 255 bytes each, without control characters; the user must have no colon"))
	}
	if n.Certificate != nil && n.Certificate.Leaf == nil {
		err = errors.Join(err, errors.New("certificate: has no parsed leaf; load it with tls.X509KeyPair"))
	}
	for _, addresses := range n.Addresses {
		if len(addresses) == 0 {
			err = errors.Join(err, errors.New("addresses: a host has none; give at least one or leave the host out"))
		}
	}
	return proxy, err
}

// fitsProxy reports whether a user and a password can be sent: RFC 1929 limits their
// length, RFC 7617 forbids control characters, and a colon ends the user.
func fitsProxy(user, password string) bool {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	return user != "" && password != "" && len(user) <= 255 && len(password) <= 255 &&
		!strings.ContainsFunc(user+password, control) && !strings.Contains(user, ":")
}

func parseProxy(text string, base *url.URL) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || strings.Contains(text, "#"):
		return nil, errors.New("proxy_url: not a proxy URL; write http://host:port, https://host:port or socks5://host:port")
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != schemeSOCKS:
		return nil, errors.New("proxy_url: must begin with http://, https:// or socks5://")
	case u.User != nil:
		return nil, errors.New("proxy_url: holds a user or password; give them as proxy_user and proxy_password")
	case base != nil && base.Scheme == "http":
		return nil, errors.New("proxy_url: the proxy would see the calls in clear; use an https base_url or no proxy")
	}
	return u, nil
}

// expired reports whether the client certificate is outside of its time. A vendor would
// refuse it, with TLS 1.3 only after the request was sent.
func (n Network) expired(now time.Time) bool {
	return n.Certificate != nil && (now.Before(n.Certificate.Leaf.NotBefore) || now.After(n.Certificate.Leaf.NotAfter))
}

// SetNetwork makes new connections by n. Calls in flight complete on theirs; parked
// connections are closed. The error lists every fault by its setting's name; the network
// is not changed then.
func (x *Exchange) SetNetwork(n Network) error {
	proxy, err := n.check(x.base)
	if err != nil {
		return err
	}
	x.dialer.Store(newDialer(n, x.base, proxy, x.limit))
	x.pool.renew()
	return nil
}
