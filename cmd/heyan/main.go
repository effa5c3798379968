// Command heyan asks identity vendors one question and gives one verdict: from the
// command line, as a daemon, and against fake vendors to try it out.
//
// This file is the door. Each command has a file of its own; tool.go joins them,
// exit.go says what the exit codes mean.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end, the second one ends the process.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
