package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// process is a system's process, and with it those that it starts.
type process struct {
	cmd *exec.Cmd
	log bytes.Buffer
}

// launch starts a process. read says whether its first line on standard output is its address.
func launch(read bool, env []string, name string, args ...string) (p *process, address string, err error) {
	p = &process{cmd: exec.Command(name, args...)} //nolint:noctx // stop ends it in its own way
	p.cmd.Env, p.cmd.Stderr = append(os.Environ(), env...), &p.log
	if !read {
		return p, "", p.cmd.Start()
	}
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		return nil, "", err
	}
	var at struct{ Listen string }
	if err := json.NewDecoder(out).Decode(&at); err != nil {
		_ = p.stop()
		return nil, "", fmt.Errorf("%s did not start: %w: %s", filepath.Base(name), err, p.log.String())
	}
	return p, at.Listen, nil
}

// accepts waits until the process accepts connections.
func (p *process) accepts(ctx context.Context, address string) error {
	for range 200 {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		if !sleep(ctx, 50*time.Millisecond) {
			return ctx.Err()
		}
	}
	_ = p.stop()
	return fmt.Errorf("%s accepts no connections: %s", filepath.Base(p.cmd.Path), p.log.String())
}

// stop interrupts the process and, if it does not end, kills it.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(os.Interrupt)
	late := time.AfterFunc(10*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	return p.cmd.Wait()
}

// freeAddress returns a loopback address that no process listens on.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// tick is the unit of times in /proc/PID/stat, which is the same on all machines (USER_HZ).
const tick = 10 * time.Millisecond

// processorTime returns the processor time of a process and all its descendants, 0 on a system
// without /proc.
func processorTime(root int) time.Duration {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	parents, times := map[int]int{}, map[int]time.Duration{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it ended
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		// The name of the program is in brackets and may hold anything.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if err != nil || len(fields) < 15 {
			continue
		}
		parents[pid], _ = strconv.Atoi(fields[1])
		for _, field := range fields[11:15] { // in user and kernel mode, and the same of children that ended
			n, _ := strconv.Atoi(field)
			times[pid] += time.Duration(n) * tick
		}
	}
	total := time.Duration(0)
	for pid := range parents {
		for at := pid; at != 0; at = parents[at] {
			if at == root {
				total += times[pid]
				break
			}
		}
	}
	return total
}

// sleep reports whether the time passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
