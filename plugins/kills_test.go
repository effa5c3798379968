//go:build unix

package plugins

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The campaign of kills. HEYAN_KILLS sets how many; the release runs 10,000.
const (
	usualKills  = 100
	killWorkers = 4
	killCalls   = 40               // the most calls between two kills
	killTime    = 30 * time.Second // after which a usual run has seen enough
)

// campaign is what is counted while a plugin is killed.
type campaign struct {
	vendor                        *toyVendor
	done                          chan struct{} // takes a value for a call that has ended, if there is space
	answers, lost, notSent, wrong atomic.Int64
	unbalanced, asked, strange    atomic.Int64
}

// TestKills kills the plugin at random moments under load. Each question is asked
// once, about a person of its own, so what is said of how far a call got can be
// compared with what the vendor saw.
func TestKills(t *testing.T) {
	t.Parallel()
	kills, until := usualKills, time.Now().Add(killTime)
	if text := os.Getenv("HEYAN_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
		until = time.Now().Add(24 * time.Hour)
	}
	s := spec(t, "good")
	seen := states(&s)
	p := opened(t, s)
	c := &campaign{vendor: &toyVendor{calls: map[string]int{}}, done: make(chan struct{}, killWorkers)}
	provider := providers.NewProvider(codecOf(t, p), c.vendor)
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for range killWorkers {
		group.Go(func() {
			for ctx.Err() == nil {
				c.ask(provider)
			}
		})
	}
	ready := c.kill(t, p, seen, kills, until)
	kills = len(ready)
	stop()
	group.Wait()
	slices.Sort(ready)
	t.Logf("%d kills, %d questions: %d answered, %d lost in the plugin after the vendor had answered, %d not sent; ready again p50 %v, p99 %v, most %v",
		kills, c.asked.Load(), c.answers.Load(), c.lost.Load(), c.notSent.Load(),
		quantile(ready, 0.50), quantile(ready, 0.99), ready[len(ready)-1])
	for what, n := range map[string]int64{
		"wrong verdicts": c.wrong.Load(), "outcomes that do not fit what the vendor saw": c.unbalanced.Load(),
		"strange failures": c.strange.Load(),
	} {
		if n > 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	if got := p.State().Restarts; got != kills {
		t.Errorf("%d restarts for %d kills", got, kills)
	}
}

// kill kills the process so many times, or until then, and returns how long each
// restart took.
func (c *campaign) kill(t *testing.T, p *Plugin, seen <-chan State, kills int, until time.Time) []time.Duration {
	t.Helper()
	next(seen, Ready)
	var ready []time.Duration
	for len(ready) < kills && (len(ready) == 0 || time.Now().Before(until)) {
		for range rand.N(killCalls) {
			<-c.done
		}
		begun := time.Now()
		if !p.Kill() {
			t.Fatal("there is nothing to kill")
		}
		ready = append(ready, next(seen, Ready).Since.Sub(begun))
	}
	return ready
}

// ask asks one question and weighs the outcome.
func (c *campaign) ask(provider idv.Provider) {
	n := c.asked.Add(1)
	q := person(int(n))
	q.Subject.IDNumber = idv.NewSensitive(fmt.Sprintf("11%016d", n*10+rand.Int64N(10)))
	ctx, cancel := context.WithTimeout(context.Background(), unhurried)
	defer cancel()
	answer, err := provider.Ask(ctx, q)
	sent := 0
	switch e := idv.AsError(err); {
	case err == nil:
		sent = 1
		c.answers.Add(1)
		if answer.Verdict != want(q.Subject.IDNumber) || answer.Charge != idv.Charged {
			c.wrong.Add(1)
		}
	case e.Failure != idv.Unavailable:
		c.strange.Add(1)
	case e.Delivery == idv.NotSent && e.Charge == idv.NotCharged:
		c.notSent.Add(1)
	case e.Delivery == idv.DeliveryUnknown && e.Charge == idv.ChargeUnknown:
		sent = 1
		c.lost.Add(1)
	default:
		c.strange.Add(1)
	}
	if c.vendor.count(q.Subject.IDNumber) != sent {
		c.unbalanced.Add(1)
	}
	select {
	case c.done <- struct{}{}:
	default:
	}
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(int(float64(len(sorted))*q), len(sorted)-1)]
}
