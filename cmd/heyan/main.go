// Command heyan verifies identity claims with paid vendors: as a command line tool, as a
// daemon, and against sandbox vendors.
//
// Each command family has one or two files. cli.go holds the command tree, the exit
// codes and the usage errors, load.go reads the configuration, output.go prints results,
// input.go reads the subject.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a container may have no time zones, which maintenance windows need

	"google.golang.org/grpc/grpclog"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal cancels the context, the second one ends the process.
	context.AfterFunc(ctx, stop)
	// gRPC would write to stderr what a plugin's end of a connection sends. The plugin's state
	// says what is wrong.
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	environ := os.Environ()
	protect()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, environ))
}
