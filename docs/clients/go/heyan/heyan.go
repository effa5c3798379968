// Package heyan is the Go client of heyan's REST API. It needs the standard library only.
//
// A [Client] repeats what may be repeated: a request that found heyan busy, or whose
// response was lost. Every try of a verification has the same idempotency key, so heyan
// makes at most one verification of them and charges for one.
//
// An error is an [*Error] that wraps one of: a [*Problem], by which heyan says why it did
// not process the request; a [*ResponseError], for a response that the API does not
// document; the error of the connection or of the context.
package heyan

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options configure a client.
type Options struct {
	BaseURL string    // of heyan, such as https://heyan.example.com:8080
	Key     Sensitive // the API key; empty if a client certificate authenticates the caller

	// HTTPClient gives the transport, for example one with authorities of your own or a client
	// certificate; nil is the transport of http.DefaultClient. Redirects are never followed.
	HTTPClient *http.Client

	Timeout    time.Duration // of a method with all its tries, beside the deadline of its context; 0 is 30 s
	TryTimeout time.Duration // of one try; 0 is 15 s

	// AllowPlainHTTP allows an http URL for a host that is not a loopback address, where a
	// proxy or mesh encrypts. Without it New refuses such a URL, since key and claims would
	// cross the network in clear.
	AllowPlainHTTP bool
}

// Client calls heyan. It is safe for concurrent use.
type Client struct {
	base       string
	key        Sensitive
	http       http.Client
	timeout    time.Duration
	tryTimeout time.Duration
}

// New returns a client. It sends nothing. The error says which option is wrong.
func New(o Options) (*Client, error) {
	base, err := checkURL(o.BaseURL, o.AllowPlainHTTP)
	if err != nil {
		return nil, err
	}
	if strings.ContainsFunc(o.Key.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("heyan: Key: has a space or a character that is not ASCII; remove it")
	}
	if o.Timeout < 0 || o.TryTimeout < 0 {
		return nil, errors.New("heyan: Timeout and TryTimeout must not be negative")
	}
	c := &Client{base: base, key: o.Key, timeout: o.Timeout, tryTimeout: o.TryTimeout}
	if o.HTTPClient != nil {
		c.http = *o.HTTPClient
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http.Timeout = 0
	if c.timeout == 0 {
		c.timeout = 30 * time.Second
	}
	if c.tryTimeout == 0 {
		c.tryTimeout = 15 * time.Second
	}
	return c, nil
}

// checkURL returns the base URL without a slash at its end. Errors do not repeat it, since
// it may hold a password.
func checkURL(text string, plain bool) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", errors.New("heyan: BaseURL: must be an https URL with a host, such as https://heyan.example.com:8080")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("heyan: BaseURL: must have no user, query or fragment; give the key as Key")
	}
	if u.Scheme == "http" && !plain && !loopback(u.Hostname()) {
		return "", errors.New("heyan: BaseURL: http would send the key in clear; use https, or set AllowPlainHTTP where a proxy or mesh encrypts")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
