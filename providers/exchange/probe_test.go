package exchange

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// listening is a TLS server that counts the bytes which follow a handshake.
type listening struct {
	net.Listener
	done sync.WaitGroup
	sent int64
}

func listenTLS(t *testing.T, certificate tls.Certificate) *listening {
	t.Helper()
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &listening{Listener: tls.NewListener(raw, &tls.Config{Certificates: []tls.Certificate{certificate}})}
	l.done.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n, _ := io.Copy(io.Discard, c)
			l.sent += n
			_ = c.Close()
		}
	})
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestProbe(t *testing.T) {
	t.Parallel()
	good, trusted := certify(t, "127.0.0.1", -time.Hour, 30*24*time.Hour)
	other, trustedOther := certify(t, "vendor.example", -time.Hour, time.Hour)
	old, trustedOld := certify(t, "127.0.0.1", -2*time.Hour, -time.Hour)
	for _, test := range []struct {
		name   string
		server tls.Certificate
		roots  *x509.CertPool
		phase  string
		detail string
	}{
		{"trusted", good, trusted, "", ""},
		{"unknown authority", good, trustedOther, "tls", "signed by an unknown authority"},
		{"another name", other, trustedOther, "tls", "is for another name"},
		{"expired", old, trustedOld, "tls", "has expired or is not valid yet"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := listenTLS(t, test.server)
			found, err := Probe(t.Context(), "https://"+l.Addr().String(), Network{RootCAs: test.roots}, time.Minute)
			_ = l.Close()
			l.done.Wait()
			if l.sent != 0 {
				t.Errorf("%d bytes of a request were sent, want none", l.sent)
			}
			if test.phase == "" {
				if want := leaf(t, test.server).NotAfter; err != nil || !found.Certificate.Equal(want) || found.Host != "127.0.0.1" {
					t.Errorf("%+v, %v, want a certificate until %v", found, err, want)
				}
				return
			}
			var e *idv.Error
			if !errors.As(err, &e) || e.Phase != test.phase || !strings.Contains(e.Detail, test.detail) || e.Delivery != idv.NotSent {
				t.Errorf("%+v, want phase %s and %q", err, test.phase, test.detail)
			}
		})
	}
}

// TestProbeOfNothing: what is not there is told by its phase, and what is no address by its setting.
func TestProbeOfNothing(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	var e *idv.Error
	if _, err := Probe(t.Context(), "https://"+l.Addr().String(), Network{}, time.Minute); !errors.As(err, &e) || e.Phase != "connect" {
		t.Errorf("a closed port: %+v, want the phase connect", err)
	}
	if _, err := Probe(t.Context(), "vendor", Network{}, 0); err == nil || !strings.HasPrefix(err.Error(), "base_url") {
		t.Errorf("no URL: %v, want a fault of base_url", err)
	}
	if _, err := Probe(t.Context(), "https://127.0.0.1", Network{ProxyURL: "ftp://x"}, 0); err == nil || !strings.HasPrefix(err.Error(), "proxy_url") {
		t.Errorf("no proxy: %v, want a fault of proxy_url", err)
	}
}
