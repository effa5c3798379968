//go:build race

package limits_test

// raced is true under the race detector, which makes everything ten times as slow.
const raced = true
