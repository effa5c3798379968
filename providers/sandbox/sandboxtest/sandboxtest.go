// Package sandboxtest starts a sandbox for a test. It is separate from package
// sandbox so that programs do not link package testing.
package sandboxtest

import (
	"context"
	"testing"
	"time"

	"github.com/heyan-id/heyan/providers/sandbox"
)

// closeWithin limits the closing at the end of a test.
const closeWithin = 10 * time.Second

// Start starts a sandbox and closes it at the end of the test. It fails the test on an
// error. The zero Config means the vendors idcert-a and idcert-b.
func Start(tb testing.TB, cfg sandbox.Config) *sandbox.Sandbox {
	tb.Helper()
	s, err := sandbox.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			tb.Errorf("closing the sandbox: %v", err)
		}
	})
	return s
}
