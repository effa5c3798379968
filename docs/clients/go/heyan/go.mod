module github.com/heyan-id/heyan/docs/clients/go/heyan

go 1.25.0
