package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/webhook"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
)

// filesEvery is how often the files of the configuration are read. A change is taken when two
// readings in a row agree, so that a file which is being written is left alone. Reading finds
// every way in which editors and orchestrators replace files; a watch misses some.
const filesEvery = time.Second

// reloader follows the configuration. It is used by one goroutine.
type reloader struct {
	*daemon

	used  sums // of the configuration in use
	tried sums // of the last reload: its files are those that are read
	last  sums // of the last reading
}

func newReloader(d *daemon) *reloader {
	return &reloader{daemon: d, used: d.began, tried: d.began, last: d.began}
}

// beginning reads the files of the configuration that a daemon starts with. It is called before
// any of them is used, so that one that changes during the start is noticed.
func beginning(o Options) sums {
	s := sums{}
	s.read(o.File)
	s.add(o.Config)
	return s
}

// run reloads the configuration on request and when its files have changed, until ctx is done.
// A message to refresh has what is behind the configuration read again.
func (r *reloader) run(ctx context.Context, refresh chan<- struct{}) {
	ticker := time.NewTicker(filesEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.options.Reload:
			r.reload(ctx)
			if r.cert != nil {
				r.cert.reload()
			}
			select {
			case refresh <- struct{}{}:
			default: // one is due anyway
			}
		case <-ticker.C:
			if r.options.Load != nil && r.due() {
				r.reload(ctx)
			}
		}
	}
}

// due reports whether the files differ from those of the last reload, and have been the same
// for two readings.
func (r *reloader) due() bool {
	now := sums{}
	for name := range r.tried {
		now.read(name)
	}
	settled := maps.Equal(now, r.last)
	r.last = now
	differs := false
	for name, sum := range r.used {
		differs = differs || now[name] != sum
	}
	if r.options.File != "" { // else there is nothing that could differ
		r.status.see(differs)
	}
	return settled && !maps.Equal(now, r.tried)
}

// reload reads the configuration, checks it, builds what it asks for and lets it take over. If
// that fails, the configuration in use stays as it is.
func (r *reloader) reload(ctx context.Context) {
	old, now := r.current.Load(), sums{}
	now.read(r.options.File) // before it is loaded: what is written later is found by the next reading
	loaded, err := r.options.Load()
	now.add(old.config)
	var changed []string
	if loaded != nil {
		now.add(loaded.Config)
		for _, c := range config.Diff(old.config, loaded.Config) {
			changed = append(changed, c.Path)
		}
		changed = shorten(append(changed, changedFiles(r.used, now, loaded.Config)...))
	}
	r.tried, r.last = now, now
	if err == nil {
		err = loaded.Locate(r.replace(ctx, old, loaded.Config))
	}
	switch {
	case ctx.Err() != nil: // the daemon stops
	case err != nil:
		r.reject(changed, faults(err))
	default:
		r.accept(ctx, changed, now.of(r.options.File, loaded.Config))
	}
}

func (r *reloader) reject(changed, errors []string) {
	r.status.rejected(changed, errors)
	attrs := []any{slog.Any("errors", errors)}
	if len(changed) > 0 {
		attrs = append(attrs, slog.Any("changed", changed))
	}
	r.options.Log.Error("configuration reload rejected", attrs...)
}

func (r *reloader) accept(ctx context.Context, changed []string, now sums) {
	r.used, r.tried, r.last = now, now, now
	if len(changed) == 0 {
		r.status.accepted(reloadUnchanged)
		r.options.Log.Info("configuration unchanged")
		return
	}
	r.status.accepted(reloadLoaded)
	r.options.Log.Info("configuration reloaded", slog.Any("changed", changed))
	recordReload(ctx, r.app(), changed, r.options.Log)
}

// shorten keeps the paths that a log line can show.
func shorten(paths []string) []string {
	const most = 50
	if len(paths) <= most {
		return paths
	}
	return append(slices.Clip(paths[:most]), fmt.Sprintf("%d more", len(paths)-most))
}

// faults lists the lines of a joined error, each once.
func faults(err error) (lines []string) {
	for _, line := range strings.Split(err.Error(), "\n") {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// replace builds the generation of a configuration and lets it take over from the old one,
// which is closed when its last request has ended.
func (d *daemon) replace(ctx context.Context, old *generation, c config.Config) error {
	secrets := assemble.NewSecrets(c, d.options.LookupEnv)
	o := assemble.Options{Config: c, Telemetry: d.watch.options, LookupEnv: d.options.LookupEnv, Secrets: secrets, Alarms: d.alarms}
	hooks, err := openHooks(c, secrets)
	_, boundErr := boundConns(d.servers.limit, d.servers.used, c.Providers)
	if err := errors.Join(old.app.CheckSuccessor(o), err, checkCertificate(c.TLS), boundErr); err != nil {
		return err
	}
	app, err := old.app.Successor(ctx, o)
	if err != nil {
		closeHooks(hooks.alerts)
		closeHooks(hooks.events)
		return err
	}
	next, err := d.newGeneration(c, app, hooks)
	if err != nil {
		closeHooks(hooks.alerts)
		closeHooks(hooks.events)
		return errors.Join(err, app.Close(ctx))
	}
	if !d.install(old, next) {
		next.replace()
		return next.retire(d.grace, d.delivery)
	}
	d.answers.detector.Forget(app.Renewed...)
	app.Store.Subscribe(assemble.Subscriber(c.Webhooks))
	d.retire(old)
	d.servers.resize(&c)
	if d.cert != nil {
		d.cert.follow(c.TLS)
	}
	d.options.setLevel(c.Log)
	d.watch.sampler.set(c.Telemetry.SampleRatio)
	d.logPlugins(old, next)
	return nil
}

func closeHooks(hooks []*webhook.Hook) {
	for _, h := range hooks {
		h.Close()
	}
}

// install makes a generation the current one, unless the daemon is stopping.
func (d *daemon) install(old, next *generation) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopping {
		return false
	}
	d.current.Store(next)
	old.replace()
	return true
}

// retire closes a replaced generation in the background.
func (d *daemon) retire(g *generation) {
	d.retiring.Go(func() {
		if err := g.retire(d.grace, d.delivery); err != nil && !errors.Is(err, context.Canceled) {
			d.options.Log.Warn("closing what an earlier configuration used failed", slog.Any("errors", faults(err)))
		}
	})
}

// logPlugins names the providers whose plugin got another process.
func (d *daemon) logPlugins(old, next *generation) {
	var names []string
	for _, p := range next.config.Providers {
		was, ok := old.app.Plugin(p.Name)
		now, still := next.app.Plugin(p.Name)
		if ok && still && was.PID != now.PID {
			names = append(names, p.Name)
		}
	}
	if len(names) > 0 {
		d.options.Log.Info("plugins replaced", slog.Any("providers", names))
	}
}
