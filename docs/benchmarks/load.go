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

// measurement is a load under way.
type measurement struct {
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
	m := &measurement{load: l, system: s, people: people, length: length}
	lines, err := m.connect(ctx)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w", s.name, err)
	}
	own, database := s.processorTimes()
	m.begun = time.Now()
	var senders sync.WaitGroup
	for _, l := range lines {
		senders.Go(func() { m.send(l) })
	}
	senders.Wait()
	elapsed := time.Since(m.begun)
	ownAfter, databaseAfter := s.processorTimes()
	result := m.sample
	if result.right = len(m.times); result.right == 0 {
		return result, fmt.Errorf("%s: no right response: %s", s.name, result.fault)
	}
	slices.Sort(m.times)
	at := func(q float64) time.Duration { return m.times[int(q*float64(len(m.times)-1))] }
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
func (m *measurement) connect(ctx context.Context) ([]*line, error) {
	lines, faults := make([]*line, m.connections), make([]error, m.connections)
	var callers sync.WaitGroup
	for i := range lines {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", m.address)
		if err != nil {
			return nil, err
		}
		lines[i] = &line{Conn: conn, reader: bufio.NewReader(conn)}
		callers.Go(func() { faults[i] = m.exchange(lines[i], i%len(m.people)) })
	}
	callers.Wait()
	return lines, errors.Join(faults...)
}

// send sends requests over one connection until the time is over.
func (m *measurement) send(l *line) {
	defer func() { _ = l.Close() }()
	var times []time.Duration
	for {
		n := int(m.next.Add(1) - 1)
		due, more := m.due(n)
		if !more {
			break
		}
		p := n % len(m.people)
		if err := m.exchange(l, p); err != nil {
			m.fail(err)
			break // the connection is in an unknown state
		}
		times = append(times, time.Since(due))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.times = append(m.times, times...)
}

// due waits until a request is due. more is false when the time is over.
func (m *measurement) due(n int) (at time.Time, more bool) {
	now := time.Now()
	end := m.begun.Add(m.length)
	if m.rate == 0 {
		return now, now.Before(end)
	}
	at = m.begun.Add(time.Duration(float64(n) / m.rate * float64(time.Second)))
	if !at.Before(end) {
		return at, false
	}
	time.Sleep(at.Sub(now))
	return at, true
}

// patience is how long a response may take. Then the request failed.
const patience = 40 * time.Second

// exchange sends the request about a person and verifies the response.
func (m *measurement) exchange(l *line, p int) error {
	if err := l.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := l.Write(m.requests[p]); err != nil {
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
	if resp.StatusCode != http.StatusOK || !m.right(m.people[p], l.body.Bytes()) {
		return fmt.Errorf("status %d, and not the truth about %s: %.2000s", resp.StatusCode, m.people[p].number, l.body.Bytes())
	}
	return nil
}

func (m *measurement) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sample.wrong++; m.sample.fault == "" {
		m.sample.fault = err.Error()
	}
}
