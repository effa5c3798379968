package daemon

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/strictyaml"
)

// certificateEvery is how often the files of the certificate are read. A watch of the
// folder would miss some ways in which orchestrators replace files.
const certificateEvery = 5 * time.Second

// certificate is the daemon's certificate, read again when its files change. Connections
// keep the one that they began with.
type certificate struct {
	files   config.TLS
	log     *slog.Logger
	current atomic.Pointer[identityFiles]

	mu    sync.Mutex
	seen  [sha256.Size]byte // hash of what was read last
	fault string            // of the last reload, so that it is logged once
}

// identityFiles is what the files hold: the certificate, and the authorities of client
// certificates.
type identityFiles struct {
	pair     *tls.Certificate
	clientCA *x509.CertPool // nil without tls.client_ca
	settings *tls.Config
}

// openCertificate reads the certificate, nil if the configuration has none.
func openCertificate(t config.TLS, log *slog.Logger) (*certificate, error) {
	if t.Cert == "" {
		return nil, nil
	}
	read, seen, err := readCertificate(t)
	if err != nil {
		return nil, err
	}
	c := &certificate{files: t, log: log, seen: seen}
	c.current.Store(read)
	c.warn(read.pair)
	return c, nil
}

// readCertificate reads and checks the files. The errors show nothing of them.
func readCertificate(t config.TLS) (*identityFiles, [sha256.Size]byte, error) {
	fault := func(path string, text string) error { return strictyaml.Faults{{Path: path, Text: text}} }
	var none [sha256.Size]byte
	cert, err := os.ReadFile(t.Cert)
	if err != nil {
		return nil, none, fault("tls.cert", strictyaml.Cause(err).Error())
	}
	key, err := config.Resolve("file:"+t.Key, os.LookupEnv)
	if err != nil {
		return nil, none, fault("tls.key", err.Error())
	}
	secret := revealKey(key)
	pair, err := tls.X509KeyPair(cert, secret)
	if err != nil {
		return nil, none, fault("tls.cert", "and tls.key are no PEM certificate with its private key; give the chain, the leaf first, and the key of the leaf")
	}
	read := &identityFiles{pair: &pair}
	var authorities []byte
	if t.ClientCA != "" {
		if authorities, err = os.ReadFile(t.ClientCA); err != nil {
			return nil, none, fault("tls.client_ca", strictyaml.Cause(err).Error())
		}
		if read.clientCA = x509.NewCertPool(); !read.clientCA.AppendCertsFromPEM(authorities) {
			return nil, none, fault("tls.client_ca", "holds no certificate; write those of the authorities in PEM form, one after the other")
		}
	}
	read.settings = read.server()
	return read, sha256.Sum256(bytes.Join([][]byte{cert, secret, authorities}, []byte{0})), nil
}

// server returns the settings of new connections. Go's defaults for cipher suites and curves
// are kept, since they follow what is found to be weak. A client without a certificate is let
// in, since it may have a key.
func (i *identityFiles) server() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*i.pair}, NextProtos: []string{"h2", "http/1.1"}}
	if i.clientCA != nil {
		c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, i.clientCA
	}
	return c
}

// reload takes the files if they changed. Files that cannot be used leave the certificate
// as it is, such as a new certificate whose key is not written yet.
func (c *certificate) reload() {
	c.mu.Lock()
	defer c.mu.Unlock()
	read, seen, err := readCertificate(c.files)
	switch {
	case err != nil && err.Error() != c.fault:
		c.fault = err.Error()
		c.log.Error("certificate reload rejected", slog.Any("errors", faults(err)))
	case err == nil && seen != c.seen:
		c.seen, c.fault = seen, ""
		c.current.Store(read)
		c.log.Info("certificate reloaded", slog.Time("expires", read.pair.Leaf.NotAfter))
		c.warn(read.pair)
	case err == nil:
		c.fault = ""
	}
}

func (c *certificate) warn(pair *tls.Certificate) {
	if time.Now().After(pair.Leaf.NotAfter) {
		c.log.Warn("the certificate has expired; clients refuse it", slog.Time("expires", pair.Leaf.NotAfter))
	}
}

// follow reads the certificate from other files.
func (c *certificate) follow(t config.TLS) {
	c.mu.Lock()
	c.files = t
	c.mu.Unlock()
	c.reload()
}

// watch reloads until ctx is done.
func (c *certificate) watch(ctx context.Context) {
	ticker := time.NewTicker(certificateEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.reload()
		case <-ctx.Done():
			return
		}
	}
}

// clientCA returns the authorities of client certificates that count now.
func (c *certificate) clientCA() *x509.CertPool { return c.current.Load().clientCA }

// config returns the settings of a server, whose connections get what the files hold when they
// begin.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetCertificate:     func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load().pair, nil },
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current.Load().settings, nil },
	}
}

// checkCertificate reports what is wrong with the files of the certificate.
func checkCertificate(t config.TLS) error {
	if t.Cert == "" {
		return nil
	}
	_, _, err := readCertificate(t)
	return err
}
