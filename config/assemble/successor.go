package assemble

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
)

// RestartError says which settings of a new configuration differ from those in use and cannot
// be changed while heyan runs.
type RestartError struct{ Paths []string }

// Error lists the paths.
func (e *RestartError) Error() string { return "restart to change: " + strings.Join(e.Paths, ", ") }

// Successor builds the app of another configuration, which is loaded and validated. It shares
// the store and the keys with a, the processes of plugins and the connections to vendors that
// are configured alike, and the state of the guards; everything else is read and built anew.
// Options.Join is not used.
//
// Both apps answer requests until they are closed, in any order. The caller sends new requests
// to the successor and closes a when its last request has ended. An app has one successor at
// a time.
//
// The error lists every fault and may hold a *RestartError. a goes on unchanged then.
func (a *App) Successor(ctx context.Context, o Options) (*App, error) {
	o.Secrets = o.resolver()
	if err := a.CheckSuccessor(o); err != nil {
		return nil, err
	}
	next := &App{Store: a.Store, Keyring: a.Keyring, lasting: a.lasting, join: a.join}
	a.lasting.store.share()
	if err := next.open(ctx, o, a); err != nil {
		return nil, err
	}
	return next, nil
}

// CheckSuccessor makes the checks of [App.Successor] that start and open nothing.
func (a *App) CheckSuccessor(o Options) error {
	if faults := config.Validate(o.Config, Known); len(faults) > 0 {
		return errors.Join(a.checkRestart(o.Config, nil), faults)
	}
	secrets, err := checkSecrets(o)
	return errors.Join(a.checkRestart(o.Config, secrets), checkFiles(o.Config), err)
}

// checkRestart reports settings, and secrets behind settings, that must not differ.
func (a *App) checkRestart(c config.Config, secrets map[string]idv.Sensitive) error {
	changed := map[string]bool{}
	for _, one := range config.Diff(a.config, c) {
		if config.NeedsRestart(one.Path) {
			changed[one.Path] = true
		}
	}
	for path, now := range secrets {
		if used, ok := a.lasting.secrets[path]; ok && config.NeedsRestart(path) && !used.Equal(now) {
			changed[path] = true
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return &RestartError{slices.Sorted(maps.Keys(changed))}
}

// adopt has the lines, some of which were another app's, follow this configuration.
func (a *App) adopt(references *Secrets) {
	a.lasting.renewing.Lock()
	defer a.lasting.renewing.Unlock()
	for i, l := range a.lines { // one for each provider
		_, l.path = a.config.NetworkOf(i)
		l.references = references
	}
}

// openPrograms starts the programs of the plugins that the app before does not run.
func (a *App) openPrograms(ctx context.Context, before *App) error {
	list := programs(a.config.Providers, a.log)
	var fresh []int
	for i := range list {
		if before != nil && list[i].take(before.programs) {
			continue
		}
		fresh = append(fresh, i)
	}
	var specs []plugins.Spec
	for _, i := range fresh {
		specs = append(specs, list[i].spec)
	}
	opened, err := plugins.OpenAll(ctx, specs)
	if err == nil {
		for n, p := range opened.Plugins() {
			list[fresh[n]].process, list[fresh[n]].part = p, newPart(p.Close)
		}
	}
	a.programs = slices.DeleteFunc(list, func(p program) bool { return p.process == nil })
	return errors.Join(err, a.checkPromises(before))
}

// take shares the process of a program that is configured alike.
func (p *program) take(running []program) bool {
	i := slices.IndexFunc(running, func(r program) bool {
		return reflect.DeepEqual(r.plugin, p.plugin) && r.spec.CallTimeout == p.spec.CallTimeout
	})
	if i < 0 {
		return false
	}
	p.process, p.part = running[i].process, running[i].part.share()
	return true
}

// checkPromises reports products whose new program makes other promises than the running one.
// Callers were given the old ones, and people consented to the recipient.
func (a *App) checkPromises(before *App) error {
	if before == nil {
		return nil
	}
	var faults []error
	for _, p := range a.config.Providers {
		i := slices.IndexFunc(before.config.Providers, func(old config.Provider) bool { return old.Name == p.Name && old.Use == p.Use })
		if i < 0 {
			continue
		}
		next, plugged, err := a.product(p)
		running, was, wasErr := before.product(before.config.Providers[i])
		if !plugged || !was || err != nil || wasErr != nil {
			continue
		}
		if why := plugins.Refused(running.Descriptor(), next.Descriptor()); why != "" {
			faults = append(faults, &plugins.Error{Plugin: p.Name, Reason: plugins.ReasonChanged, Detail: why})
		}
	}
	return errors.Join(faults...)
}
