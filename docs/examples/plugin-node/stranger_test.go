package node

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"os/exec"
	"testing"
	"time"
)

// TestStrangers: the plugin accepts only the holder of the key of PLUGIN_CLIENT_CERT.
// Another process of the same user can find the socket, but gets no answer.
func TestStrangers(t *testing.T) {
	needNode(t)
	host, stranger := identity(t), identity(t)
	cmd := exec.CommandContext(t.Context(), "./mirrorcert")
	cmd.Env = hosted(t, host)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	socket := socketOf(t, output)
	tests := []struct {
		name    string
		present []tls.Certificate
		want    bool
	}{
		{"the host", []tls.Certificate{host}, true},
		{"no certificate", nil, false},
		{"another certificate", []tls.Certificate{stranger}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := greeted(t, socket, tt.present); got != tt.want {
				t.Errorf("let in: %v, want %v", got, tt.want)
			}
		})
	}
}

// greeted reports whether the plugin begins to speak HTTP/2 with a client.
func greeted(t *testing.T, socket string, present []tls.Certificate) bool {
	t.Helper()
	raw, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	conn := tls.Client(raw, &tls.Config{
		Certificates: present, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: true, // whom the plugin lets in is asked here, not who it is
	})
	_, err = conn.Read(make([]byte, 1))
	return err == nil
}

// identity makes a key and its certificate, as a host does for each start.
func identity(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
