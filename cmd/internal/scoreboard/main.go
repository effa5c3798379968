// Command scoreboard runs heyan, and what a team would use in its place, through outages of
// sandbox vendors, and measures what they cost. docs/scoreboard.md describes the method.
//
//	make scoreboard
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"time"
)

// options are the flags.
type options struct {
	heyan     string        // the binary
	rate      float64       // requests a second
	pause     time.Duration // gate_first and breaker_open of heyan, and the open time of the other breakers
	timeout   time.Duration // of a call
	warm      time.Duration // before an outage
	after     time.Duration // after it
	scale     float64       // of the outages
	stories   string
	systems   string
	page, svg string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "scoreboard:", err)
		os.Exit(1)
	}
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{}
	short := false
	flags := flag.NewFlagSet("scoreboard", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.heyan, "heyan", "bin/heyan", "the heyan binary")
	flags.Float64Var(&o.rate, "rate", 200, "requests a second")
	flags.DurationVar(&o.pause, "pause", 5*time.Second, "pause between trials of a vendor that fails")
	flags.DurationVar(&o.timeout, "timeout", 3*time.Second, "how long every system waits for a vendor")
	flags.DurationVar(&o.warm, "warm", 5*time.Second, "time before each outage")
	flags.DurationVar(&o.after, "after", 12*time.Second, "time after each outage")
	flags.Float64Var(&o.scale, "scale", 1, "factor for the length of the outages")
	flags.BoolVar(&short, "short", false, "the same as -rate 50 -pause 500ms -warm 3s -after 2s -scale 0.1")
	flags.StringVar(&o.stories, "stories", "", "names of stories, with commas between; all if empty")
	flags.StringVar(&o.systems, "systems", "", "heyan, baseline, nginx, with commas between; all that are installed if empty")
	flags.StringVar(&o.page, "page", "", "a page whose part between the markers is replaced by the results; none if empty")
	flags.StringVar(&o.svg, "svg", "", "the file of the chart; none if empty")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if short {
		o.rate, o.pause, o.warm, o.after, o.scale = 50, 500*time.Millisecond, 3*time.Second, 2*time.Second, 0.1
	}
	if o.rate <= 0 || o.rate > 10_000 || o.scale <= 0 || o.warm <= 0 || o.after <= 0 || o.pause <= 0 || o.timeout <= 0 {
		return o, errors.New("-rate must be from 0 to 10000; -pause, -timeout, -warm, -after and -scale must be positive")
	}
	return o, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	list, err := chosen(o.stories)
	if err != nil {
		return err
	}
	makers, err := chosenSystems(o.systems, stderr)
	if err != nil {
		return err
	}
	begun := time.Now()
	var results []result
	for i, s := range list {
		_, _ = fmt.Fprintf(stderr, "%d/%d %s: %s, outage of %s\n", i+1, len(list), s.name, s.title, s.scaled(o.scale))
		// heyan has the machine to itself; the others need little of it and share it.
		for _, round := range [][]string{{"heyan"}, {"baseline", "nginx"}} {
			some, err := measureAll(ctx, o, s, makers, round, stderr)
			if err != nil {
				return err
			}
			results = append(results, some...)
		}
	}
	text := page(results, o, begun)
	_, _ = fmt.Fprint(stdout, text)
	if o.page != "" {
		err = replacePart(o.page, text)
	}
	if o.svg != "" && err == nil {
		err = os.WriteFile(o.svg, []byte(chart(results)), 0o644)
	}
	return err
}

// measureAll measures some systems at the same time, each with vendors of its own.
func measureAll(ctx context.Context, o options, s story, makers map[string]maker, names []string, progress io.Writer) ([]result, error) {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return makers[name] == nil || s.only != "" && s.only != name })
	results, faults := make([]result, len(names)), make([]error, len(names))
	var running sync.WaitGroup
	for i, name := range names {
		running.Go(func() {
			if results[i], faults[i] = measure(ctx, o, s, makers[name]); faults[i] != nil {
				faults[i] = fmt.Errorf("%s with %s: %w", s.name, name, faults[i])
				return
			}
			results[i].system = name
			_, _ = fmt.Fprintln(progress, "   ", results[i])
		})
	}
	running.Wait()
	return results, errors.Join(faults...)
}

// chosenSystems returns how to start each system.
func chosenSystems(names string, stderr io.Writer) (map[string]maker, error) {
	all := map[string]maker{"heyan": startHeyan, "baseline": startBaseline, "nginx": startNginx}
	if names == "" {
		if _, err := exec.LookPath("nginx"); err != nil {
			_, _ = fmt.Fprintln(stderr, "nginx is not installed and is left out")
			delete(all, "nginx")
		}
		return all, nil
	}
	some := map[string]maker{}
	for name := range strings.SplitSeq(names, ",") {
		if all[name] == nil {
			return nil, fmt.Errorf("-systems: unknown system %q; known are heyan, baseline and nginx", name)
		}
		some[name] = all[name]
	}
	return some, nil
}
