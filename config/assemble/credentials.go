package assemble

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
)

// Credentials returns a keyed hash of the secrets with which a provider, or the products of an
// account, sign their calls now, or "" if there are none. Nodes with the same policy.keys and the
// same secrets have the same hash. It is safe for concurrent use.
func (a *App) Credentials(account bool, name string) string {
	var own config.Settings
	all := map[string]idv.Sensitive{}
	if at := slices.IndexFunc(a.config.Accounts, func(c config.Account) bool { return c.Name == name }); account && at >= 0 {
		own = a.config.Accounts[at].Settings
	}
	for _, l := range a.lines {
		secrets := l.known.Load()
		if secrets == nil || account && l.provider.Account != name || !account && l.provider.Name != name {
			continue
		}
		for setting, secret := range *secrets {
			if _, shared := own[setting]; shared || !account {
				all[setting] = secret
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	var text strings.Builder
	for _, setting := range slices.Sorted(maps.Keys(all)) {
		secret := all[setting].Reveal()
		fmt.Fprintf(&text, "%s %d %s ", setting, len(secret), secret)
	}
	return a.Keyring.SecretToken("", fmt.Sprintf("credentials %t %s", account, name), idv.NewSensitive(text.String()))
}
