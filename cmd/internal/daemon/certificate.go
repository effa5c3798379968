package daemon

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
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
	current atomic.Pointer[tls.Certificate]

	mu    sync.Mutex
	seen  [sha256.Size]byte // hash of what was read last
	fault string            // of the last reload, so that it is logged once
}

// openCertificate reads the certificate, nil if the configuration has none.
func openCertificate(t config.TLS, log *slog.Logger) (*certificate, error) {
	if t.Cert == "" {
		return nil, nil
	}
	pair, seen, err := readCertificate(t)
	if err != nil {
		return nil, err
	}
	c := &certificate{files: t, log: log, seen: seen}
	c.current.Store(pair)
	c.warn(pair)
	return c, nil
}

// readCertificate reads and checks the files. The errors show nothing of them.
func readCertificate(t config.TLS) (*tls.Certificate, [sha256.Size]byte, error) {
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
	return &pair, sha256.Sum256(bytes.Join([][]byte{cert, secret}, []byte{0})), nil
}

// reload takes the files if they changed. Files that cannot be used leave the certificate
// as it is, such as a new certificate whose key is not written yet.
func (c *certificate) reload() {
	c.mu.Lock()
	defer c.mu.Unlock()
	pair, seen, err := readCertificate(c.files)
	switch {
	case err != nil && err.Error() != c.fault:
		c.fault = err.Error()
		c.log.Error("certificate reload rejected", slog.Any("errors", faults(err)))
	case err == nil && seen != c.seen:
		c.seen, c.fault = seen, ""
		c.current.Store(pair)
		c.log.Info("certificate reloaded", slog.Time("expires", pair.Leaf.NotAfter))
		c.warn(pair)
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

// config returns the settings of a server. Go's defaults for cipher suites and curves are
// kept, since they follow what is found to be weak.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
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
