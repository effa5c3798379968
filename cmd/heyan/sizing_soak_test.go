//go:build soak && linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSizing measures what docs/operations.md says about sizing, and asserts nothing. TEST_CALLS
// sets the number of verifications.
func TestSizing(t *testing.T) {
	c := daemonOnSQLite(t)
	pid, calls := c.process.Process.Pid, count("TEST_CALLS", 20_000)
	time.Sleep(3 * time.Second) // a measurement, not a test: let the start settle
	idle := resident(t, pid)
	conns := idleConnections(t, c.address, 2000)
	time.Sleep(time.Second)
	connected := resident(t, pid)
	t.Logf("idle: %d KiB resident; %d idle connections: %.1f KiB each", idle, len(conns), float64(connected-idle)/float64(len(conns)))
	for _, conn := range conns {
		_ = conn.Close()
	}
	before, began, size := cpu(t, pid), time.Now(), databaseSize(t, c.config)
	var next atomic.Int64
	var load sync.WaitGroup
	for range 16 {
		load.Go(func() {
			for n := next.Add(1); n <= int64(calls); n = next.Add(1) {
				if status, body := c.post(context.Background(), c.address, fmt.Sprint("key-", n)); status != http.StatusOK {
					t.Errorf("status %d: %s", status, body)
				}
			}
		})
	}
	load.Wait()
	used, took := cpu(t, pid)-before, time.Since(began)
	t.Logf("%d verifications with a key by 16 callers: %.0f a second, %.2f ms of processor time each, %.0f bytes of database each, %d KiB resident",
		calls, float64(calls)/took.Seconds(), float64(used.Microseconds())/1000/float64(calls),
		float64(databaseSize(t, c.config)-size)/float64(calls), resident(t, pid))
}

// idleConnections opens connections, sends a request on each, and leaves them open.
func idleConnections(t *testing.T, address string, n int) (list []net.Conn) {
	t.Helper()
	for range n {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "GET /v1/verifications/ver_none HTTP/1.1\r\nHost: "+address+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		list = append(list, conn)
	}
	return list
}

// cpu returns the processor time of a process.
func cpu(t *testing.T, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndex(string(stat), ")")+1:]))
	var ticks int64
	for _, f := range fields[11:13] { // utime and stime, in hundredths of a second
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// databaseSize returns the bytes of the database and its WAL.
func databaseSize(t *testing.T, config string) (size int64) {
	t.Helper()
	for _, name := range []string{"heyan.db", "heyan.db-wal"} {
		info, err := os.Stat(filepath.Join(filepath.Dir(config), name))
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	return size
}
