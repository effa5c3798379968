package sqlstore

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// BenchmarkCost tells what a verification costs: the CPU time of this process, and the bytes
// that the files grow by. Both hardly depend on what else the machine does, unlike the speed.
func BenchmarkCost(b *testing.B) {
	for _, callers := range []int{32, 256} {
		b.Run(fmt.Sprintf("memory/%d", callers), func(b *testing.B) {
			benchmarkCost(b, memory.New(0), callers)
		})
		b.Run(fmt.Sprintf("sqlite/%d", callers), func(b *testing.B) {
			path := newPath(b)
			s := openFile(b, path)
			before := sizeOf(b, path)
			benchmarkCost(b, s, callers)
			b.ReportMetric(float64(sizeOf(b, path)-before)/float64(b.N), "bytes/verification")
		})
	}
}

// benchmarkCost closes the store, so that its checkpoint counts too.
func benchmarkCost(b *testing.B, s store.Store, callers int) {
	b.Helper()
	if err := s.AddLot(b.Context(), lotOf("l1", 100_000_000)); err != nil {
		b.Fatal(err)
	}
	before := cpuTime(b)
	benchmarkCallers(b, s, callers, 0)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/verification")
}

// cpuTime returns the time that the process has computed, in itself and in the system.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func sizeOf(b *testing.B, path string) int64 {
	b.Helper()
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}
