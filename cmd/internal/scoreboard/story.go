package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/providers/sandbox"
)

// The vendors in the order in which every system prefers them.
const first, second, third = "vendor-a", "vendor-b", "vendor-c"

func vendorNames() []string { return []string{first, second, third} }

// usual is how long a healthy vendor takes for an answer.
const usual = 20 * time.Millisecond

// story is an outage.
type story struct {
	name, title string
	length      time.Duration
	sick        []string // the vendors that fail; empty if only the plugin does
	steps       []step   // in their order
	kills       int      // how often the plugin of the first vendor is killed, spread evenly
	operator    bool     // resumes the vendors at the end
	only        string   // the system that the story concerns; all if empty
}

// step is what the sick vendors do from an instant of the outage on.
type step struct {
	at      float64 // a share of the outage's length
	mode    sandbox.Mode
	latency time.Duration
}

func stories() []story {
	a := []string{first}
	during := func(m sandbox.Mode) []step { return []step{{0, m, usual}} }
	return []story{
		{name: "9999", title: "the first vendor answers every call with 9999", length: time.Minute, sick: a, steps: during(sandbox.ModeMaintenance)},
		{name: "stall", title: "it bills each call and never answers", length: 20 * time.Second, sick: a, steps: during(sandbox.ModeStall)},
		{name: "resets", title: "it bills each call and resets the connection", length: 20 * time.Second, sick: a, steps: during(sandbox.ModeResetBefore)},
		{name: "garbage", title: "it answers with eight kinds of garbage in turn", length: 20 * time.Second, sick: a, steps: garbage()},
		{name: "quota", title: "its package is used up; an operator buys another one", length: 20 * time.Second, sick: a, steps: during(sandbox.ModeQuotaExhausted), operator: true},
		{name: "throttling", title: "its gateway throttles every call", length: 20 * time.Second, sick: a, steps: during(sandbox.ModeThrottled429)},
		{name: "flapping", title: "it fails with HTTP 500 for 2 s of each 5 s", length: 27 * time.Second, sick: a, steps: flapping()},
		{name: "all_down", title: "all three vendors answer with 9999, then all are back", length: 20 * time.Second, sick: vendorNames(), steps: during(sandbox.ModeMaintenance)},
		{name: "slow_start", title: "it is slow after a start: 2 s, 1 s, 500 ms, 200 ms an answer", length: 20 * time.Second, sick: a, steps: slowStart()},
		{name: "plugin_death", title: "the process of its adapter is killed three times", length: 20 * time.Second, kills: 3, only: "heyan"},
	}
}

// garbage is a vendor whose replies are damaged in another way every 10 ms.
func garbage() (steps []step) {
	modes := []sandbox.Mode{
		sandbox.ModeTruncated, sandbox.ModeDuplicateStatus, sandbox.ModeHTML, sandbox.ModeWrongEcho,
		sandbox.ModeGBK, sandbox.ModeCaseStatus, sandbox.ModeNumberStatus, sandbox.ModeSwapAnswers,
	}
	const changes = 2000
	for i := range changes {
		steps = append(steps, step{float64(i) / changes, modes[i%len(modes)], usual})
	}
	return steps
}

func flapping() (steps []step) {
	for i := range 6 {
		steps = append(steps, step{float64(5*i) / 27, sandbox.ModeHTTP500, usual}, step{float64(5*i+2) / 27, sandbox.ModeNormal, usual})
	}
	return steps[:len(steps)-1] // the last one is the recovery
}

func slowStart() (steps []step) {
	for i, latency := range []time.Duration{2 * time.Second, time.Second, 500 * time.Millisecond, 200 * time.Millisecond} {
		steps = append(steps, step{float64(i) / 4, sandbox.ModeNormal, latency})
	}
	return steps
}

func (s story) scaled(scale float64) time.Duration {
	return time.Duration(float64(s.length) * scale).Round(time.Millisecond)
}

// sickAt reports whether the sick vendors fail at a share of the outage.
func (s story) sickAt(share float64) bool {
	now := step{mode: sandbox.ModeNormal, latency: usual}
	for _, next := range s.steps {
		if next.at <= share {
			now = next
		}
	}
	return share >= 0 && share < 1 && (now.mode != sandbox.ModeNormal || now.latency != usual)
}

// chosen returns the stories with these names, all without one.
func chosen(names string) (list []story, err error) {
	if names == "" {
		return stories(), nil
	}
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(stories(), func(s story) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("-stories: unknown story %q; known are %s", name, strings.Join(storyNames(), ", "))
		}
		list = append(list, stories()[i])
	}
	return list, nil
}

func storyNames() (names []string) {
	for _, s := range stories() {
		names = append(names, s.name)
	}
	return names
}
