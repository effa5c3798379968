package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The part of the page between these lines is written by the program.
const (
	partBegins = "<!-- benchmarks: begin -->"
	partEnds   = "<!-- benchmarks: end -->"
)

func rateOf(s sample) float64 { return s.rate }
func cpuOf(s sample) float64  { return us(s.cpu + s.database) }

// page returns the results in Markdown.
func page(results []result, o options, begun time.Time) string {
	var b strings.Builder
	plural := map[bool]string{true: "", false: "s"}[o.rounds == 1]
	fmt.Fprintf(&b, "%s, %d round%s of %s each, on %s.\n", begun.Format(time.DateOnly), o.rounds, plural, o.duration, machine())
	for _, l := range o.loads() {
		fmt.Fprintf(&b, "\n### %s\n\n| system | responses a second | p50, ms | p99, ms | processor time a request, µs | of its database, µs |\n|---|--:|--:|--:|--:|--:|\n", heading(l))
		for _, r := range results {
			if r.load == l {
				b.WriteString(r.row())
			}
		}
	}
	b.WriteString("\n### Ratios\n\n| ratio |")
	for _, l := range o.loads() {
		fmt.Fprintf(&b, " %s |", measureOf(l))
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(o.loads())) + "\n")
	for _, q := range ratios() {
		if line, ok := q.row(results, o.loads()); ok {
			b.WriteString(line)
		}
	}
	return b.String()
}

// heading returns the name of a load in a heading.
func heading(l load) string {
	text := l.String()
	return strings.ToUpper(text[:1]) + text[1:]
}

// measureOf says what is compared under a load: of an open loop everyone has the same rate.
func measureOf(l load) string {
	if l.rate > 0 {
		return fmt.Sprintf("processor time at %g/s", l.rate)
	}
	return fmt.Sprintf("responses a second at %d connections", l.connections)
}

func (q ratio) row(results []result, loads []load) (line string, ok bool) {
	line = "| " + q.title + " |"
	for _, l := range loads {
		value, text := rateOf, "–"
		if l.rate > 0 {
			value = cpuOf
		}
		if s, found := q.in(results, l, value); found {
			text, ok = s.text(2), true
		}
		line += " " + text + " |"
	}
	return line + "\n", ok
}

func (r result) row() string {
	cell := func(decimals int, value func(sample) float64) string {
		s := r.of(value)
		if s.most == 0 {
			return "–"
		}
		return s.text(decimals)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", r.title, cell(0, rateOf),
		cell(2, func(s sample) float64 { return ms(s.p50) }), cell(2, func(s sample) float64 { return ms(s.p99) }),
		cell(0, func(s sample) float64 { return us(s.cpu) }), cell(0, func(s sample) float64 { return us(s.database) }))
}

// machine describes the machine and how busy it was.
func machine() string {
	text := fmt.Sprintf("%s/%s, %d processors", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, model, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
				text += " (" + strings.TrimSpace(model) + ")"
				break
			}
		}
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil && len(strings.Fields(string(load))) > 1 {
		text += ", load average at the end " + strings.Fields(string(load))[1]
	}
	return text + ", " + runtime.Version()
}

// replacePart replaces the part of a page between the markers.
func replacePart(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, rest, begins := bytes.Cut(old, []byte(partBegins))
	_, tail, ends := bytes.Cut(rest, []byte(partEnds))
	if !begins || !ends {
		return fmt.Errorf("%s has no lines %s and %s; add them where the results belong", file, partBegins, partEnds)
	}
	return os.WriteFile(file, slices.Concat(head, []byte(partBegins+"\n"+text), []byte(partEnds), tail), 0o644)
}
