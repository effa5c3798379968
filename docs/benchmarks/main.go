// Command benchmarks loads heyan, and what else can stand in front of a vendor, in turns, and
// writes what it measured to a page. README.md describes the method.
//
//	make compare
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

// options are the flags.
type options struct {
	heyan, plugin string // the binaries
	rounds        int
	duration      time.Duration // of one measurement
	warm          time.Duration // of the load on each system before the first round
	connections   []int
	rate          float64 // of the open loop, requests a second
	only          []string
	dir           string // where the databases are
	page, svg     string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{connections: []int{32, 256}}
	flags := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.heyan, "heyan", "../../bin/heyan", "the heyan binary")
	flags.StringVar(&o.plugin, "plugin", "../../bin/heyan-provider-idcert", "the binary of the plugin idcert")
	flags.IntVar(&o.rounds, "rounds", 5, "rounds; the page has their medians")
	flags.DurationVar(&o.duration, "duration", 2*time.Second, "how long each measurement takes")
	flags.DurationVar(&o.warm, "warm", time.Second, "how long each system is loaded before the first round")
	flags.Func("connections", "connections of the closed loops, with commas between (default 32,256)", func(text string) (err error) {
		o.connections, err = numbers(text)
		return err
	})
	flags.Float64Var(&o.rate, "rate", 500, "requests a second of the open loop, over the most connections; 0 leaves it out")
	flags.Func("only", "names of systems, with commas between; all that are installed if left out: "+strings.Join(names(catalogue()), ","), func(text string) error {
		o.only = strings.Split(text, ",")
		return nil
	})
	flags.StringVar(&o.dir, "dir", "", "folder for the databases; a temporary one if empty")
	flags.StringVar(&o.page, "page", "", "a page whose part between the markers is replaced by the results; none if empty")
	flags.StringVar(&o.svg, "svg", "", "the file of the chart; none if empty")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.rounds < 1 || o.duration <= 0 || o.warm < 0 || o.rate < 0 {
		return o, errors.New("-rounds must be at least 1, -duration positive, -warm and -rate not negative")
	}
	return o, nil
}

// numbers reads positive numbers with commas between.
func numbers(text string) (list []int, err error) {
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > 10_000 {
			return nil, fmt.Errorf("%q is not a number from 1 to 10000", word)
		}
		list = append(list, n)
	}
	return list, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if role := os.Getenv(roleVariable); role != "" {
		return serve(ctx, role, stdout)
	}
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	begun := time.Now()
	results, err := measureAll(ctx, o, stderr)
	if err != nil {
		return err
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
