package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"log/slog"
	"math/big"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/access"
)

// authority issues client certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{}
	a.cert, a.key = issue(t, authority{}, func(c *x509.Certificate) {
		c.Subject, c.IsCA, c.BasicConstraintsValid, c.KeyUsage = pkix.Name{CommonName: "authority"}, true, true, x509.KeyUsageCertSign
	})
	return a
}

func (a authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// issue returns a certificate of an authority, or its own.
func issue(t *testing.T, a authority, change func(*x509.Certificate)) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "shop", Organization: []string{"Acme"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	change(c)
	if a.key == nil {
		a = authority{c, key}
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return made, key
}

// TestCertificates: who a client certificate is, and which are refused, with the same answer.
func TestCertificates(t *testing.T) {
	t.Parallel()
	ours, foreign := newAuthority(t), newAuthority(t)
	spiffe := func(uris ...string) func(*x509.Certificate) {
		return func(c *x509.Certificate) {
			for _, text := range uris {
				u, err := url.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				c.URIs = append(c.URIs, u)
			}
			c.Subject = pkix.Name{}
		}
	}
	same := func(*x509.Certificate) {}
	var pool atomic.Pointer[x509.CertPool]
	pool.Store(ours.pool())
	var log locked
	c, err := auth.NewCallers(auth.Options{
		Issuer: auth.Issuer{Store: memory.New(0), Keyring: enginetest.Keyring(t)}, ClientCA: pool.Load, Log: slog.New(slog.NewJSONHandler(&log, nil)),
		Certificates: []auth.Certificate{
			{Name: "shop", Subject: "CN=shop,O=Acme", Tenant: "acme", Apps: []string{"web"}, Scopes: []access.Scope{access.Verify}},
			{Name: "mesh", SPIFFE: "spiffe://prod/shop", Tenant: "bank", Scopes: []access.Scope{access.Read}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ask := func(cert *x509.Certificate, header string) (access.Principal, error) {
		r := request(header, "192.0.2.1:1")
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}
		return c.Authenticate(r)
	}
	shop, _ := issue(t, ours, same)
	for _, tt := range []struct {
		name   string
		of     authority
		change func(*x509.Certificate)
		key    string
		reason access.Refusal
	}{
		{"by subject", ours, same, "mtls:shop", ""},
		{"by SPIFFE id", ours, spiffe("spiffe://prod/shop"), "mtls:mesh", ""},
		{"of two URIs", ours, spiffe("spiffe://prod/shop", "spiffe://prod/other"), "", access.Unknown},
		{"of another SPIFFE id", ours, spiffe("spiffe://prod/shop/x"), "", access.Unknown},
		{"another subject", ours, func(c *x509.Certificate) { c.Subject.CommonName = "shop2" }, "", access.Unknown},
		{"of another authority", foreign, same, "", access.WrongSignature},
		{"of itself", authority{}, same, "", access.WrongSignature},
		{"for servers", ours, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, "", access.WrongSignature},
		{"expired", ours, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Second) }, "", access.Expired},
		{"not valid yet", ours, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }, "", access.NotYetValid},
	} {
		cert, _ := issue(t, tt.of, tt.change)
		for range 2 { // the second is known
			p, err := ask(cert, "")
			if p.Key != tt.key || (err == nil) != (tt.reason == "") || err != nil && !errors.Is(err, auth.ErrUnauthenticated) {
				t.Errorf("%s: got %+v, %v", tt.name, p, err)
			}
		}
		if tt.reason != "" && !strings.Contains(log.String(), `"reason":"`+string(tt.reason)) {
			t.Errorf("%s: logged %s, want %s", tt.name, log.String(), tt.reason)
		}
	}
	if _, err := ask(shop, "Bearer nonsense"); err == nil {
		t.Error("a wrong key is made good by a certificate")
	}
	if p, err := ask(shop, ""); err != nil || p.Tenant != "acme" || p.Apps[0] != "web" || !p.May(access.Verify) || p.May(access.Read) {
		t.Errorf("got %+v, %v", p, err)
	}
	pool.Store(foreign.pool())
	if _, err := ask(shop, ""); err == nil {
		t.Error("a connection that is older than the authorities still authenticates")
	}
}
