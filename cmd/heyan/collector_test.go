package main

import (
	"runtime/debug"
	"testing"
)

func TestTuneCollector(t *testing.T) {
	for _, test := range []struct {
		name, growth string
		want         int
	}{
		{"the daemon's own", "", heapGrowth},
		{"that of the environment", "50", 50},
	} {
		t.Run(test.name, func(t *testing.T) {
			const limit = 1 << 40
			growth, before := debug.SetGCPercent(50), debug.SetMemoryLimit(limit)
			defer func() {
				debug.SetGCPercent(growth)
				debug.SetMemoryLimit(before)
			}()
			t.Setenv("GOGC", test.growth)
			t.Setenv("GOMEMLIMIT", "1TiB")
			tuneCollector()
			if got := debug.SetGCPercent(50); got != test.want {
				t.Errorf("the heap grows by %d %%, want %d %%", got, test.want)
			}
			if got := debug.SetMemoryLimit(-1); got != limit {
				t.Errorf("the limit is %d bytes, want that of GOMEMLIMIT: %d", got, limit)
			}
		})
	}
}
