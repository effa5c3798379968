//go:build unix

package sqlstore

import (
	"os"
	"os/exec"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// BenchmarkFrozenNode reports how long a node is held up while another one is frozen.
func BenchmarkFrozenNode(b *testing.B) {
	s := sqlstoretest.StartPostgres(b)
	dsn := s.DSN(b)
	b.Run("frozen", func(b *testing.B) {
		for b.Loop() {
			frozenBench(b, dsn)
		}
	})
}

// frozenBench measures the medians and the longest gaps of a node beside one that is stopped by
// SIGSTOP for a second, some times.
func frozenBench(b *testing.B, dsn string) {
	b.Helper()
	node, err := OpenPostgres(b.Context(), dsn, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer closeStore(b, node)
	_ = node.AddLot(b.Context(), lotOf("l1", 10_000_000)) // it is there in later rounds
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killSource+"="+dsn)
	if err := child.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
	var number atomic.Int64
	number.Store(time.Now().UnixNano())
	measure := func() (median, longest time.Duration) {
		var took []time.Duration
		for begun := time.Now(); time.Since(begun) < 3*time.Second; {
			start := time.Now()
			if err := verifyAt(b.Context(), node, number.Add(1), "p"); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		return took[len(took)/2], took[len(took)-1]
	}
	time.Sleep(time.Second) // the child begins
	median, longest := measure()
	if err := child.Process.Signal(syscall.SIGSTOP); err != nil {
		b.Fatal(err)
	}
	frozenMedian, frozenLongest := measure()
	if err := child.Process.Signal(syscall.SIGCONT); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(median.Microseconds())/1000, "running-ms")
	b.ReportMetric(float64(frozenMedian.Microseconds())/1000, "frozen-ms")
	b.ReportMetric(float64(longest.Microseconds())/1000, "running-longest-ms")
	b.ReportMetric(float64(frozenLongest.Microseconds())/1000, "frozen-longest-ms")
}
