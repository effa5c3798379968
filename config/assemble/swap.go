package assemble

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/config"
)

// ErrRestart says that a new configuration differs in more than plugins' programs, or
// that it changes the program of some of the providers that share one. Nothing of it was
// taken.
var ErrRestart = errors.New("more was changed than the programs of plugins, or the program of some of the providers that share one; restart to take the rest")

// Swap takes the new programs of plugins from a configuration that was loaded and
// validated, each without a call that fails for it, and returns the names of the
// providers whose plugins were replaced. A plugin whose new program cannot be used goes on
// as it is. What else differs needs a restart: nothing at all is taken then.
func (a *App) Swap(ctx context.Context, from, to config.Config, log *slog.Logger) (swapped []string, err error) {
	before, after := programs(from.Providers, log), programs(to.Providers, log)
	sameUsers := func(a, b program) bool { return slices.Equal(a.providers, b.providers) }
	if !reflect.DeepEqual(withoutPrograms(from), withoutPrograms(to)) || !slices.EqualFunc(before, after, sameUsers) {
		return nil, ErrRestart
	}
	var faults []error
	for i, p := range after {
		if reflect.DeepEqual(p, before[i]) {
			continue
		}
		plugin, _ := a.plugins.Find(p.spec.Name)
		if err := plugin.Swap(ctx, p.spec); err != nil {
			faults = append(faults, fmt.Errorf("%s goes on as it is: %w", strings.Join(p.providers, ", "), err))
			continue
		}
		swapped = append(swapped, p.providers...)
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
