// Package sandboxtest starts a sandbox for a test. It is apart from package
// sandbox so that no program links package testing.
package sandboxtest

import (
	"context"
	"testing"
	"time"

	"github.com/heyan-id/heyan/providers/sandbox"
)

// closeWithin bounds the closing at the end of a test.
const closeWithin = 10 * time.Second

// Start makes and starts a sandbox that the test's end closes. It fails the test
// if that cannot be done. The zero Config gives idcert-a and idcert-b.
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
