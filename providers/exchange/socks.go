package exchange

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
)

// schemeSOCKS is the scheme of a SOCKS5 proxy's URL. The proxy resolves the vendor's name.
const schemeSOCKS = "socks5"

// The words of SOCKS5 (RFC 1928 and 1929) that are used here.
const (
	socksVersion   = 5
	socksPlain     = 0 // no authentication
	socksPassword  = 2
	socksConnect   = 1
	socksIPv4      = 1
	socksName      = 3
	socksIPv6      = 4
	socksGranted   = 0
	socksForbidden = 2 // by the proxy's rules
)

var errSOCKS = proxyError("the proxy does not speak SOCKS5")

// socks asks a SOCKS5 proxy to connect to the vendor. The library for it reports a refusal
// as text only, which must not decide anything.
func (d *dialer) socks(conn net.Conn, target string) error {
	if err := d.greet(conn); err != nil {
		return err
	}
	request, err := socksRequest(target)
	if err != nil {
		return err
	}
	if _, err := conn.Write(request); err != nil {
		return err
	}
	var head [4]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return err
	}
	switch {
	case head[0] != socksVersion:
		return errSOCKS
	case head[1] == socksForbidden:
		return errForbidden
	case head[1] != socksGranted:
		return errUnreached
	}
	return skipAddress(conn, head[3])
}

// greet agrees on how to authenticate, and does so.
func (d *dialer) greet(conn net.Conn) error {
	method := byte(socksPlain)
	if !d.network.ProxyUser.IsZero() {
		method = socksPassword
	}
	if _, err := conn.Write([]byte{socksVersion, 1, method}); err != nil {
		return err
	}
	var reply [2]byte
	if _, err := io.ReadFull(conn, reply[:]); err != nil {
		return err
	}
	switch {
	case reply[0] != socksVersion:
		return errSOCKS
	case reply[1] != method:
		return errCredentials
	case method == socksPlain:
		return nil
	}
	user, password := d.network.ProxyUser.Reveal(), d.network.ProxyPassword.Reveal()
	message := append([]byte{1, byte(len(user))}, user...)
	message = append(append(message, byte(len(password))), password...)
	if _, err := conn.Write(message); err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, reply[:]); err != nil {
		return err
	}
	if reply[1] != 0 {
		return errCredentials
	}
	return nil
}

// socksRequest is the request for a connection to host:port.
func socksRequest(target string) ([]byte, error) {
	host, text, err := net.SplitHostPort(target)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || len(host) > 255 {
		return nil, errors.New("the vendor's address cannot be sent to a SOCKS5 proxy")
	}
	request := []byte{socksVersion, socksConnect, 0}
	ip, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		request = append(append(request, socksName, byte(len(host))), host...)
	case ip.Is4():
		request = append(append(request, socksIPv4), ip.AsSlice()...)
	default:
		request = append(append(request, socksIPv6), ip.AsSlice()...)
	}
	return binary.BigEndian.AppendUint16(request, uint16(port)), nil
}

// skipAddress reads the address that the proxy connects from, byte for byte, since what
// follows belongs to the vendor.
func skipAddress(conn net.Conn, kind byte) error {
	length := 0
	switch kind {
	case socksIPv4:
		length = 4
	case socksIPv6:
		length = 16
	case socksName:
		var n [1]byte
		if _, err := io.ReadFull(conn, n[:]); err != nil {
			return err
		}
		length = int(n[0])
	default:
		return errSOCKS
	}
	_, err := io.ReadFull(conn, make([]byte, length+2))
	return err
}
