package main

import (
	"log/slog"
	"os"
	"runtime/debug"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

func TestTuneCollector(t *testing.T) {
	const gib = 1 << 30
	var (
		limited   = memlimit.Limit(gib)
		unlimited = func() (uint64, error) { return 0, memlimit.ErrNoLimit }
		without   = func() (uint64, error) { return 0, memlimit.ErrNoCgroup }
		whole     = int64(1<<63 - 1)
	)
	for _, test := range []struct {
		name       string
		env        map[string]string
		cgroup     memlimit.Provider
		wantGrowth int
		wantLimit  int64
	}{
		{"in a container", nil, limited, heapGrowth, gib * 9 / 10},
		{"in one without a limit", nil, unlimited, heapGrowth, whole},
		{"without a cgroup", nil, without, heapGrowth, 2 * gib},
		{"GOGC and GOMEMLIMIT have priority", map[string]string{"GOGC": "50", "GOMEMLIMIT": "2GiB"}, limited, 100, 2 * gib},
	} {
		t.Run(test.name, func(t *testing.T) {
			growth, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(2*gib) // as Go sets them by these variables
			defer func() {
				debug.SetGCPercent(growth)
				debug.SetMemoryLimit(limit)
			}()
			for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
				t.Setenv(name, "") // so that it is restored
				if err := os.Unsetenv(name); err != nil {
					t.Fatal(err)
				}
			}
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			tuneCollector(test.cgroup, slog.New(slog.DiscardHandler))
			if got := debug.SetGCPercent(100); got != test.wantGrowth {
				t.Errorf("the heap grows by %d %%, want %d %%", got, test.wantGrowth)
			}
			if got := debug.SetMemoryLimit(-1); got != test.wantLimit {
				t.Errorf("the limit is %d bytes, want %d", got, test.wantLimit)
			}
		})
	}
}
