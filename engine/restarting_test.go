package engine_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
)

// restarting is a provider whose process has ended. A call waits for the next one, in vain.
type restarting struct{ *enginetest.Provider }

func (restarting) Availability() idv.Availability { return idv.Availability{Unresponsive: true} }

func (r restarting) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	time.Sleep(150 * time.Millisecond)
	return r.Provider.Ask(ctx, q)
}

// TestRestartingProvider: while a provider's process is being started again, no request waits for
// it if another provider can answer. If none can, requests wait.
func TestRestartingProvider(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		other enginetest.Reply
		first int // calls of the restarting provider
		took  time.Duration
	}{
		{"another provider answers", enginetest.Answer(idv.Match), 0, 0},
		{"the other provider is not reached", enginetest.Fail(idv.Unavailable, idv.NotSent), 50, 150 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := enginetest.New("a", enginetest.Answer(idv.Match)), enginetest.New("b", tt.other)
				o := enginetest.Options(a, b)
				o.Providers[0].Provider = restarting{a}
				e := enginetest.Engine(t, o)
				begun := time.Now()
				var requests sync.WaitGroup
				for range 50 {
					requests.Go(func() {
						if v := verify(t, e, enginetest.Request()); v.Verdict != idv.Match {
							t.Errorf("got %v", v.Verdict)
						}
					})
				}
				requests.Wait()
				if got := time.Since(begun); a.Calls() != tt.first || got != tt.took {
					t.Errorf("%d calls of the restarting provider, after %v; want %d after %v", a.Calls(), got, tt.first, tt.took)
				}
			})
		})
	}
}
