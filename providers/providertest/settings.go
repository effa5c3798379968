package providertest

import (
	"cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Placeholder is the value of settings that a test needs but cannot know.
const Placeholder = "provider-check"

// Settings returns the settings with which a product can be tested: the defaults, and
// [Placeholder] for a required setting without one. Secrets are not among them.
func Settings(d idv.Descriptor) providers.Settings {
	settings := providers.Settings{}
	for _, s := range d.Settings {
		switch {
		case s.Secret:
		case s.Required:
			settings[s.Name] = cmp.Or(s.Default, Placeholder)
		default:
			settings[s.Name] = s.Default
		}
	}
	return settings
}
