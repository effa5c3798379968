//go:build unix

package plugins

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func TestCrash(t *testing.T) {
	t.Parallel()
	s := spec(t, "good")
	seen := states(&s)
	p := opened(t, s)
	codec := codecOf(t, p)
	first := p.State()
	if !p.Kill() {
		t.Fatal("there was no process")
	}
	if got := next(seen, Restarting); got.Reason != ReasonCrashed || got.PID != 0 {
		t.Errorf("state %+v, want crashed", got)
	}
	// This waits for the next process, or not, but it never hangs and never says that
	// something was sent.
	if _, err := codec.Encode(person(1)); err != nil && (idv.FailureOf(err) != idv.Unavailable || idv.AsError(err).Delivery != idv.NotSent) {
		t.Errorf("while it restarts: got %v, want unavailable and not sent", err)
	}
	if got := next(seen, Ready); got.Restarts != 1 || got.Reason != ReasonCrashed || got.PID == first.PID {
		t.Errorf("state %+v, want one restart", got)
	}
	if _, err := codec.Encode(person(1)); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}

// A process that is stopped answers no ping: it is ended and started again.
func TestHang(t *testing.T) {
	t.Parallel()
	s := spec(t, "good")
	s.PingEvery = 500 * time.Millisecond
	seen := states(&s)
	opened(t, s)
	// On a busy machine the first ping may be late already: then there is no such process.
	if err := syscall.Kill(next(seen, Ready).PID, syscall.SIGSTOP); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Fatal(err)
	}
	if got := next(seen, Restarting); got.Reason != ReasonHung {
		t.Errorf("state %+v, want hung", got)
	}
	next(seen, Ready)
}

// A codec that is stuck answers pings all the same.
func TestStuck(t *testing.T) {
	t.Parallel()
	s := spec(t, "stuck")
	s.CallTimeout = 20 * time.Millisecond
	seen := states(&s)
	codec := codec{productOf(t, opened(t, s)), nil}
	for calls := 0; calls < slowCalls || len(seen) < 2; calls++ { // on a busy machine some of them do not count
		q := person(1)
		if _, err := codec.Decode(q, toyReply(q)); calls < slowCalls && idv.FailureOf(err) != idv.Timeout {
			t.Errorf("got %v, want timeout", err)
		}
	}
	if got := next(seen, Restarting); got.Reason != ReasonHung {
		t.Errorf("state %+v, want hung", got)
	}
}

// A call counts as slow if it ended at its deadline, and not if this process did not run then.
func TestPausedCallsAreNotSlow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		late   time.Duration
		failed bool
	}{
		{"ended at the deadline", 0, true},
		{"ended long after it", time.Second, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlugin(Spec{Name: "toy"}.withDefaults())
				i := &instance{spec: p.spec, failed: make(chan struct{})}
				p.install(i)
				for range slowCalls {
					_ = p.quickCall(t.Context(), idv.Subject{}, func(context.Context, *instance) error {
						time.Sleep(p.spec.CallTimeout + tt.late)
						return status.Error(codes.DeadlineExceeded, "")
					})
				}
				select {
				case <-i.failed:
					if !tt.failed {
						t.Error("the plugin is taken for stuck")
					}
				default:
					if tt.failed {
						t.Error("the plugin is not taken for stuck")
					}
				}
			})
		})
	}
}

// A reply that came as the deadline passed is decoded all the same.
func TestDecodeAfterTheDeadline(t *testing.T) {
	t.Parallel()
	codec := codecOf(t, opened(t, spec(t, "good")))
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if a, err := codec.DecodeContext(ctx, person(1), toyReply(person(1))); err != nil || a.Verdict != idv.Match {
		t.Errorf("got %v, %v; want a match", a.Verdict, err)
	}
	canceled, stop := context.WithCancel(t.Context())
	stop()
	if _, err := codec.DecodeContext(canceled, person(1), toyReply(person(1))); idv.FailureOf(err) != idv.Canceled {
		t.Errorf("a canceled caller: %v", err)
	}
}

func TestFailedRestart(t *testing.T) {
	t.Parallel()
	s := spec(t, "fragile")
	mark := filepath.Join(shortDir(t), "mark")
	s.Env = append(s.Env, "TOY_MARK="+mark)
	seen := states(&s)
	p := opened(t, s)
	codec := codecOf(t, p)
	p.Kill()
	got := next(seen, Failed)
	if got.Reason != ReasonStartExit || got.Detail == "" {
		t.Errorf("state %+v, want start_exit with its code", got)
	}
	if later := next(seen, Failed); later.RetryAt.Before(later.Since) {
		t.Errorf("state %+v, want the time of the next try", later)
	}
	if _, err := codec.Encode(person(1)); idv.FailureOf(err) != idv.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	next(seen, Ready)
}

// A call waits for a plugin that is being started again, and for no longer than
// patience.
func TestCallWaitsForARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlugin(Spec{Name: "toy"}.withDefaults())
		begun := time.Now()
		if _, err := p.take(t.Context()); idv.FailureOf(err) != idv.Unavailable || time.Since(begun) != restartWait {
			t.Errorf("got %v after %v, want unavailable after %v", err, time.Since(begun), restartWait)
		}
		if a := p.Availability(); a.Reason != idv.SkipPluginNotReady {
			t.Errorf("after a wait in vain: %+v, want that plans skip it", a)
		}
		p.install(&instance{})
		p.discard(p.current)
		if a := p.Availability(); a != (idv.Availability{Unresponsive: true}) {
			t.Errorf("as it is lost: %+v, want that calls wait, and plans have it last", a)
		}
		time.AfterFunc(restartWait/2, func() { p.install(&instance{}) })
		begun = time.Now()
		if _, err := p.take(t.Context()); err != nil || time.Since(begun) != restartWait/2 {
			t.Errorf("got %v after %v, want the new instance after %v", err, time.Since(begun), restartWait/2)
		}
	})
}

// People agreed to the recipient that a plugin named when heyan started. It is not used
// when it names another one after a crash.
func TestRestartKeepsTheRecipient(t *testing.T) {
	t.Parallel()
	s := spec(t, "turncoat")
	s.Env = append(s.Env, "TOY_MARK="+filepath.Join(shortDir(t), "mark"))
	seen := states(&s)
	p := opened(t, s)
	p.Kill()
	if got := next(seen, Failed); got.Reason != ReasonChanged {
		t.Errorf("state %+v, want changed", got)
	}
	if got := p.Products()[0].Recipient; got != "example" {
		t.Errorf("the recipient is %q", got)
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	for failedStarts, want := range map[int]time.Duration{
		0: 0, 1: 0, 2: firstPause, 3: 2 * firstPause, 9: 128 * firstPause, 11: maxPause, 12: maxPause, 1000: maxPause,
	} {
		for range 100 {
			if got := pause(failedStarts); got > want || got < want/2 {
				t.Errorf("pause(%d) = %v, want from %v to %v", failedStarts, got, want/2, want)
			}
		}
	}
}

// A new version takes over under load, and no call fails for it.
func TestSwap(t *testing.T) {
	t.Parallel()
	p := opened(t, spec(t, "good"))
	vendor := &toyVendor{calls: map[string]int{}}
	provider := providers.NewProvider(codecOf(t, p), vendor)
	var asked, failed atomic.Int64
	answered := make(chan struct{}, 4)
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for ctx.Err() == nil {
				q := person(int(asked.Add(1)) % 1000)
				if a, err := provider.Ask(t.Context(), q); err != nil || a.Verdict != want(q.Subject.IDNumber) {
					failed.Add(1)
					t.Errorf("got %+v, %v", a, err)
				}
				select {
				case answered <- struct{}{}:
				default:
				}
			}
		})
	}
	first := p.State().PID
	for _, role := range []string{"next", "good", "next"} {
		if err := p.Swap(t.Context(), spec(t, role)); err != nil {
			t.Fatal(err)
		}
		for range 20 { // calls between two swaps
			<-answered
		}
	}
	stop()
	group.Wait()
	t.Logf("%d calls during three swaps, %d failed", asked.Load(), failed.Load())
	if s := p.State(); s.Version != "2.0.0" || s.PID == first || p.Products()[0].Version != "2.0.0" || s.Restarts != 0 {
		t.Errorf("state %+v, want the new version", s)
	}
}

func TestSwapRefused(t *testing.T) {
	t.Parallel()
	p := opened(t, spec(t, "good"))
	first := p.State().PID
	other := spec(t, "good")
	other.Name = "other"
	for _, tt := range []struct {
		name string
		spec Spec
		want Reason
	}{
		{"another name", other, ReasonChanged},
		{"another kind", spec(t, "own"), ReasonChanged},
		{"another recipient", spec(t, "sold"), ReasonChanged},
		{"another promise", spec(t, "fresh"), ReasonChanged},
		{"other products", spec(t, "several"), ReasonChanged},
		{"a bad start", spec(t, "exit"), ReasonStartExit},
		{"a missing file", Spec{Path: "nothing", AllowUnpinned: true}, ReasonMissing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := p.Swap(t.Context(), tt.spec); !isReason(err, tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	if _, err := codecOf(t, p).Encode(person(1)); err != nil || p.State().PID != first {
		t.Errorf("the old one does not go on: %v", err)
	}
}

// A swap also revives a plugin that cannot start any more.
func TestSwapRevives(t *testing.T) {
	t.Parallel()
	s := spec(t, "fragile")
	s.Env = append(s.Env, "TOY_MARK="+filepath.Join(shortDir(t), "mark"))
	seen := states(&s)
	p := opened(t, s)
	p.Kill()
	next(seen, Failed)
	if err := p.Swap(t.Context(), spec(t, "good")); err != nil {
		t.Fatal(err)
	}
	if _, err := codecOf(t, p).Encode(person(1)); err != nil {
		t.Error(err)
	}
}

func isReason(err error, want Reason) bool {
	e, ok := err.(*Error) //nolint:errorlint // what these functions return is the error itself
	return ok && e.Reason == want
}

// A crash takes all calls in flight with it. It counts against the vendor once if the
// vendor may have been called, and not at all otherwise.
func TestLostCallsCountOnce(t *testing.T) {
	t.Parallel()
	crashed := opened(t, spec(t, "dies"))
	_, err := codecOf(t, crashed).EncodeContext(t.Context(), person(1))
	if e := idv.AsError(err); e.Failure != idv.Unavailable || !e.HostSide {
		t.Errorf("lost in Encode: %+v, want host side", e)
	}
	conn, err := grpc.NewClient("passthrough:///nowhere", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	p := newPlugin(Spec{Name: "toy"}.withDefaults())
	p.install(&instance{conn: conn})
	for n, want := range []bool{false, true, true} {
		err := p.call(t.Context(), idv.Subject{}, func(context.Context, *instance) error { return status.Error(codes.Unavailable, "") })
		if got := idv.AsError(err).HostSide; got != want {
			t.Errorf("lost call %d: host side %v, want %v", n, got, want)
		}
	}
}

// A plugin that goes on and says that it is unavailable counts against the vendor each
// time, so that the breaker opens.
func TestUnavailableOfALivingPluginCounts(t *testing.T) {
	t.Parallel()
	for _, code := range []codes.Code{codes.Unavailable, codes.Canceled, codes.Aborted} {
		t.Run(code.String(), func(t *testing.T) {
			t.Parallel()
			s := spec(t, "refuses")
			s.Env = append(s.Env, fmt.Sprintf("TOY_CODE=%d", code))
			p := opened(t, s)
			pid := p.State().PID
			for n := range 3 {
				_, err := codecOf(t, p).DecodeContext(t.Context(), person(1), toyReply(person(1)))
				if e := idv.AsError(err); e.Failure != idv.Unavailable || e.HostSide {
					t.Errorf("call %d: %+v, want unavailable and not host side", n, e)
				}
			}
			if p.State().PID != pid {
				t.Error("the plugin did not go on")
			}
		})
	}
}
