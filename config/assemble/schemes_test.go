package assemble_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/providers/auth"
)

// The configuration is checked by the same needs as the schemes have.
func TestSchemesAgree(t *testing.T) {
	t.Parallel()
	needs := map[string][]string{}
	for _, s := range auth.Schemes() {
		needs[s.Name] = s.Needs
	}
	if diff := cmp.Diff(needs, config.SchemeSettings()); diff != "" {
		t.Errorf("settings of the schemes, in providers/auth and in config (-auth +config):\n%s", diff)
	}
}
