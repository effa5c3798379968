package keyring_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// TestNameTokens: a name's token is that of one person in one tenant, and says nothing
// about another person of the same name.
func TestNameTokens(t *testing.T) {
	t.Parallel()
	person := func(name, number string) idv.Subject {
		return idv.Subject{Name: idv.NewSensitive(name), IDNumber: idv.NewSensitive(number)}
	}
	r := ring(t)
	token := r.NameToken("bank", person("测试", "1"))
	if strings.Contains(string(token), "测试") || string(token) == string(r.Token("bank", idv.NewSensitive("1"))) {
		t.Errorf("the token is %s", token)
	}
	for name, other := range map[string]bool{
		"the same":               r.MatchesName(token, "bank", person("测试", "1")),
		"another name":           !r.MatchesName(token, "bank", person("测", "1")),
		"another number":         !r.MatchesName(token, "bank", person("测试", "2")),
		"another tenant":         !r.MatchesName(token, "shop", person("测试", "1")),
		"a character moved over": !r.MatchesName(r.NameToken("bank", person("a", "1b")), "bank", person("ba", "1")),
		"a key that is gone":     !r.MatchesName("gone:"+token, "bank", person("测试", "1")),
		"no token":               !r.MatchesName("", "bank", person("测试", "1")),
	} {
		if !other {
			t.Errorf("%s: the comparison is wrong", name)
		}
	}
}
