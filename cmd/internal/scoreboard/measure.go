package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/heyan-id/heyan/providers/sandbox"
)

// sample is one request of a client.
type sample struct {
	at            time.Time
	took          time.Duration
	failed, wrong bool
	reason        string // why it failed
}

// outage is when the vendors of a story failed.
type outage struct {
	story    story
	from, to time.Time
	healed   time.Time // when everything was well again: to, or the last kill of a plugin
}

// measure runs one story with one system.
func measure(ctx context.Context, o options, s story, start maker) (result, error) {
	dir, err := os.MkdirTemp("", "scoreboard")
	if err != nil {
		return result{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	v, err := startVendors(ctx)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = v.Close(context.WithoutCancel(ctx)) }()
	under, err := start(ctx, o, s, v, dir)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = under.close() }()

	length := s.scaled(o.scale)
	loading, stop := context.WithCancel(ctx)
	defer stop()
	var samples []sample
	var loader sync.WaitGroup
	loader.Go(func() { samples = load(loading, under, o.rate) })
	sleep(ctx, o.warm)
	during := outage{story: s, from: time.Now()}
	faults := make(chan error, 1)
	go func() { faults <- during.kill(ctx, under, length) }()
	err = v.play(ctx, s, length)
	during.to = time.Now()
	if killed := <-faults; err == nil {
		err = killed
	}
	if s.kills == 0 {
		during.healed = during.to
	}
	if s.operator && err == nil {
		err = under.resume(ctx, first)
	}
	sleep(ctx, o.after)
	stop()
	loader.Wait()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return result{}, err
	}
	books, err := under.books(ctx)
	if err != nil {
		return result{}, fmt.Errorf("the books cannot be read: %w", err)
	}
	return evaluate(during, o.rate, samples, v.received(), books), nil
}

// kill kills the plugin of the story, spread evenly over the outage.
func (o *outage) kill(ctx context.Context, under system, length time.Duration) error {
	for i := range o.story.kills {
		if i > 0 && !sleep(ctx, length/time.Duration(o.story.kills)) {
			return ctx.Err()
		}
		o.healed = time.Now()
		if err := under.killAdapter(); err != nil {
			return err
		}
	}
	return nil
}

// load sends requests at a rate, whether or not those before are answered, until ctx ends. It
// returns when all are answered.
func load(ctx context.Context, under system, rate float64) []sample {
	var mu sync.Mutex
	var samples []sample
	var clients sync.WaitGroup
	begun := time.Now()
	for n := 0; sleep(ctx, time.Until(begun.Add(time.Duration(float64(n)/rate*float64(time.Second))))); n++ {
		clients.Go(func() {
			s := request(context.WithoutCancel(ctx), under, personAt(n))
			mu.Lock()
			defer mu.Unlock()
			samples = append(samples, s)
		})
	}
	clients.Wait()
	return samples
}

func request(ctx context.Context, under system, p person) sample {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begun := time.Now()
	verdict, err := under.verify(ctx, p)
	return sample{at: begun, took: time.Since(begun), failed: err != nil, reason: reasonOf(err), wrong: err == nil && verdict != p.truth}
}

// sick returns the calls that sick vendors received while they failed.
func (o outage) sick(events []sandbox.Event) (list []sandbox.Event) {
	for _, e := range events {
		if slices.Contains(o.story.sick, e.Vendor) && o.story.sickAt(float64(e.At.Sub(o.from))/float64(o.to.Sub(o.from))) {
			list = append(list, e)
		}
	}
	return list
}
