package sqlstore

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// childSource, set in the environment, makes this test program the child that is
// killed. Its value is the path or source of the database.
const childSource = "HEYAN_KILL_CHILD"

// openKind opens a path as SQLite, anything else as PostgreSQL.
func openKind(ctx context.Context, source string) (*Store, error) {
	if strings.HasPrefix(source, "host=") {
		return openFleet(ctx, source)
	}
	return OpenSQLite(ctx, source, Options{})
}

// TestKillChild is the child: workers that hold, ask, settle and finish, and say so
// in a line after each step. "billed" stands for the vendor, who counts the call.
func TestKillChild(t *testing.T) {
	source := os.Getenv(childSource)
	if source == "" {
		t.Skip("this is the child of another test")
	}
	s, err := openKind(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	run := time.Now().UnixNano()
	var mu sync.Mutex
	say := func(words ...any) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = fmt.Fprintln(os.Stdout, words...) // one write, which a kill cannot cut: the pipe keeps it
	}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for n := 0; ; n++ {
				i := call(n)
				i.Verification = fmt.Sprintf("v%d-%d-%d", run, w, n)
				i.Attempt = i.Verification + "-1"
				held, err := s.Hold(t.Context(), i)
				if err != nil {
					t.Error(err)
					return
				}
				say("held", i.Attempt)
				charge := idv.Charge(rand.IntN(3))
				if charge != idv.NotCharged {
					say("billed", i.Attempt)
				}
				if err := s.Settle(t.Context(), outcomeOf(i, held, charge)); err != nil {
					t.Error(err)
					return
				}
				say("settled", i.Attempt, charge)
				if err := s.Complete(t.Context(), store.Key{}, verificationOf(i)); err != nil {
					t.Error(err)
					return
				}
				say("finished", i.Verification)
			}
		})
	}
	wg.Wait()
}

// killAgainAndAgain lets children write into one database and kills each at a
// random moment. HEYAN_KILLS sets how many.
func killAgainAndAgain(t *testing.T, source string) {
	t.Helper()
	var all said
	kills := fromEnv(t, "HEYAN_KILLS", 20)
	for range kills {
		all.add(t, runChild(t, source))
		s, err := openKind(t.Context(), source)
		if err != nil {
			t.Fatalf("opening after a kill: %v", err)
		}
		if _, err := s.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		all.check(t, s)
		closeStore(t, s)
		all.settled, all.finished, all.held, all.billed = map[string]string{}, nil, nil, nil
	}
	s, err := openKind(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, s)
	audit(t, s)
	t.Logf("%d kills: %d calls acknowledged as held, none lost, none doubled", kills, all.total)
}

// runChild starts a child, kills it, and returns what it said.
func runChild(t *testing.T, source string) []string {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestKillChild$")
	child.Env = append(os.Environ(), childSource+"="+source)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan []string)
	begun := make(chan struct{})
	go func() { lines <- readLines(out, begun) }()
	select {
	case <-begun:
	case <-time.After(20 * time.Second):
		t.Error("the child did not begin")
	}
	time.Sleep(time.Duration(rand.Int64N(int64(60 * time.Millisecond))))
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	list := <-lines
	_ = child.Wait() // it was killed, and says so
	return list
}

func readLines(r io.Reader, begun chan<- struct{}) (list []string) {
	for s := bufio.NewScanner(r); s.Scan(); {
		if list == nil {
			close(begun)
		}
		list = append(list, s.Text())
	}
	return list
}

// said is what the children of one round acknowledged.
type said struct {
	held, billed, finished []string
	settled                map[string]string
	total                  int
}

func (a *said) add(t *testing.T, lines []string) {
	t.Helper()
	if a.settled == nil {
		a.settled = map[string]string{}
	}
	for _, line := range lines {
		switch words := strings.Fields(line); {
		case len(words) == 2 && words[0] == "held":
			a.held = append(a.held, words[1])
			a.total++
		case len(words) == 2 && words[0] == "billed":
			a.billed = append(a.billed, words[1])
		case len(words) == 3 && words[0] == "settled":
			a.settled[words[1]] = words[2]
		case len(words) == 2 && words[0] == "finished":
			a.finished = append(a.finished, words[1])
		default:
			t.Errorf("the child said %q", line)
		}
	}
}

// check compares what was acknowledged with the book after the crash.
func (a *said) check(t *testing.T, s *Store) {
	t.Helper()
	states := map[string]ledger.State{}
	for after, more := "", true; more; more = after != "" {
		list, next, err := s.Holds(t.Context(), ledger.Filter{}, ledger.Page{After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range list {
			states[h.Intent.Attempt] = h.State
		}
		after = next
	}
	for _, id := range a.held {
		if state, ok := states[id]; !ok || state == ledger.StateHeld {
			t.Errorf("the hold of %s was acknowledged; now it is there: %v, in state %v", id, ok, state)
		}
	}
	for _, id := range a.billed {
		if state := states[id]; state != ledger.StatePosted && state != ledger.StateUnknown {
			t.Errorf("the vendor billed %s, and the book says %v", id, state)
		}
	}
	for id, charge := range a.settled {
		if got := states[id].Charge().String(); got != charge {
			t.Errorf("%s was settled as %s, the book says %s", id, charge, got)
		}
	}
	for _, id := range a.finished {
		if _, err := s.Verification(t.Context(), "t", id); err != nil {
			t.Errorf("verification %s was acknowledged: %v", id, err)
		}
	}
}

func TestKilledSQLite(t *testing.T) { killAgainAndAgain(t, newPath(t)) }
