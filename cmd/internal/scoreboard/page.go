package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// The part of the page between these lines is written by the program.
const (
	partBegins = "<!-- scoreboard: begin -->"
	partEnds   = "<!-- scoreboard: end -->"
)

// page returns the results in Markdown.
func page(results []result, o options, begun time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %g requests a second, trials %s apart, on %s.", begun.Format(time.DateOnly), o.rate, o.pause, machine())
	if o.scale != 1 {
		fmt.Fprintf(&b, " The outages took %g of the time that the method says.", o.scale)
	}
	b.WriteString("\n\n")
	b.WriteString("| goal for heyan | measured | met |\n|---|---|---|\n")
	for _, g := range goals(results, o) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", g.text, g.measured, map[bool]string{true: "yes", false: "**no**"}[g.met])
	}
	for _, system := range systemsOf(results) {
		fmt.Fprintf(&b, "\n### %s\n\n", system)
		b.WriteString("| story | requests | failed | wrongly decided | paid twice | not booked | wasted calls | in flight + late + trials | switch-over | calls a request | added p99 | failed within | back | in full |\n")
		b.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
		for _, r := range results {
			if r.system == system {
				b.WriteString(r.row())
			}
		}
	}
	return b.String()
}

func (r result) row() string {
	refused := "–"
	if r.refusal > 0 {
		refused = ms(r.refusal)
	}
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d | %d + %d + %d | %s | %.2f | %s | %s | %s | %s |\n", r.story, r.requests, r.failed, r.wrong, r.twice, r.unbooked,
		r.wasted, r.inFlight, r.late, r.trials, ms(r.switched), r.perRequest, ms(r.added), refused, seconds(r.back), seconds(r.full))
}

func systemsOf(results []result) (names []string) {
	for _, r := range results {
		if !slices.Contains(names, r.system) {
			names = append(names, r.system)
		}
	}
	return names
}

// goal is a figure that a story is to reach.
type goal struct {
	text, measured string
	met            bool
}

// goals compares the results of heyan with the goals of its stories, for those that were run.
func goals(results []result, o options) (list []goal) {
	add := func(met bool, text, measured string, args ...any) {
		list = append(list, goal{text, fmt.Sprintf(measured, args...), met})
	}
	var wrong, twice, unbooked int64
	for _, r := range results {
		if r.system != "heyan" {
			continue
		}
		wrong, twice, unbooked = wrong+int64(r.wrong), twice+int64(r.twice), unbooked+r.unbooked
		within := o.pause + time.Second
		switch r.story {
		case "9999":
			add(r.failed == 0, "9999: no request fails", "%d of %d", r.failed, r.requests)
			add(r.late+r.trials <= 12, "9999: wasted calls are at most those in flight and 12 trials", "%d + %d + %d", r.inFlight, r.late, r.trials)
			add(r.late <= 1, "9999: switch-over after at most 1 call", "%d, %s", r.late, ms(r.switched))
			add(r.back >= 0 && r.back <= within, fmt.Sprintf("9999: back within %s", within), "%s; in full after %s", seconds(r.back), seconds(r.full))
		case "stall":
			add(r.failed <= 3+r.inFlight+r.trials, "stall: at most 3 callers are affected, besides those in flight and trials", "%d, of which %d in flight and %s", r.failed, r.inFlight, idv.Count(r.trials, "trial"))
		case "all_down":
			add(r.refusal <= 5*time.Millisecond, "all down: 99 of 100 refusals within 5 ms", "%.1f ms", r.refusal.Seconds()*1000)
			add(r.perRequest <= 1.05, "all down: at most 1.05 calls a request", "%.3f", r.perRequest)
		}
	}
	add(wrong == 0, "all stories: no wrong verdict", "%d", wrong)
	add(twice == 0 && unbooked == 0, "all stories: nothing wrongly billed", "%d paid twice, %d not booked", twice, unbooked)
	return list
}

// machine describes the machine and how busy it was.
func machine() string {
	text := fmt.Sprintf("%s/%s, %s", runtime.GOOS, runtime.GOARCH, idv.Count(runtime.NumCPU(), "processor"))
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
