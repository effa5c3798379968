package config

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

const wantListener = "must be host:port, such as 127.0.0.1:8080; port 0 takes any free one"

// listener returns what is wrong with a listen address, or "".
func listener(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return wantListener
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return wantListener
	}
	return ""
}

// anyPort reports whether the system chooses the port.
func anyPort(address string) bool {
	_, port, _ := net.SplitHostPort(address)
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n == 0
}

// Loopback reports whether only this machine reaches a listen address.
func Loopback(address string) bool { return loopbackListener(address) }

// loopbackListener reports whether only this machine reaches the address. An
// empty host means every address of the machine and is none.
func loopbackListener(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && loopback(host)
}

// loopback reports whether a host is this machine. Of names only localhost is
// taken for it: any other may resolve to anything tomorrow.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// plain says where http without TLS is accepted.
type plain func(host string) bool

func plainAnywhere(string) bool { return true }

// urlFault returns what is wrong with the URL of a service, or "". Userinfo and
// query are refused because secrets would stand in them; a fragment is never
// sent.
func urlFault(text string, mayBePlain plain) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return "must be a URL that begins with https:// and a host"
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return "must hold no user, query or fragment; a secret belongs into a setting of its own"
	case u.Scheme == "http" && !mayBePlain(u.Hostname()):
		return "must begin with https://; http:// is accepted for loopback addresses only, since names and numbers would travel in clear"
	}
	return ""
}
