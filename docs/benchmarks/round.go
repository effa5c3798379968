package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// result is a system's measurements with one load, one for each round.
type result struct {
	name, title string
	load        load
	samples     []sample
}

// measureAll starts the systems and loads them in turns, in each round in another order.
func measureAll(ctx context.Context, o options, stderr io.Writer) ([]result, error) {
	begun := time.Now()
	progress := func(format string, args ...any) {
		_, _ = fmt.Fprintf(stderr, "%4.0fs  "+format+"\n", append([]any{time.Since(begun).Seconds()}, args...)...)
	}
	dir, err := os.MkdirTemp(o.dir, "heyan-benchmarks")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL runs as another user
		return nil, err
	}
	systems, err := startAll(ctx, o, dir, progress)
	defer func() { closeAll(systems) }()
	if err != nil {
		return nil, err
	}
	r := &rounds{o: o, systems: systems[1:], people: people(), progress: progress}
	if o.warm > 0 {
		if err := r.one(ctx, load{connections: o.connections[0]}, o.warm, nil); err != nil {
			return nil, err
		}
	}
	var results []result
	for _, s := range r.systems {
		for _, l := range o.loads() {
			results = append(results, result{name: s.name, title: s.title, load: l})
		}
	}
	for n := range o.rounds {
		progress("round %d of %d", n+1, o.rounds)
		for _, l := range o.loads() {
			if err := r.one(ctx, l, o.duration, results); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

func (o options) loads() (list []load) {
	for _, n := range o.connections {
		list = append(list, load{connections: n})
	}
	if o.rate > 0 {
		list = append(list, load{slices.Max(o.connections), o.rate})
	}
	return list
}

// rounds loads systems in turns.
type rounds struct {
	o        options
	systems  []*system
	people   []person
	progress func(string, ...any)
	turns    int
}

// one loads each system once and adds what was measured to its result. No result of a system
// that gave a wrong response counts, so one ends the run.
func (r *rounds) one(ctx context.Context, l load, length time.Duration, results []result) error {
	r.turns++
	for i := range r.systems {
		s := r.systems[(i+r.turns)%len(r.systems)]
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.renew != nil {
			if err := s.renew(ctx); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		got, err := measure(ctx, s, r.people, l, length)
		if err != nil {
			return err
		}
		if got.wrong > 0 {
			return fmt.Errorf("%s, %s: %d of %d responses were wrong; the first: %s", s.name, l, got.wrong, got.wrong+got.right, got.fault)
		}
		r.progress("%-14s %-28s %6.0f/s  p50 %.2f ms  cpu %.0f µs", s.name, l, got.rate, ms(got.p50), us(got.cpu))
		for k := range results {
			if results[k].name == s.name && results[k].load == l {
				results[k].samples = append(results[k].samples, got)
			}
		}
	}
	return nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1e3 }
func us(d time.Duration) float64 { return d.Seconds() * 1e6 }
