//go:build unix

package guard_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
)

// envStopped makes the test binary the process that TestStoppedProcess stops.
const envStopped = "HEYAN_TEST_STOPPED"

// TestStoppedProcess stops a process with calls in flight by a signal, as a machine that pauses
// does, for longer than calls may take. That keeps no caller away from the vendor.
func TestStoppedProcess(t *testing.T) {
	if os.Getenv(envStopped) != "" {
		beStopped(t)
		return
	}
	t.Parallel()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStoppedProcess$")
	c.Env, c.Stderr = append(os.Environ(), envStopped+"=1"), os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	wantLine(t, lines, "overdue after 1 s: true\n")
	if err := c.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(4 * time.Second) // the pause itself
	if err := c.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(in); err != nil {
		t.Fatal(err)
	}
	wantLine(t, lines, "can be called: true\n")
	wantLine(t, lines, "failures that count: 0\n")
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
}

func wantLine(t *testing.T, from *bufio.Reader, want string) {
	t.Helper()
	if got, err := from.ReadString('\n'); got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func beStopped(t *testing.T) {
	v := &vendor{reply: slow(time.Second)}
	g := guard.New("v", v, guard.Limits{Concurrency: 128, Timeout: 4 * time.Second}, guard.Hooks{})
	var calls sync.WaitGroup
	for g.Activity().Overdue == 0 { // on a busy machine some answers are not learned
		for range 100 {
			calls.Go(func() { ask(t, g) })
		}
		calls.Wait()
	}
	const running = 5
	started := make(chan struct{})
	v.now(func(ctx context.Context) (idv.Answer, error) {
		started <- struct{}{}
		return slow(time.Hour)(ctx)
	})
	for range running {
		calls.Go(func() { ask(t, g) })
	}
	for range running {
		<-started
	}
	fmt.Println("overdue after 1 s:", g.Activity().Overdue >= time.Second)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Println("can be called:", g.Availability().Reason == "")
	calls.Wait()
	fmt.Println("failures that count:", g.Activity().FailuresInARow)
}
