//go:build soak && linux

package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestMemoryIsFlat sends requests to a daemon on SQLite at a constant rate for the duration in
// TEST_SOAK, such as 30m, and samples its resident memory every 30 s. `make soak` runs it.
// TEST_SOAK_RATE sets the requests a second. Each request is new, so the database grows; what
// is resident must not grow with it once the caches are full: by a tenth at most in the second
// half.
func TestMemoryIsFlat(t *testing.T) {
	duration, err := time.ParseDuration(os.Getenv("TEST_SOAK"))
	if err != nil {
		t.Fatal("set TEST_SOAK to a duration such as 30m")
	}
	c := daemonOnSQLite(t)
	ctx, stop := context.WithTimeout(t.Context(), duration)
	defer stop()
	var load sync.WaitGroup
	var sent atomic.Int64
	workers := 0
	for beat := time.NewTicker(time.Second / time.Duration(count("TEST_SOAK_RATE", 50))); workers < 16; workers++ {
		load.Go(func() {
			for ctx.Err() == nil {
				<-beat.C
				c.post(ctx, c.address, fmt.Sprintf("key-%d", sent.Add(1)))
			}
		})
	}
	var samples []int
	for sample := time.NewTicker(min(30*time.Second, duration/20)); ctx.Err() == nil; {
		select {
		case <-sample.C:
			samples = append(samples, resident(t, c.process.Process.Pid))
			t.Logf("%d requests, %d KiB resident", sent.Load(), samples[len(samples)-1])
		case <-ctx.Done():
		}
	}
	load.Wait()
	half, last := samples[len(samples)/2], samples[len(samples)-1]
	if growth := last - half; growth > half/10 {
		t.Errorf("resident memory grew by %d KiB in the second half, from %d KiB", growth, half)
	}
}

// resident returns the resident memory of a process in KiB.
func resident(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		t.Fatalf("no VmRSS in %s", status)
	}
	size, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return size
}
