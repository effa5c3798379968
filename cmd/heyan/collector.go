package main

import (
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// heapGrowth is by how many percent the heap of a daemon grows beyond what is in use before Go
// collects it. With Go's own 100 the collector takes a tenth of the processor time under load,
// since little is in use; see docs/decisions/0119-garbage-collection.md.
const heapGrowth = 400

// tuneCollector sets the growth unless GOGC does. The memory limit of the cgroup bounds the heap,
// unless GOMEMLIMIT does; where there is none, an error says so, and nothing is bounded.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	_, _ = memlimit.Set()
}
