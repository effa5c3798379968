package plugins

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"

	"github.com/hashicorp/go-plugin"
)

// The environment of a plugin, beside what go-plugin itself sets. docs/plugin-protocol.md
// tells authors in other languages what each is for.
const (
	// cookieKey and cookieValue tell a plugin that heyan started it rather than a person
	// at a terminal. They are not secret, and the same for all versions of the protocol, so
	// that a plugin of another version starts and announces its version.
	cookieKey   = "HEYAN_PLUGIN"
	cookieValue = "heyan.provider.v1"
	// envLifeline, set to "stdin", says that the end of standard input means the end of
	// the host, which holds the other end open while it lives.
	envLifeline = "HEYAN_PLUGIN_LIFELINE"
	// envFolder is the directory of the configured path, for scripts, which run from a
	// copy.
	envFolder = "HEYAN_PLUGIN_DIR"
)

// serviceName is the name of the one service in go-plugin.
const serviceName = "provider"

// protocolVersion is the version of plugins/proto/heyan/provider/v2. New fields do not
// change it. Another version gets a directory and a number of its own.
const protocolVersion = 2

func handshake() plugin.HandshakeConfig {
	return plugin.HandshakeConfig{MagicCookieKey: cookieKey, MagicCookieValue: cookieValue}
}

// Methods of go-plugin's own services. Its Go client opens them with unbounded
// queues, so the host calls the two that it needs by name.
const (
	methodShutdown = "/plugin.GRPCController/Shutdown"
	methodStdio    = "/plugin.GRPCStdio/StreamStdio"
)

// envClientCert is the variable in which go-plugin's automatic TLS passes the host's
// certificate to the plugin, which answers with its own in the handshake.
const envClientCert = "PLUGIN_CLIENT_CERT"

// hostCertificate makes the host's certificate for one start, as go-plugin's AutoMTLS
// does, but on P-256 instead of P-521, which saves a fifth of a restart. The key lives
// no longer than the process that it talks to. It returns the client's TLS
// configuration and the certificate in PEM.
func hostCertificate() (*tls.Config, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, "", err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, "", err
	}
	const host = "localhost" // the name that go-plugin's servers have
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, SerialNumber: serial,
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().AddDate(30, 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		IsCA:        true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, "", err
	}
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		MinVersion:   tls.VersionTLS12, ServerName: host,
	}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}
