package alert

import (
	"context"
	"log/slog"
	"maps"
	"time"
)

// Watcher checks the balances at every tick and tells what is new. Balances and
// Tell must be set. Run one for each process.
type Watcher struct {
	Levels   Levels
	Balances func(context.Context) ([]Balance, error)

	// Tell passes an alert on. After an error the same alert comes again at the next
	// tick, so whoever is told may be told twice, but not never.
	Tell func(context.Context, Alert) error

	// Load and Save keep the state over a restart; with both nil it lives in memory.
	// Nodes that share a store share what was told. Load is called before every
	// check, Save after one that changed something: a crash between Tell and Save
	// repeats an alert.
	Load func(context.Context) (State, error)
	Save func(context.Context, State) error

	Every time.Duration // between two checks; 0 means a minute
	Log   *slog.Logger  // of its own troubles; alerts go to Tell only. Nil means none
}

const (
	defaultEvery = time.Minute
	saveLimit    = 5 * time.Second
)

// Run checks at once and then at every tick until ctx is over. It ends with
// nothing but ctx: what fails is logged and tried again at the next tick.
func (w *Watcher) Run(ctx context.Context) {
	every := w.Every
	if every <= 0 {
		every = defaultEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	r := round{Watcher: w, log: w.Log, clean: true}
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

// round is a running watcher.
type round struct {
	*Watcher

	log   *slog.Logger
	state State
	clean bool // what is stored is not older than state
}

func (r *round) check(ctx context.Context) {
	if !r.load(ctx) {
		return
	}
	balances, err := r.Balances(ctx)
	if err != nil {
		r.fault(ctx, "the balances cannot be read; packages are not watched", err)
		return
	}
	alerts, next := r.Levels.Check(r.state, time.Now(), balances)
	for _, a := range alerts {
		if err := r.Tell(ctx, a); err != nil {
			r.fault(ctx, "an alert cannot be passed on; it comes again", err)
			restore(next, r.state, a.Provider)
		}
	}
	if !maps.Equal(r.state, next) {
		r.state, r.clean = next, false
	}
	r.save(ctx)
}

// load reads what was told, unless the newest word on it could not be saved yet.
func (r *round) load(ctx context.Context) bool {
	if r.Load == nil || !r.clean {
		return true
	}
	state, err := r.Load(ctx)
	if err != nil {
		r.fault(ctx, "what was told cannot be read; packages are not watched", err)
		return false
	}
	r.state = state
	return true
}

func (r *round) save(ctx context.Context) {
	if r.clean || r.Save == nil {
		return
	}
	// What was told must be saved also when the watcher was ended meanwhile.
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveLimit)
	defer cancel()
	if err := r.Save(own, r.state); err != nil {
		r.fault(ctx, "what was told cannot be saved; a restart would repeat it", err)
		return
	}
	r.clean = true
}

// fault logs what failed, unless it failed because the watcher is to end.
func (r *round) fault(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		r.log.Warn(what, slog.Any("error", err))
	}
}

// restore takes back that a provider's alert was told.
func restore(next, previous State, provider string) {
	if told, ok := previous[provider]; ok {
		next[provider] = told
	} else {
		delete(next, provider)
	}
}
