package assemble

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"maps"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/exchange"
)

// maxPEM is the largest file of certificates, in bytes; a system's bundle has some 200 KiB.
const maxPEM = 1 << 20

// contents are what stands in the files and behind the references of a network.
type contents struct {
	user, password    idv.Sensitive
	proxyCA, ca, cert string
	key               idv.Sensitive
}

func (c contents) equal(o contents) bool {
	return c.user.Equal(o.user) && c.password.Equal(o.password) && c.proxyCA == o.proxyCA && c.ca == o.ca && c.cert == o.cert && c.key.Equal(o.key)
}

// readNetwork reads the files of a network, and its references if there is a resolver. path
// is that of the network, for the faults.
func readNetwork(ctx context.Context, n config.Network, path string, secrets *Secrets) (c contents, err error) {
	var faults []error
	note := func(key string, err error) {
		if err != nil {
			faults = append(faults, pathFault(path+"."+key, err))
		}
	}
	for key, ref := range map[string]struct {
		from string
		to   *idv.Sensitive
	}{"proxy_user": {n.ProxyUser, &c.user}, "proxy_password": {n.ProxyPassword, &c.password}} {
		if ref.from != "" && secrets != nil {
			*ref.to, err = secrets.Resolve(ctx, ref.from)
			note(key, err)
		}
	}
	for key, file := range map[string]struct {
		from string
		to   *string
	}{"proxy_ca_file": {n.ProxyCAFile, &c.proxyCA}, "ca_file": {n.CAFile, &c.ca}, "cert_file": {n.CertFile, &c.cert}} {
		if file.from != "" {
			text, err := strictyaml.ReadFile(file.from, maxPEM)
			*file.to = string(text)
			note(key, err)
		}
	}
	if n.KeyFile != "" {
		c.key, err = config.Resolve("file:"+n.KeyFile, os.LookupEnv)
		note("key_file", err)
	}
	return c, errors.Join(faults...)
}

// network builds a network from its configuration and contents.
func (c contents) network(n config.Network, path string) (exchange.Network, error) {
	out := exchange.Network{ProxyURL: n.ProxyURL(), ProxyUser: c.user, ProxyPassword: c.password, Addresses: map[string][]netip.Addr{}}
	out.SourceAddress, _ = netip.ParseAddr(n.SourceAddress) // Validate parsed it, and those below
	for _, pin := range n.Pins {
		for _, text := range pin.Addresses {
			address, _ := netip.ParseAddr(text)
			out.Addresses[pin.Host] = append(out.Addresses[pin.Host], address)
		}
	}
	var faults []error
	note := func(key string, err error) {
		if err != nil {
			faults = append(faults, pathFault(path+"."+key, err))
		}
	}
	var err error
	if n.ProxyCAFile != "" {
		out.ProxyCAs, err = authorities(c.proxyCA)
		note("proxy_ca_file", err)
	}
	if n.CAFile != "" {
		out.RootCAs, err = authorities(c.ca)
		note("ca_file", err)
	}
	if n.CertFile != "" {
		out.Certificate, err = certificate(c.cert, c.key)
		note("cert_file", err)
	}
	return out, errors.Join(faults...)
}

// Way follows a configured network, whose files and secrets may change. It is not safe for
// concurrent use.
type Way struct {
	network config.Network
	path    string // of the network in the configuration, for the faults
	secrets *Secrets
	read    contents
	known   bool
}

// NewWay returns a way by a network that stands at a path of the configuration.
func NewWay(n config.Network, path string, secrets *Secrets) *Way {
	return &Way{network: n, path: path, secrets: secrets}
}

// Read reads the network and reports whether it has changed since it was last read.
func (w *Way) Read(ctx context.Context) (way exchange.Network, changed bool, err error) {
	read, err := readNetwork(ctx, w.network, w.path, w.secrets)
	if err != nil || w.known && read.equal(w.read) {
		return way, false, err
	}
	if way, err = read.network(w.network, w.path); err != nil {
		return way, false, err
	}
	w.read, w.known = read, true
	return way, true, nil
}

// authorities reads certificates. One that cannot be read is an error: the pool would miss
// it without a word.
func authorities(text string) (*x509.CertPool, error) {
	pool, n := x509.NewCertPool(), 0
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil {
			return nil, errors.New("holds a PEM block that is no certificate; remove it")
		}
		pool.AddCert(certificate)
		n++
	}
	if n == 0 {
		return nil, errors.New("holds no certificate; write them in PEM form, one after the other")
	}
	return pool, nil
}

// certificate reads a client certificate, which must be valid now. The errors of crypto/tls
// are dropped, since they may quote what stands in a file.
func certificate(text string, key idv.Sensitive) (*tls.Certificate, error) {
	pair, err := tls.X509KeyPair([]byte(text), []byte(key.Reveal()))
	if err != nil {
		return nil, errors.New("is no certificate in PEM form, or key_file does not hold its private key")
	}
	switch now := time.Now(); {
	case now.After(pair.Leaf.NotAfter):
		return nil, errors.New("the certificate expired at " + pair.Leaf.NotAfter.UTC().Format(time.RFC3339) + "; renew it")
	case now.Before(pair.Leaf.NotBefore):
		return nil, errors.New("the certificate is not valid before " + pair.Leaf.NotBefore.UTC().Format(time.RFC3339) + "; check the clock")
	}
	return &pair, nil
}

// checkNetworks reports what is wrong with the files of networks. It resolves no reference.
func checkNetworks(c *config.Config) error {
	networks := map[string]config.Network{}
	for i := range c.Providers {
		n, path := c.NetworkOf(i)
		networks[path] = n
	}
	for i, w := range c.Alerts.Webhooks {
		networks[strictyaml.At("alerts.webhooks", i)+".network"] = w.Network
	}
	for i, w := range c.Webhooks {
		networks[strictyaml.At("webhooks", i)+".network"] = w.Network
	}
	var faults []error
	for _, path := range slices.SortedFunc(maps.Keys(networks), strictyaml.ComparePaths) {
		_, _, err := NewWay(networks[path], path, nil).Read(context.Background())
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}
