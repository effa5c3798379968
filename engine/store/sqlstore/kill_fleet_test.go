package sqlstore

import (
	"bufio"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/ledger"
)

// killedNode is a node in a process of its own, and what it said.
type killedNode struct {
	child *exec.Cmd
	lines []string
	ended chan struct{}
}

func startNode(t *testing.T, source string, heard func()) *killedNode {
	t.Helper()
	n := &killedNode{child: exec.Command(os.Args[0]), ended: make(chan struct{})}
	n.child.Env = append(os.Environ(), killSource+"="+source)
	out, err := n.child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := n.child.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(n.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			n.lines = append(n.lines, lines.Text())
			heard()
		}
	}()
	return n
}

// kill ends the node at once, and returns what it said.
func (n *killedNode) kill() []string {
	_ = n.child.Process.Kill()
	<-n.ended
	_ = n.child.Wait() // says that it was killed
	return n.lines
}

// killAmongFour lets four nodes make calls of one package and kills one after the other, each
// of which another one follows, until enough calls were held. Then no call that was acknowledged
// is lost or doubled, and all units that are left can be used.
func killAmongFour(t *testing.T, source string) {
	t.Helper()
	calls := int64(shortOr(200, 1000))
	if os.Getenv("HEYAN_PROVE") != "" {
		calls = 10_000
	}
	s := openNode(t, source)
	defer closeStore(t, s)
	if err := s.AddLot(t.Context(), lotOf("l1", 4*calls)); err != nil {
		t.Fatal(err)
	}
	all, kills := killSome(t, source, int(4*calls)) // a call says up to four lines
	if _, err := s.recover(t.Context(), forever()); err != nil {
		t.Fatal(err)
	}
	all.check(t, s)
	auditLots(t, s)
	useTheRest(t, s)
	t.Logf("%d nodes killed among four: %d calls acknowledged as held, none lost, none doubled, no unit idle", kills, all.total)
}

// killSome kills nodes until they have said so many lines.
func killSome(t *testing.T, source string, lines int) (all said, kills int) {
	t.Helper()
	var mu sync.Mutex
	heard, told := 0, sync.NewCond(&mu)
	hear := func() {
		mu.Lock()
		defer mu.Unlock()
		heard++
		told.Signal()
	}
	nodes := make([]*killedNode, 4)
	for n := range nodes {
		nodes[n] = startNode(t, source, hear)
	}
	for next := 0; next < lines; {
		next += 1 + rand.IntN(max(lines/8, 1))
		mu.Lock()
		for heard < next {
			told.Wait()
		}
		mu.Unlock()
		victim := rand.IntN(len(nodes))
		all.add(t, nodes[victim].kill())
		kills++
		nodes[victim] = startNode(t, source, hear)
	}
	for _, n := range nodes {
		all.add(t, n.kill())
	}
	return all, kills + len(nodes)
}

// useTheRest holds calls until the package is used up: as many as its balance says.
func useTheRest(t *testing.T, s *Store) {
	t.Helper()
	left := func() ledger.Balance {
		lots, err := s.Lots(t.Context(), "p")
		if err != nil || len(lots) != 1 {
			t.Fatal(err, lots)
		}
		return lots[0]
	}
	before, used := left().Available, int64(0)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for {
				mu.Lock()
				used++
				i := call(int(used))
				mu.Unlock()
				i.Verification = "rest-" + i.Verification + time.Now().Format(".000000000")
				i.Attempt = i.Verification + "-1"
				if _, err := s.Hold(t.Context(), i); err != nil {
					if !isExhausted(err) {
						t.Errorf("using what is left: %v", err)
					}
					return
				}
			}
		})
	}
	wg.Wait()
	if after := left(); after.Available != 0 || after.Held != before {
		t.Errorf("%d units were left; %d of them are idle, %d held", before, after.Available, after.Held)
	}
}
