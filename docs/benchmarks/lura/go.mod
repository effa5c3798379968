module github.com/heyan-id/heyan/docs/benchmarks/lura

go 1.26.0

require github.com/luraproject/lura/v2 v2.10.0

require (
	github.com/krakendio/flatmap v1.1.1 // indirect
	github.com/valyala/fastrand v1.1.0 // indirect
	golang.org/x/net v0.38.0 // indirect
	golang.org/x/text v0.23.0 // indirect
)
