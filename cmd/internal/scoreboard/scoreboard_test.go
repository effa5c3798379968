package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestStories runs each story in a short form against a daemon with its store. It looks at
// counts only: how fast a vendor is left out is what make scoreboard measures.
func TestStories(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "heyan")
	if out, err := exec.Command("go", "build", "-o", binary, "../../heyan").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	list := stories()
	results, faults := make([]result, len(list)), make([]error, len(list))
	var running sync.WaitGroup
	for i, s := range list {
		running.Go(func() { results[i], faults[i] = measure(t.Context(), shortly(binary, s), s, startHeyan) })
	}
	running.Wait()
	for i, s := range list {
		t.Run(s.name, func(t *testing.T) {
			if _, err := os.Stat("/proc/self/task"); err != nil && s.kills > 0 {
				t.Skip("the plugin is found by /proc")
			}
			r := results[i]
			if faults[i] != nil {
				t.Fatal(faults[i])
			}
			if r.wrong+r.twice > 0 || r.unbooked > 0 || r.requests == 0 {
				t.Errorf("want no wrong verdict and no wrong bill: %s", r)
			}
			switch s.name {
			case "9999", "quota", "throttling":
				if r.failed > 0 || r.wasted == 0 {
					t.Errorf("want calls of the sick vendor and no failed request: %s", r)
				}
			case "plugin_death":
			default:
				if r.wasted == 0 {
					t.Errorf("the vendor was not called while it failed: %s", r)
				}
			}
		})
	}
}

// shortly is a second of outage. A call takes as long as a busy machine needs, unless the story
// is about vendors that never answer.
func shortly(binary string, s story) options {
	o := options{
		heyan: binary, rate: 20, pause: 300 * time.Millisecond, timeout: 30 * time.Second,
		warm: 500 * time.Millisecond, after: time.Second, scale: float64(time.Second) / float64(s.length),
	}
	if s.name == "stall" {
		o.timeout = time.Second
	}
	return o
}

// TestBaselineIsWrong: the measurement notices wrong verdicts and double charges, since a client
// that trusts encoding/json has them.
func TestBaselineIsWrong(t *testing.T) {
	t.Parallel()
	for name, seen := range map[string]func(result) bool{
		"garbage": func(r result) bool { return r.wrong > 0 },
		"resets":  func(r result) bool { return r.twice > 0 && r.unbooked > 0 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := chosen(name)
			if err != nil {
				t.Fatal(err)
			}
			if name == "garbage" {
				list[0].steps = []step{{0, "duplicate_status", usual}}
			}
			o := shortly("", list[0])
			o.rate = 100
			r, err := measure(t.Context(), o, list[0], startBaseline)
			if err != nil {
				t.Fatal(err)
			}
			if !seen(r) {
				t.Errorf("the faults of the baseline are not noticed: %s", r)
			}
		})
	}
}
