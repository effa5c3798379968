//go:build race

package memory_test

// raced says that the race detector runs.
const raced = true
