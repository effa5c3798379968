package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain is also the mock vendor and the reverse proxy, which are this program in other roles.
func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// built returns a heyan binary of this checkout.
func built(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "heyan")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/heyan")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// TestCompare compares heyan with the reverse proxy for a moment, and expects figures of both
// in the page and in the chart. How fast they are is not tested.
func TestCompare(t *testing.T) {
	file, svg := filepath.Join(t.TempDir(), "page.md"), filepath.Join(t.TempDir(), "chart.svg")
	if err := os.WriteFile(file, []byte("before\n"+partBegins+"\nold\n"+partEnds+"\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var progress bytes.Buffer
	args := []string{
		"-heyan", built(t), "-only", "proxy,memory,policy-sqlite", "-rounds", "2", "-duration", "200ms", "-warm", "0", "-connections", "4", "-rate", "50",
		"-dir", t.TempDir(), "-page", file, "-svg", svg,
	}
	if err := run(t.Context(), args, &bytes.Buffer{}, &progress); err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"before\n", "\nafter\n", "| httputil.ReverseProxy | ", "| heyan, SQLite, full policy | ", "| heyan, memory ÷ httputil.ReverseProxy | ", "4 connections", "50/s"} {
		if !strings.Contains(string(written), want) {
			t.Errorf("the page has no %q:\n%s", want, written)
		}
	}
	if strings.Contains(string(written), "old") || strings.Contains(string(written), "SQLite ÷ memory") {
		t.Errorf("the page has what was not measured:\n%s", written)
	}
	if got := strings.Count(string(drawn), "<path"); got != 6 {
		t.Errorf("the chart has %d bars, want 6 (3 systems, 2 loads):\n%s", got, drawn)
	}
}

// TestWrongResponseEndsTheRun measures the mock vendor with one person whose truth is another
// than the vendor's.
func TestWrongResponseEndsTheRun(t *testing.T) {
	mock, address, err := startRole("mock")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mock.stop() }()
	list := people()
	s, err := startMock(t.Context(), environment{vendor: address, people: list})
	if err != nil {
		t.Fatal(err)
	}
	r := rounds{systems: []*system{s}, people: list, progress: func(string, ...any) {}}
	if err := r.one(t.Context(), load{connections: 2}, 100*time.Millisecond, nil); err != nil {
		t.Errorf("with right responses: %v", err)
	}
	list[0].match = !list[0].match
	if err := r.one(t.Context(), load{connections: 2}, 100*time.Millisecond, nil); err == nil || !strings.Contains(err.Error(), list[0].number) {
		t.Errorf("with a wrong response: %v, want an error about %s", err, list[0].number)
	}
	list[0].match, list[1].name = !list[0].match, "无此人"
	if err := r.one(t.Context(), load{connections: 2}, 100*time.Millisecond, nil); err == nil || !strings.Contains(err.Error(), list[1].number) {
		t.Errorf("with a response about another person: %v, want an error about %s", err, list[1].number)
	}
}

func TestRightVerdict(t *testing.T) {
	p := person{number: "11010119500101001X", name: "张伟明", match: true}
	ref := reference(p.number, p.name)
	for _, test := range []struct {
		name, body string
		want       bool
	}{
		{"the truth", `{"verdict":"match","attempts":[{"verdict":"match","vendor_ref":"` + ref + `"}]}`, true},
		{"a lie", `{"verdict":"mismatch","attempts":[{"verdict":"mismatch","vendor_ref":"` + ref + `"}]}`, false},
		{"a lie on top of the truth", `{"verdict":"mismatch","attempts":[{"verdict":"match","vendor_ref":"` + ref + `"}]}`, false},
		{"without a call", `{"verdict":"match","attempts":[]}`, false},
		{"undetermined", `{"verdict":"undetermined","attempts":[]}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := rightVerdict(p, []byte(test.body)); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestPeople(t *testing.T) {
	numbers, names, match := map[string]bool{}, map[string]bool{}, 0
	for _, p := range people() {
		numbers[p.number], names[p.name] = true, true
		if p.match {
			match++
		}
	}
	if len(numbers) != persons || len(names) != persons {
		t.Errorf("%d numbers and %d names, want %d of each", len(numbers), len(names), persons)
	}
	if match < persons/4 || match > 3*persons/4 {
		t.Errorf("%d of %d persons match; a system that always answers the same must be found", match, persons)
	}
}

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		name   string
		values []float64
		want   spread
	}{
		{"none", nil, spread{}},
		{"one", []float64{3}, spread{3, 3, 3}},
		{"odd", []float64{9, 1, 2}, spread{2, 1, 9}},
		{"even", []float64{4, 1, 2, 9}, spread{3, 1, 9}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := spreadOf(test.values); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestRatioIsOfTheSameRound: both became slower in the second round, by the same factor.
func TestRatioIsOfTheSameRound(t *testing.T) {
	l := load{connections: 1}
	results := []result{
		{name: "proxy", load: l, samples: []sample{{rate: 100}, {rate: 50}}},
		{name: "memory", load: l, samples: []sample{{rate: 80}, {rate: 40}}},
	}
	q := ratio{"", "memory", "proxy"}
	if got, ok := q.in(results, l, rateOf); !ok || got != (spread{0.8, 0.8, 0.8}) {
		t.Errorf("got %v, %v, want 0.8 in each round", got, ok)
	}
	if _, ok := q.in(results[:1], l, rateOf); ok {
		t.Error("a ratio with a system that was not measured")
	}
}

func TestFlags(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"unknown system", []string{"-only", "proxy,apache"}, `unknown system "apache"`},
		{"no connections", []string{"-connections", "0"}, `"0" is not a number from 1 to 10000`},
		{"not a number", []string{"-connections", "32,many"}, `"many" is not a number`},
		{"no rounds", []string{"-rounds", "0"}, "-rounds must be at least 1"},
		{"no binary", []string{"-heyan", "/nowhere/heyan", "-only", "memory"}, "make build builds the binary"},
		{"no plugin", []string{"-plugin", "/nowhere/plugin", "-only", "plugin"}, "make build builds the plugin"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := run(t.Context(), test.args, &bytes.Buffer{}, &bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, []string{"-only", "mock", "-duration", "1h"}, &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
		t.Error("a canceled run ended without an error")
	}
}

// TestProcessorTime: this process has used some, and its parent has at least that.
func TestProcessorTime(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("this system has no /proc")
	}
	for range 2_000 {
		people()
	}
	own, parent := processorTime(os.Getpid()), processorTime(os.Getppid())
	if own == 0 || parent < own {
		t.Errorf("own time %s, with the parent's %s", own, parent)
	}
}
