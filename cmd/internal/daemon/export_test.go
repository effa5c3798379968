package daemon

import (
	"testing"

	"github.com/heyan-id/heyan/config"
)

// TLSFiles writes a certificate and its key, for tests from outside.
func TLSFiles(t *testing.T) config.TLS {
	t.Helper()
	files := tlsFiles(t)
	writeCertificate(t, files, 1)
	return files
}
