package alert_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/ledger/alert"
)

var errBroken = errors.New("broken")

// scene is a watcher with a store and a receiver that can fail. It runs in a synctest
// bubble; a test changes it with set.
type scene struct {
	mu       sync.Mutex
	watcher  alert.Watcher
	balances []alert.Balance
	stored   alert.State
	raised   []alert.Alert
	loads    int
	saves    int
	log      bytes.Buffer

	noBalances, noNotify, noLoad, noSave bool
	failing                              string // a provider whose alerts cannot be delivered
}

func newScene(balances ...alert.Balance) *scene {
	s := &scene{balances: balances}
	s.watcher = alert.Watcher{
		Levels: alert.DefaultLevels(), Every: time.Minute, Log: slog.New(slog.NewTextHandler(&s.log, nil)),
		Balances: s.read, Notify: s.notify, Load: s.load, Save: s.save,
	}
	return s
}

func (s *scene) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *scene) read(context.Context) ([]alert.Balance, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.balances, fails(s.noBalances)
}

func (s *scene) notify(_ context.Context, a alert.Alert) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noNotify || s.failing == a.Provider {
		return errBroken
	}
	s.raised = append(s.raised, a)
	return nil
}

func (s *scene) load(context.Context) (alert.State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads++
	return maps.Clone(s.stored), fails(s.noLoad)
}

func (s *scene) save(ctx context.Context, state alert.State) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noSave || ctx.Err() != nil {
		return errBroken
	}
	s.saves++
	s.stored = maps.Clone(state)
	return nil
}

func fails(yes bool) error {
	if yes {
		return errBroken
	}
	return nil
}

// run runs the watcher until the test's function is over.
func (s *scene) run(t *testing.T, while func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { s.watcher.Run(ctx); close(ended) }()
	synctest.Wait()
	while()
	cancel()
	<-ended
}

// minutes lets time go by.
func minutes(n int) {
	time.Sleep(time.Duration(n) * time.Minute)
	synctest.Wait()
}

func (s *scene) want(t *testing.T, when string, want ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if diff := cmp.Diff(want, words(s.raised)); diff != "" {
		t.Errorf("%s: -want +got\n%s", when, diff)
	}
}

func TestWatcher(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T, *scene){
		"checks at once and at every tick": func(t *testing.T, s *scene) {
			s.run(t, func() {
				s.want(t, "at once", "percent 50")
				s.set(func() {
					if at := s.raised[0].At; !at.Equal(time.Now()) {
						t.Errorf("raised at %v, want now", at)
					}
				})
				s.set(func() { s.balances = []alert.Balance{has(200, 0)} })
				time.Sleep(59 * time.Second)
				synctest.Wait()
				s.want(t, "before the tick", "percent 50")
				minutes(1)
				s.want(t, "after it", "percent 50", "percent 20")
			})
		},
		"saves only what changed": func(t *testing.T, s *scene) {
			s.run(t, func() { minutes(5) })
			if s.loads != 6 || s.saves != 1 {
				t.Errorf("%d loads and %d saves, want 6 and 1", s.loads, s.saves)
			}
		},
		"a restart repeats nothing": func(t *testing.T, s *scene) {
			s.run(t, func() {})
			s.run(t, func() { minutes(3) })
			s.want(t, "after a restart", "percent 50")
		},
		"another node raised it": func(t *testing.T, s *scene) {
			s.balances = []alert.Balance{has(900, 0)}
			s.run(t, func() {
				s.set(func() {
					s.balances = []alert.Balance{has(500, 0)}
					_, s.stored = alert.DefaultLevels().Check(s.stored, noon(), s.balances)
				})
				minutes(1)
			})
			s.want(t, "after the other node")
		},
		"what could not be delivered is repeated": func(t *testing.T, s *scene) {
			s.set(func() { s.noNotify = true })
			s.run(t, func() {
				minutes(2)
				s.want(t, "while nothing can be delivered")
				s.set(func() { s.noNotify = false })
				minutes(3)
				s.want(t, "afterwards", "percent 50")
			})
		},
		"balances cannot be read for a while": func(t *testing.T, s *scene) {
			s.set(func() { s.noBalances = true })
			s.run(t, func() {
				minutes(2)
				s.set(func() { s.noBalances, s.noLoad = false, true })
				minutes(2)
				s.want(t, "while they cannot be read")
				s.set(func() { s.noLoad = false })
				minutes(1)
				s.want(t, "afterwards", "percent 50")
			})
		},
		"what could not be saved is not repeated": func(t *testing.T, s *scene) {
			s.set(func() { s.noSave = true })
			s.run(t, func() {
				minutes(3)
				s.set(func() { s.noSave = false })
				minutes(1)
			})
			s.want(t, "in the end", "percent 50")
			if s.stored["main"].Percent != 50 {
				t.Errorf("stored %+v, want the level in it", s.stored)
			}
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, newScene(has(500, 0))) })
		})
	}
}

// An alert that cannot be delivered does not affect those of other providers.
func TestWatcherTellsTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := has(500, 0), has(200, 0)
		a.Provider, b.Provider = "a", "b"
		s := newScene(a, b)
		s.failing = "a"
		s.run(t, func() {
			minutes(2)
			s.want(t, "while alerts of a fail", "percent 20")
			s.set(func() { s.failing = "" })
			minutes(2)
			s.want(t, "afterwards", "percent 20", "percent 50")
		})
	})
}

// An alert that was raised while the watcher was stopped is saved.
func TestWatcherSavesAtItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(has(500, 0))
		ctx, cancel := context.WithCancel(t.Context())
		s.watcher.Notify = func(ctx context.Context, a alert.Alert) error { cancel(); return s.notify(ctx, a) }
		s.watcher.Run(ctx)
		s.want(t, "before the end", "percent 50")
		if s.stored["main"].Percent != 50 {
			t.Errorf("stored %+v, want the level in it", s.stored)
		}
	})
}

// With nothing set that may be left out, the state lives in memory and the tick is
// a minute.
func TestWatcherDefaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(has(500, 0))
		s.watcher.Load, s.watcher.Save, s.watcher.Log, s.watcher.Every = nil, nil, nil, 0
		s.set(func() { s.noBalances = true })
		s.run(t, func() {
			s.set(func() { s.noBalances = false })
			minutes(4)
		})
		s.want(t, "in memory", "percent 50")
	})
}

func TestWatcherLogs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(has(500, 0))
		s.set(func() { s.noNotify = true })
		s.run(t, func() {})
		s.set(func() { s.noNotify, s.noSave = false, true })
		s.run(t, func() {})
		s.set(func() { s.noLoad = true })
		s.run(t, func() {})
		s.set(func() { s.noLoad, s.noBalances = false, true })
		s.run(t, func() {})
		for _, want := range []string{"delivering an alert failed", "saving the alert state failed", "loading the alert state failed", "reading the balances failed"} {
			if !strings.Contains(s.log.String(), want) {
				t.Errorf("the log does not say %q:\n%s", want, s.log.String())
			}
		}
	})
}
