package sandbox_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

func TestResetBeforeAnswer(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	setMode(t, s, sandbox.ModeResetBefore)
	got := ask(t, s.Vendors()[0], evenNumber, anyName)
	if len(got.raw) != 0 || !errors.Is(got.err, syscall.ECONNRESET) {
		t.Errorf("%d bytes, error %v; want a reset before the first", len(got.raw), got.err)
	}
	checkStats(t, s, "reset_before_answer", 1)
}

func TestResetAfterAnswer(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	setMode(t, s, sandbox.ModeResetAfter)
	got := ask(t, s.Vendors()[0], evenNumber, anyName)
	if got.status != 200 || !bytes.HasPrefix(got.body, []byte(`{"status":"01"`)) || bytes.HasSuffix(got.body, []byte("}")) {
		t.Errorf("status %d, body %q; want the first half of a match", got.status, got.body)
	}
	if !errors.Is(got.err, syscall.ECONNRESET) || !errors.Is(got.err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v; want a reset before the promised length", got.err)
	}
	checkStats(t, s, "reset_after_answer", 1)
}

// hold sends a request and leaves the connection open, unread.
func hold(t *testing.T, v sandbox.Vendor) net.Conn {
	t.Helper()
	conn := dial(t, v)
	request := "GET " + target(evenNumber, anyName) + " HTTP/1.1\r\nHost: sandbox\r\n" + appCode(v) + "\r\n\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal("writing the request failed")
	}
	return conn
}

// until polls a condition, since the two ends of a connection do not wait for each
// other. A condition that never holds ends with the timeout of go test.
func until(ok func() bool) {
	for !ok() {
		time.Sleep(time.Millisecond)
	}
}

func TestBilledBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	for _, sc := range []sandbox.Scenario{
		{Vendor: "idcert-a", Mode: sandbox.ModeStall},
		{Vendor: "idcert-a", Mode: sandbox.ModeNormal, LatencyMS: 3_600_000},
	} {
		t.Run(string(sc.Mode), func(t *testing.T) {
			s := sandboxtest.Start(t, sandbox.Config{})
			if err := s.SetScenario(sc); err != nil {
				t.Fatal(err)
			}
			conn := hold(t, s.Vendors()[0])
			defer shut(t, conn)
			until(func() bool { return s.Stats()["idcert-a"].Billed == 1 })
			if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
				t.Fatal(err)
			}
			if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("read %d bytes, want none yet", n)
			}
		})
	}
}

// TestCloseEndsWhatIsUnderWay holds one connection per endless mode and a client
// that does not read 10 MiB, then closes. The leak check of this package sees
// whether anything stays.
func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	for _, m := range []sandbox.Mode{
		sandbox.ModeStall, sandbox.ModeSlowDrip, sandbox.ModeSwapAnswers, sandbox.ModeHuge, sandbox.ModeNormal,
	} {
		t.Run(string(m), func(t *testing.T) {
			s := sandboxtest.Start(t, sandbox.Config{})
			if err := s.SetScenario(sandbox.Scenario{Vendor: "idcert-a", Mode: m, LatencyMS: 1}); err != nil {
				t.Fatal(err)
			}
			conn := hold(t, s.Vendors()[0])
			defer shut(t, conn)
			until(func() bool { return s.Stats()["idcert-a"].Requests == 1 })
			if err := s.Close(t.Context()); err != nil {
				t.Errorf("Close: %v", err)
			}
			_, _ = io.Copy(io.Discard, conn) // returns only when the connection has ended
		})
	}
}
