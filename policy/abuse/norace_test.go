//go:build !race

package abuse_test

// raced is true under the race detector, which makes everything ten times as slow.
const raced = false
