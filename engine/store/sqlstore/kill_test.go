package sqlstore

import (
	"bufio"
	"context"
	"fmt"
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

// killSource is the environment variable that makes this test program the child process
// that is killed. Its value is the path or DSN of the database.
const killSource = "HEYAN_KILL_CHILD"

func TestMain(m *testing.M) {
	if source := os.Getenv(killSource); source != "" {
		if err := work(context.Background(), source); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// openKind opens a path as SQLite, anything else as PostgreSQL.
func openKind(ctx context.Context, source string) (*Store, error) {
	if strings.HasPrefix(source, "host=") {
		return openFleet(ctx, source)
	}
	return OpenSQLite(ctx, source, Options{})
}

// work is the child process: eight workers that hold, settle and complete calls until the
// process is killed, and print a line after each step. "billed" stands for the vendor,
// which counts the call.
func work(ctx context.Context, source string) error {
	s, err := openKind(ctx, source)
	if err != nil {
		return err
	}
	run := time.Now().UnixNano()
	var mu sync.Mutex
	say := func(words ...any) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = fmt.Fprintln(os.Stdout, words...) // one write, which a kill cannot split, since the pipe keeps it
	}
	faults := make(chan error)
	for w := range 8 {
		go func() {
			for n := 0; ; n++ {
				i := call(n)
				i.Verification = fmt.Sprintf("v%d-%d-%d", run, w, n)
				i.Attempt = i.Verification + "-1"
				if err := workOn(ctx, s, i, say); err != nil {
					faults <- err
					return
				}
			}
		}()
	}
	return <-faults
}

// workOn holds, settles and completes one call.
func workOn(ctx context.Context, s *Store, i idv.Intent, say func(...any)) error {
	held, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	say("held", i.Attempt)
	charge := idv.Charge(rand.IntN(3))
	if charge != idv.NotCharged {
		say("billed", i.Attempt)
	}
	if err := s.Settle(ctx, outcomeOf(i, held, charge)); err != nil {
		return err
	}
	say("settled", i.Attempt, charge)
	if err := s.Complete(ctx, store.Key{}, verificationOf(i)); err != nil {
		return err
	}
	say("finished", i.Verification)
	return nil
}

// killAgainAndAgain lets children draw on one package and kills each at a random moment, until
// enough calls were held: the number of HEYAN_PROVE, or the children of HEYAN_KILLS. No call
// that was acknowledged is lost or doubled, and all units that are left can be used.
func killAgainAndAgain(t *testing.T, source string) {
	t.Helper()
	kills, calls := fromEnv(t, "HEYAN_KILLS", shortOr(4, 20)), 0
	if os.Getenv("HEYAN_PROVE") != "" {
		calls = 10_000
	}
	s, err := openKind(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddLot(t.Context(), lotOf("l1", int64(calls+1000*kills))); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	var all said
	done := 0
	for ; done < kills || all.total < calls; done++ {
		all.add(t, runChild(t, source))
		if s, err = openKind(t.Context(), source); err != nil {
			t.Fatalf("opening after a kill: %v", err)
		}
		if _, err := s.recover(t.Context(), forever()); err != nil {
			t.Fatal(err)
		}
		all.check(t, s)
		closeStore(t, s)
		all.settled, all.finished, all.held, all.billed = map[string]string{}, nil, nil, nil
	}
	if s, err = openKind(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, s)
	auditLots(t, s)
	useTheRest(t, s)
	auditLots(t, s)
	t.Logf("%d kills: %d calls acknowledged as held, none lost, none doubled, no unit idle", done, all.total)
}

// runChild starts a child, kills it after a random number of lines, and returns all lines
// that it printed.
func runChild(t *testing.T, source string) (list []string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killSource+"="+source)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	enough := 1 + rand.IntN(400)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if list = append(list, lines.Text()); len(list) == enough {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _ = child.Wait(); len(list) < enough { // an error says that it was killed
		t.Errorf("the child ended by itself after %d lines", len(list))
	}
	return list
}

// said is what the children of one round acknowledged.
type said struct {
	held, billed, finished []string
	settled                map[string]string
	seen                   map[string]bool // the calls of all rounds
	total                  int
}

func (a *said) add(t *testing.T, lines []string) {
	t.Helper()
	if a.seen == nil {
		a.settled, a.seen = map[string]string{}, map[string]bool{}
	}
	for _, line := range lines {
		switch words := strings.Fields(line); {
		case len(words) == 2 && words[0] == "held":
			if a.seen[words[1]] {
				t.Errorf("the call %s was acknowledged twice", words[1])
			}
			a.seen[words[1]] = true
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

// check compares what was acknowledged with the ledger after the crash.
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
			t.Errorf("the vendor billed %s, and the ledger says %v", id, state)
		}
	}
	for id, charge := range a.settled {
		if got := states[id].Charge().String(); got != charge {
			t.Errorf("%s was settled as %s, the ledger says %s", id, charge, got)
		}
	}
	for _, id := range a.finished {
		if _, err := s.Verification(t.Context(), "t", id); err != nil {
			t.Errorf("verification %s was acknowledged: %v", id, err)
		}
	}
}

func TestKilledSQLite(t *testing.T) {
	t.Parallel()
	killAgainAndAgain(t, newPath(t))
}
