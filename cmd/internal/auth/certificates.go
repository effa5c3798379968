package auth

import (
	"crypto/sha256"
	"crypto/x509"
	"net/http"
	"net/netip"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

// Certificate says what the client certificates of one subject may do. One of Subject and
// SPIFFE is set.
type Certificate struct {
	Name    string // what logs and limits call the caller
	Subject string // the distinguished name as RFC 2253 writes it, as CN=shop,O=Acme
	SPIFFE  string // the URI of a SPIFFE id
	Tenant  idv.Tenant
	Apps    []string // that it may name; any if empty
	Scopes  []access.Scope
}

// verified is a token or certificate that was verified, as long as it is.
type verified struct {
	sum       string // ristretto compares hashes of keys only
	by        any    // the key set or pool that it was verified with: a pointer
	until     time.Time
	principal access.Principal
}

// verified returns the principal of what was verified before with the same keys.
func (c *Callers) verified(sum string, by any) (access.Principal, bool) {
	kept, ok := c.cache.Get(sum)
	if !ok || kept.sum != sum || kept.by != by || !time.Now().Before(kept.until) {
		return access.Principal{}, false
	}
	return kept.principal, true
}

// certificate returns the principal of a client certificate. The TLS server has verified it at
// the handshake; the connection may be older than the authorities that count now.
func (c *Callers) certificate(r *http.Request, from netip.Addr) (p access.Principal, id string, refusal access.Refusal) {
	if c.options.ClientCA == nil || r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return p, "", access.NoKey
	}
	chain, pool := r.TLS.PeerCertificates, c.options.ClientCA()
	sum := sha256.Sum256(chain[0].Raw)
	if p, ok := c.verified(string(sum[:]), pool); ok {
		return p, p.Key, ""
	}
	if !c.options.Refusals.mayLook(from) {
		return p, "", access.RateLimited
	}
	until, refusal := verifyChain(chain, pool)
	if refusal != "" {
		return p, "", refusal
	}
	for i := range c.options.Certificates {
		if one := &c.options.Certificates[i]; one.matches(chain[0]) {
			p = access.Principal{Tenant: one.Tenant, Apps: one.Apps, Key: "mtls:" + one.Name, Scopes: one.Scopes}
			c.cache.Set(string(sum[:]), verified{string(sum[:]), pool, until, p}, 1)
			return p, p.Key, ""
		}
	}
	return p, "", access.Unknown
}

// verifyChain returns the time until which a chain is valid.
func verifyChain(chain []*x509.Certificate, pool *x509.CertPool) (time.Time, access.Refusal) {
	intermediates := x509.NewCertPool()
	for _, one := range chain[1:] {
		intermediates.AddCert(one)
	}
	now := time.Now()
	found, err := chain[0].Verify(x509.VerifyOptions{
		Roots: pool, Intermediates: intermediates, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	switch {
	case now.After(chain[0].NotAfter):
		return time.Time{}, access.Expired
	case now.Before(chain[0].NotBefore):
		return time.Time{}, access.NotYetValid
	case err != nil:
		return time.Time{}, access.WrongSignature
	}
	until := chain[0].NotAfter
	for _, one := range found[0] {
		if one.NotAfter.Before(until) {
			until = one.NotAfter
		}
	}
	return until, ""
}

// matches reports whether the entry is that of a certificate. One with several URIs is no
// SPIFFE id, by its standard.
func (c *Certificate) matches(leaf *x509.Certificate) bool {
	if c.SPIFFE != "" {
		return len(leaf.URIs) == 1 && leaf.URIs[0].String() == c.SPIFFE
	}
	return c.Subject != "" && leaf.Subject.String() == c.Subject
}
