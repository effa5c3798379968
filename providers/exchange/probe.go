package exchange

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/url"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Reached is what a [Probe] found behind an address.
type Reached struct {
	Host        string    // of the vendor
	Certificate time.Time // the end of the chain's shortest certificate; zero without TLS
}

// Probe connects to a vendor as an [Exchange] does, through the proxy and with the
// certificate of the network, and closes the connection after the TLS handshake. It sends
// no request, so nothing can be billed. limit bounds it beside ctx; 0 means 2 s.
//
// A fault of the address or the network is an error by the setting's name. A vendor that is
// not reached is an *idv.Error with the phase (dns, connect, tls) and a constant sentence.
func Probe(ctx context.Context, baseURL string, n Network, limit time.Duration) (Reached, error) {
	base, err := parseBase(baseURL)
	if err != nil {
		return Reached{}, err
	}
	proxy, err := n.check(base)
	if err != nil {
		return Reached{}, err
	}
	limit = cmp.Or(limit, defaultConnect)
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	found := Reached{Host: base.Hostname()}
	p := &progress{caller: ctx, limited: limited, phase: phaseConnect}
	c, err := newDialer(n, base, proxy, limit).dial(p)
	if err != nil {
		return found, p.probed(err, base, proxy)
	}
	defer c.close()
	if secure, ok := c.stream.(*tls.Conn); ok {
		found.Certificate = shortest(secure.ConnectionState().VerifiedChains)
	}
	return found, nil
}

// probed returns why a connection failed. It says of a certificate what is wrong with it,
// which the error of a call leaves to this one.
func (p *progress) probed(err error, base, proxy *url.URL) *idv.Error {
	e := p.classify(err)
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	owner := "the vendor's certificate"
	if p.phase != phaseTLS && proxy != nil && base.Scheme == "https" {
		owner = "the proxy's certificate"
	}
	switch {
	case errors.As(err, &name):
		e.Detail = owner + " is for another name"
	case errors.As(err, &authority):
		e.Detail = owner + " is signed by an unknown authority"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		e.Detail = owner + " has expired or is not valid yet, by the clock of this machine"
	}
	return e
}

// shortest returns when the first certificate of the best chain ends.
func shortest(chains [][]*x509.Certificate) (end time.Time) {
	for _, chain := range chains {
		var until time.Time
		for _, c := range chain {
			if until.IsZero() || c.NotAfter.Before(until) {
				until = c.NotAfter
			}
		}
		if until.After(end) {
			end = until
		}
	}
	return end
}
