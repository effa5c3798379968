//go:build !linux

package exchange

import "testing"

// fullListener is for Linux: elsewhere a full queue refuses instead of stalling.
func fullListener(t *testing.T) (address string, fill int) {
	t.Helper()
	t.Skip("a full queue stalls a dial on Linux only")
	return "", 0
}
