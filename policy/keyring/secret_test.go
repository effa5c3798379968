package keyring_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/keyring"
)

// TestSecretTokens: the token of an API key's secret belongs to one key of one tenant, and
// outlives a rotation of the keyring.
func TestSecretTokens(t *testing.T) {
	t.Parallel()
	secret := idv.NewSensitive
	r := ring(t)
	token := r.SecretToken("bank", "a", secret("s"))
	rotated, err := keyring.New(
		keyring.Key{ID: "new1", Secret: secret(strings.Repeat("n", 32))}, keyring.Key{ID: "old1", Secret: secret(strings.Repeat("o", 32))})
	if err != nil {
		t.Fatal(err)
	}
	old, err := keyring.New(keyring.Key{ID: "old1", Secret: secret(strings.Repeat("o", 32))})
	if err != nil {
		t.Fatal(err)
	}
	for name, right := range map[string]bool{
		"the same":               r.MatchesSecret(token, "bank", "a", secret("s")),
		"another secret":         !r.MatchesSecret(token, "bank", "a", secret("t")),
		"another key":            !r.MatchesSecret(token, "bank", "b", secret("s")),
		"another tenant":         !r.MatchesSecret(token, "shop", "a", secret("s")),
		"a character moved over": !r.MatchesSecret(token, "bank", "as", secret("")),
		"no token":               !r.MatchesSecret("", "bank", "a", secret("s")),
		"a keyring that is gone": !r.MatchesSecret("gone:x", "bank", "a", secret("s")),
		"after a rotation":       rotated.MatchesSecret(old.SecretToken("bank", "a", secret("s")), "bank", "a", secret("s")),
		"in clear":               !strings.Contains(token, "s:"),
		"as a person":            token != string(r.Token("bank", secret("s"))),
	} {
		if !right {
			t.Errorf("%s: the comparison is wrong", name)
		}
	}
}
