package sqlstore

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

// TestFleetSimulation compares the simulation with cases that can be calculated.
func TestFleetSimulation(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for _, test := range []struct {
		name string
		fleetModel
		want float64
	}{
		{"one client waits for three commits", fleetModel{nodes: 1, clients: 1, rows: 16, processors: 2, commit: 10 * ms}, 1 / 0.030},
		{"and for its vendor", fleetModel{nodes: 1, clients: 1, rows: 16, processors: 2, commit: 10 * ms, vendor: 70 * ms}, 1 / 0.100},
		{"clients who come in a transaction are in the next", fleetModel{nodes: 1, clients: 16, rows: 16, processors: 2, commit: 10 * ms, client: ms}, 16 / 0.060},
		{"nodes with rows enough do not wait for each other", fleetModel{nodes: 8, clients: 16, rows: 16, processors: 2, commit: 10 * ms, client: ms}, 8 * 16 / 0.060},
		{"processors bound the operations", fleetModel{nodes: 8, clients: 64, rows: 16, processors: 2, commit: ms, operation: ms}, 2 / 0.003},
		{"a counter is counted in by one node at a time", fleetModel{nodes: 8, clients: 1, rows: 16, processors: 16, commit: ms, counter: 10 * ms}, 1 / 0.010},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.simulate(); math.Abs(got/test.want-1) > 0.03 {
				t.Errorf("%.1f verifications a second, want %.1f", got, test.want)
			}
		})
	}
}

// TestOneRowIsOneNode: with one row a lot, more nodes give next to nothing.
func TestOneRowIsOneNode(t *testing.T) {
	t.Parallel()
	m := fleetModel{nodes: 1, clients: 16, rows: 1, processors: 64, commit: 10 * time.Millisecond, client: time.Millisecond}
	one := m.simulate()
	if m.nodes = 8; m.simulate() > 3*one {
		t.Errorf("8 nodes make %.0f a second with one row, one node %.0f", m.simulate(), one)
	}
}

// scaleMarks enclose the table of docs/scale.md that the simulation writes.
const scaleBegin, scaleEnd = "<!-- simulated -->\n", "<!-- /simulated -->"

// TestScalePage compares the table of the page with the simulation, in short
// form its first lines. HEYAN_WRITE_SCALE writes it.
func TestScalePage(t *testing.T) {
	t.Parallel()
	const path = "../../../docs/scale.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), scaleBegin)
	old, after, ended := strings.Cut(rest, scaleEnd)
	if !found || !ended {
		t.Fatalf("the page has no %q … %q", scaleBegin, scaleEnd)
	}
	all := []int{1, 2, 4, 8, 16, 32}
	table := scaleTable(all[:shortOr(2, len(all))])
	if old == table || testing.Short() && strings.HasPrefix(old, table) {
		return
	}
	if os.Getenv("HEYAN_WRITE_SCALE") == "" {
		t.Fatalf("the table of the page is not what the simulation says (HEYAN_WRITE_SCALE=1 writes it):\n%s", table)
	}
	if err := os.WriteFile(path, []byte(before+scaleBegin+table+scaleEnd+after), 0o644); err != nil { //nolint:gosec // a page of the repository
		t.Fatal(err)
	}
}

// scaleTable is what fleets of so many nodes make with the constants of the page.
func scaleTable(fleets []int) string {
	var b strings.Builder
	b.WriteString("| nodes | commit 1 ms | commit 5 ms | commit 25 ms | commit 5 ms, one limit for all |\n|---|---|---|---|---|\n")
	for _, nodes := range fleets {
		m := fleetModel{
			nodes: nodes, clients: 128, rows: DefaultRows, processors: 2*nodes + 16, vendor: 200 * time.Millisecond,
			transaction: 2 * time.Millisecond, operation: 200 * time.Microsecond, client: 200 * time.Microsecond,
		}
		words := []string{fmt.Sprint(nodes)}
		for _, commit := range []time.Duration{1, 5, 25} {
			m.commit = commit * time.Millisecond
			words = append(words, rounded(m.simulate()))
		}
		m.commit, m.counter = 5*time.Millisecond, 500*time.Microsecond
		words = append(words, rounded(m.simulate()))
		b.WriteString("| " + strings.Join(words, " | ") + " |\n")
	}
	return b.String()
}

// rounded keeps two digits.
func rounded(rate float64) string {
	unit := math.Pow(10, math.Floor(math.Log10(rate))-1)
	return fmt.Sprintf("%.0f/s", math.Round(rate/unit)*unit)
}
