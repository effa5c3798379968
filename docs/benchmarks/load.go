package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is what one measurement sends. In a closed loop each connection sends its next request
// when the one before is answered. In an open loop requests are due at a rate, whether or not
// those before are answered, and the time of each counts from when it was due.
type load struct {
	connections int
	rate        float64 // requests a second of an open loop, 0 for a closed one
}

func (l load) String() string {
	if l.rate > 0 {
		return fmt.Sprintf("open loop, %g/s", l.rate)
	}
	return fmt.Sprintf("closed loop, %d connections", l.connections)
}

// sample is one measurement.
type sample struct {
	rate          float64 // responses a second
	p50, p99      time.Duration
	cpu, database time.Duration // processor time a request, of the system and of its database
	right, wrong  int           // responses
	fault         string        // the first wrong one
}

// attack is a load under way.
type attack struct {
	load
	*system
	people []person
	begun  time.Time
	length time.Duration
	next   atomic.Int64

	mu     sync.Mutex
	times  []time.Duration
	sample sample
}

// line is a connection to a system.
type line struct {
	net.Conn

	reader *bufio.Reader
	body   bytes.Buffer
}

// measure sends a load to a system.
func measure(ctx context.Context, s *system, people []person, l load, length time.Duration) (sample, error) {
	a := &attack{load: l, system: s, people: people, length: length}
	lines, err := a.connect(ctx)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w", s.name, err)
	}
	own, database := s.processorTimes()
	a.begun = time.Now()
	var senders sync.WaitGroup
	for _, l := range lines {
		senders.Go(func() { a.send(l) })
	}
	senders.Wait()
	elapsed := time.Since(a.begun)
	ownAfter, databaseAfter := s.processorTimes()
	result := a.sample
	if result.right = len(a.times); result.right == 0 {
		return result, fmt.Errorf("%s: no right response: %s", s.name, result.fault)
	}
	slices.Sort(a.times)
	at := func(q float64) time.Duration { return a.times[int(q*float64(len(a.times)-1))] }
	requests := time.Duration(result.right + result.wrong)
	result.rate, result.p50, result.p99 = float64(result.right)/elapsed.Seconds(), at(0.5), at(0.99)
	result.cpu, result.database = (ownAfter-own)/requests, (databaseAfter-database)/requests
	return result, nil
}

// processorTimes returns those of the system and of its database so far.
func (s *system) processorTimes() (own, database time.Duration) {
	if s.own != nil {
		own = processorTime(s.own.cmd.Process.Pid)
	}
	if s.database != 0 {
		database = processorTime(s.database)
	}
	return own, database
}

// connect opens the connections and sends a request over each that is not counted, so that what
// a system does once for a connection, and for those to the vendor, is no part of a measurement.
func (a *attack) connect(ctx context.Context) ([]*line, error) {
	lines, faults := make([]*line, a.connections), make([]error, a.connections)
	var callers sync.WaitGroup
	for i := range lines {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", a.address)
		if err != nil {
			return nil, err
		}
		lines[i] = &line{Conn: conn, reader: bufio.NewReader(conn)}
		callers.Go(func() { faults[i] = a.exchange(lines[i], i%len(a.people)) })
	}
	callers.Wait()
	return lines, errors.Join(faults...)
}

// send sends requests over one connection until the time is over.
func (a *attack) send(l *line) {
	defer func() { _ = l.Close() }()
	var times []time.Duration
	for {
		n := int(a.next.Add(1) - 1)
		due, more := a.due(n)
		if !more {
			break
		}
		p := n % len(a.people)
		if err := a.exchange(l, p); err != nil {
			a.fail(err)
			break // the connection is in an unknown state
		}
		times = append(times, time.Since(due))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.times = append(a.times, times...)
}

// due waits until a request is due. more is false when the time is over.
func (a *attack) due(n int) (at time.Time, more bool) {
	now := time.Now()
	end := a.begun.Add(a.length)
	if a.rate == 0 {
		return now, now.Before(end)
	}
	at = a.begun.Add(time.Duration(float64(n) / a.rate * float64(time.Second)))
	if !at.Before(end) {
		return at, false
	}
	time.Sleep(at.Sub(now))
	return at, true
}

// patience is how long a response may take. Then the request failed.
const patience = 40 * time.Second

// exchange sends the request about a person and verifies the response.
func (a *attack) exchange(l *line, p int) error {
	if err := l.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := l.Write(a.requests[p]); err != nil {
		return err
	}
	resp, err := http.ReadResponse(l.reader, nil)
	if err != nil {
		return err
	}
	l.body.Reset()
	_, err = l.body.ReadFrom(resp.Body)
	if closed := resp.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || !a.right(a.people[p], l.body.Bytes()) {
		return fmt.Errorf("status %d, and not the truth about %s: %.2000s", resp.StatusCode, a.people[p].number, l.body.Bytes())
	}
	return nil
}

func (a *attack) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sample.wrong++; a.sample.fault == "" {
		a.sample.fault = err.Error()
	}
}
