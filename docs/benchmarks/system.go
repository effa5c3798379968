package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// system is what the load is sent to.
type system struct {
	name, title string
	address     string
	requests    [][]byte                         // one for each person
	right       func(p person, body []byte) bool // whether a response has the truth about the person
	renew       func(ctx context.Context) error  // what must be done before each measurement; nil for nothing
	own         *process
	database    int // the process id of its database server, 0 if it has none
	close       func() error
}

// errAbsent is why a system is left out on a machine that does not have its program.
var errAbsent = errors.New("not installed")

// environment is what the systems share.
type environment struct {
	o      options
	dir    string
	vendor string // the address of the mock
	people []person
}

// entry is how a system is started.
type entry struct {
	name, title string
	start       func(ctx context.Context, e environment) (*system, error)
}

// catalogue returns all systems, in the order of the page.
func catalogue() []entry {
	return []entry{
		{"mock", "the mock vendor itself", startMock},
		{"proxy", "httputil.ReverseProxy", startProxy},
		{"nginx", "nginx", startNginx},
		{"caddy", "Caddy", startCaddy},
		{"lura", "Lura", startLura},
		{"memory", "heyan, memory", heyan{store: "memory"}.start},
		{"sqlite", "heyan, SQLite", heyan{store: "sqlite"}.start},
		{"postgres", "heyan, PostgreSQL", heyan{store: "postgres"}.start},
		{"plugin", "heyan, memory, plugin", heyan{store: "memory", plugin: true}.start},
		{"policy", "heyan, memory, full policy", heyan{store: "memory", policy: true}.start},
		{"policy-sqlite", "heyan, SQLite, full policy", heyan{store: "sqlite", policy: true}.start},
	}
}

func names(entries []entry) (list []string) {
	for _, e := range entries {
		list = append(list, e.name)
	}
	return list
}

// chosen returns the entries of -only, all if it has none.
func chosen(only []string) ([]entry, error) {
	all := catalogue()
	for _, name := range only {
		if !slices.Contains(names(all), name) {
			return nil, fmt.Errorf("-only: unknown system %q; known are %s", name, strings.Join(names(all), ", "))
		}
	}
	return slices.DeleteFunc(all, func(e entry) bool { return len(only) > 0 && !slices.Contains(only, e.name) }), nil
}

// startAll starts the systems. One that is not installed is left out, unless -only names it.
func startAll(ctx context.Context, o options, dir string, progress func(string, ...any)) (list []*system, err error) {
	entries, err := chosen(o.only)
	if err != nil {
		return nil, err
	}
	mock, address, err := startRole("mock")
	if err != nil {
		return nil, err
	}
	list = append(list, &system{close: mock.stop}) // closed last
	e := environment{o: o, vendor: address, people: people()}
	for _, entry := range entries {
		progress("starting %s", entry.title)
		e.dir = filepath.Join(dir, entry.name)
		if err := os.Mkdir(e.dir, 0o755); err != nil { //nolint:gosec // the workers of nginx and PostgreSQL run as other users
			return list, err
		}
		s, err := entry.start(ctx, e)
		if errors.Is(err, errAbsent) && len(o.only) == 0 {
			progress("%s is left out: %v", entry.title, err)
			continue
		}
		if err != nil {
			return list, fmt.Errorf("%s: %w", entry.name, err)
		}
		s.name, s.title = entry.name, entry.title
		list = append(list, s)
	}
	return list, nil
}

// closeAll stops the systems, the mock vendor as the last one.
func closeAll(list []*system) {
	for _, s := range slices.Backward(list) {
		if s.close != nil {
			_ = s.close() // how a process ends after an interrupt says nothing about what was measured
		}
	}
}

// forward returns a system that passes requests on to the vendor as they are.
func forward(e environment, address string, p *process) *system {
	s := &system{address: address, own: p, right: rightReply}
	if p != nil {
		s.close = p.stop
	}
	for _, p := range e.people {
		query := url.Values{"idCard": {p.number}, "name": {p.name}}
		s.requests = append(s.requests, fmt.Appendf(nil, "GET /idcard?%s HTTP/1.1\r\nHost: %s\r\nAuthorization: APPCODE %s\r\n\r\n", query.Encode(), address, appCode))
	}
	return s
}

// rightReply reports whether a reply of the vendor has the truth about a person.
func rightReply(p person, body []byte) bool {
	status := `"status":"02"`
	if p.match {
		status = `"status":"01"`
	}
	return bytes.Contains(body, []byte(status)) && bytes.Contains(body, []byte(reference(p.number, p.name)))
}

func startMock(_ context.Context, e environment) (*system, error) {
	return forward(e, e.vendor, nil), nil
}
