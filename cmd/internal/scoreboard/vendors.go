package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// appCode is the credential of all vendors: nginx passes on the one of the request.
const appCode = "scoreboard"

// vendors are three sandbox vendors and what they received.
type vendors struct {
	*sandbox.Sandbox

	mu     sync.Mutex
	events []sandbox.Event // in the order of their time
}

func startVendors(ctx context.Context) (*vendors, error) {
	v := &vendors{}
	c := sandbox.Config{Observe: v.observe}
	for _, name := range vendorNames() {
		c.Vendors = append(c.Vendors, sandbox.VendorConfig{Name: name, AppCode: idv.NewSensitive(appCode), Latency: usual})
	}
	s, err := sandbox.New(c)
	if err != nil {
		return nil, err
	}
	v.Sandbox = s
	return v, s.Start(ctx)
}

func (v *vendors) observe(e sandbox.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.events = append(v.events, e)
}

func (v *vendors) received() []sandbox.Event {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := slices.Clone(v.events)
	slices.SortFunc(list, func(a, b sandbox.Event) int { return a.At.Compare(b.At) })
	return list
}

// play makes the sick vendors fail as the story says, from now until its end, and then well.
func (v *vendors) play(ctx context.Context, s story, length time.Duration) error {
	begun := time.Now()
	steps := append(slices.Clone(s.steps), step{1, sandbox.ModeNormal, usual})
	for _, next := range steps {
		if !sleep(ctx, time.Until(begun.Add(time.Duration(next.at*float64(length))))) {
			return ctx.Err()
		}
		for _, name := range s.sick {
			if err := v.SetScenario(sandbox.Scenario{Vendor: name, Mode: next.mode, LatencyMS: next.latency.Milliseconds()}); err != nil {
				return err
			}
		}
	}
	return nil
}

// sleep reports whether the time passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
