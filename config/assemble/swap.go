package assemble

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"

	"github.com/heyan-id/heyan/config"
)

// ErrRestart says that a new configuration differs in more than plugins' programs.
// Nothing of it was taken.
var ErrRestart = errors.New("more than plugins' programs was changed; restart to take the rest")

// Swap takes the new programs of plugins from a configuration that was loaded and
// validated, each without a call that fails for it, and returns the names of those
// that were replaced. A plugin whose new program cannot be used goes on as it is. What
// else differs needs a restart: nothing at all is taken then.
func (a *App) Swap(ctx context.Context, from, to config.Config, log *slog.Logger) (swapped []string, err error) {
	if !reflect.DeepEqual(withoutPrograms(from), withoutPrograms(to)) {
		return nil, ErrRestart
	}
	var faults []error
	for i, spec := range specs(to.Providers, log) {
		if reflect.DeepEqual(spec, specs(from.Providers, log)[i]) {
			continue
		}
		plugin, _ := a.plugins.Find(spec.Name)
		if err := plugin.Swap(ctx, spec); err != nil {
			faults = append(faults, fmt.Errorf("%s goes on as it is: %w", spec.Name, err))
			continue
		}
		swapped = append(swapped, spec.Name)
	}
	return swapped, errors.Join(faults...)
}

// withoutPrograms returns a configuration with every plugin's program blotted out.
func withoutPrograms(c config.Config) config.Config {
	list := append([]config.Provider(nil), c.Providers...)
	for i := range list {
		if list[i].Plugin.Path != "" {
			list[i].Plugin = config.Plugin{Path: "a plugin"}
		}
	}
	c.Providers = list
	return c
}
