package alert

import (
	"context"
	"log/slog"
	"maps"
	"time"
)

// Watcher checks the balances at an interval and reports new alerts. Balances and Notify
// must be set. Run one per process.
type Watcher struct {
	Levels   Levels
	Balances func(context.Context) ([]Balance, error)

	// Notify delivers an alert. After an error the alert is repeated at the next check, so
	// an alert may be delivered twice but is never lost.
	Notify func(context.Context, Alert) error

	// Load and Save keep the state across restarts, and among nodes that share a store. If
	// both are nil, the state is kept in memory. Load runs before every check, Save after
	// a check that changed the state. A crash between Notify and Save repeats an alert.
	Load func(context.Context) (State, error)
	Save func(context.Context, State) error

	Every time.Duration // interval between checks; 0 means a minute
	Log   *slog.Logger  // logs failures of the functions above, not alerts; nil discards
}

const (
	defaultEvery = time.Minute
	saveLimit    = 5 * time.Second
)

// Run checks immediately and then at every interval until ctx is done. Failures are
// logged and retried at the next check.
func (w *Watcher) Run(ctx context.Context) {
	every := w.Every
	if every <= 0 {
		every = defaultEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	r := watch{Watcher: w, log: w.Log, saved: true}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	for ctx.Err() == nil {
		r.check(ctx)
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// watch is a running Watcher.
type watch struct {
	*Watcher

	log   *slog.Logger
	state State
	saved bool // the stored state is as new as state
}

func (r *watch) check(ctx context.Context) {
	if !r.load(ctx) {
		return
	}
	balances, err := r.Balances(ctx)
	if err != nil {
		r.fault(ctx, "reading the balances failed; low packages are not detected", err)
		return
	}
	alerts, next := r.Levels.Check(r.state, time.Now(), balances)
	for _, a := range alerts {
		if err := r.Notify(ctx, a); err != nil {
			r.fault(ctx, "delivering an alert failed; it will be repeated", err)
			restore(next, r.state, a.Provider)
		}
	}
	if !maps.Equal(r.state, next) {
		r.state, r.saved = next, false
	}
	r.save(ctx)
}

// load reads the state, unless a newer one is waiting to be saved. It reports success.
func (r *watch) load(ctx context.Context) bool {
	if r.Load == nil || !r.saved {
		return true
	}
	state, err := r.Load(ctx)
	if err != nil {
		r.fault(ctx, "loading the alert state failed; low packages are not detected", err)
		return false
	}
	r.state = state
	return true
}

func (r *watch) save(ctx context.Context) {
	if r.saved || r.Save == nil {
		return
	}
	// The state must be saved even if the watcher was stopped meanwhile, or a restart
	// would repeat the alerts.
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveLimit)
	defer cancel()
	if err := r.Save(saving, r.state); err != nil {
		r.fault(ctx, "saving the alert state failed; a restart would repeat alerts", err)
		return
	}
	r.saved = true
}

// fault logs a failure, unless the watcher is being stopped.
func (r *watch) fault(ctx context.Context, message string, err error) {
	if ctx.Err() == nil {
		r.log.Warn("watching the balances failed; it is repeated", slog.String("step", message), slog.Any("error", err))
	}
}

// restore undoes the record of a provider whose alert was not delivered.
func restore(next, previous State, provider string) {
	if raised, ok := previous[provider]; ok {
		next[provider] = raised
	} else {
		delete(next, provider)
	}
}
