module github.com/heyan-id/heyan/docs/benchmarks

go 1.26.0
