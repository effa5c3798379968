//go:build unix

package plugins

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/heyan-id/heyan/providers"
)

// BenchmarkCrossing measures what a verification through a plugin costs more than
// one in the process, and a bare round trip of go-plugin beside it, turn by turn in
// one run. A verification crosses twice. The figures are medians.
func BenchmarkCrossing(b *testing.B) {
	p := opened(b, spec(b, "good"))
	vendor := &toyVendor{calls: map[string]int{}}
	q := person(1)
	there := providers.NewProvider(codecOf(b, p), vendor)
	here := providers.NewProvider(toyCodec{toyCard("1.0.0")}, vendor)
	health := grpc_health_v1.NewHealthClient(p.current.conn)
	var bare, remote, local []time.Duration
	timed := func(list *[]time.Duration, f func() error) {
		begun := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		*list = append(*list, time.Since(begun))
	}
	for b.Loop() {
		ctx, cancel := context.WithTimeout(b.Context(), time.Second) // as the engine has one
		timed(&bare, func() error {
			_, err := health.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: "plugin"})
			return err
		})
		timed(&remote, func() error { _, err := there.Ask(ctx, q); return err })
		timed(&local, func() error { _, err := here.Ask(ctx, q); return err })
		cancel()
	}
	trip, extra := median(bare), median(remote)-median(local)
	b.ReportMetric(float64(trip.Nanoseconds()), "bare-ns")
	b.ReportMetric(float64(extra.Nanoseconds()), "extra-ns")
	b.ReportMetric(float64(extra)/float64(trip), "extra/bare")
	b.ReportMetric(0, "ns/op")
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

// BenchmarkStart measures from the start of a process to its checked descriptor, the
// program being in memory already, and how much memory an idle plugin takes.
func BenchmarkStart(b *testing.B) {
	p := opened(b, spec(b, "good"))
	for b.Loop() {
		i, err := p.launch(b.Context(), p.spec, p.current.program)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		i.end()
		b.StartTimer()
	}
	b.ReportMetric(float64(resident(p.State().PID))/(1<<20), "MiB-RSS")
}

// BenchmarkOpen measures Open from the file on disk, its copy and its sum included.
func BenchmarkOpen(b *testing.B) {
	s := spec(b, "good")
	for b.Loop() {
		p, err := Open(b.Context(), s)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		closed(b, p)
		b.StartTimer()
	}
}

// resident returns the memory of a process in bytes, 0 where it cannot be read.
func resident(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	var kib int64
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kib); err == nil {
			break
		}
	}
	return kib << 10
}
