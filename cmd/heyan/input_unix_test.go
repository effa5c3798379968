//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSignalEndsOpening: opening a named pipe waits for a writer.
func TestSignalEndsOpening(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"check", "verify --input", "consent receipt verify --key 00 ", "consent lint"} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { // lets the opening go on that was given up
				if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
					_ = f.Close()
				}
			})
			ctx, cancel := context.WithCancel(t.Context())
			args := strings.Fields(line)
			if i := len(args) - 1; args[i] == "00" {
				args[i] = strings.Repeat("0f", 32)
			}
			ended := make(chan int, 1)
			var errs bytes.Buffer
			go func() { ended <- run(ctx, append(args, path), strings.NewReader(""), io.Discard, &errs, nil) }()
			cancel()
			if code := <-ended; code != exitRefused || !strings.Contains(errs.String(), "interrupted") {
				t.Errorf("code %d, stderr %q", code, errs.String())
			}
		})
	}
}
