package assemble

import (
	"log/slog"
	"reflect"
	"slices"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/plugins"
)

// program is the program of a plugin and the providers that use one of its products. They
// share one process, which has the name of the first one.
type program struct {
	spec      plugins.Spec
	plugin    config.Plugin
	providers []string

	process *plugins.Plugin
	part    *part // the process
}

// programs returns the programs of a list of providers. Providers whose plugins are
// configured alike share one.
func programs(list []config.Provider, log *slog.Logger) []program {
	var out []program
	for _, p := range list {
		if p.Plugin.Path == "" {
			continue
		}
		if p.Plugin.LogRaw && log != nil {
			log.Warn("the plugin's log is shown in full and may hold personal data; remove plugin.log_raw outside of development",
				slog.String("provider", p.Name))
		}
		i := slices.IndexFunc(out, func(other program) bool { return reflect.DeepEqual(other.plugin, p.Plugin) })
		if i < 0 {
			out = append(out, program{spec: spec(p, log), plugin: p.Plugin, providers: []string{p.Name}})
			continue
		}
		out[i].providers = append(out[i].providers, p.Name)
		out[i].spec.CallTimeout = max(out[i].spec.CallTimeout, p.Limits.Timeout)
	}
	return out
}

// spec returns the specification of a provider's plugin.
func spec(p config.Provider, log *slog.Logger) plugins.Spec {
	return plugins.Spec{
		Name: p.Name, Path: p.Plugin.Path, SHA256: p.Plugin.SHA256, Args: p.Plugin.Args, Plaintext: p.Plugin.Plaintext,
		StartTimeout: p.Plugin.StartTimeout, CallTimeout: p.Limits.Timeout, Logger: log,
		LogMessages: p.Plugin.LogMessages, LogRaw: p.Plugin.LogRaw,
	}
}

// plugin returns the plugin of a provider, and whether it has one.
func (a *App) plugin(provider string) (*plugins.Plugin, bool) {
	for _, p := range a.programs {
		if slices.Contains(p.providers, provider) {
			return p.process, true
		}
	}
	return nil, false
}

// product returns the product that a provider uses, and whether it has a plugin. The
// error says that the plugin does not serve it.
func (a *App) product(p config.Provider) (product plugins.Product, plugged bool, err error) {
	plugin, plugged := a.plugin(p.Name)
	if plugged {
		product, err = plugin.Product(p.Use)
	}
	return product, plugged, err
}
