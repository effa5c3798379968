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

// TestPersonTokens: what identifies a person keeps numbers of different kinds apart, and the
// token of an ID number that is recognized by its form is that of earlier versions.
func TestPersonTokens(t *testing.T) {
	t.Parallel()
	r := ring(t)
	const digits = "52998224725"
	seen := map[idv.SubjectToken]string{}
	for name, s := range map[string]idv.Subject{
		"a CPF":                  {IDNumber: idv.NewSensitive(digits), Document: idv.BrazilCPF},
		"a NIN":                  {IDNumber: idv.NewSensitive(digits), Document: idv.NigeriaNIN},
		"an ID number":           {IDNumber: idv.NewSensitive(digits), Document: idv.Resident18},
		"a card":                 {BankCard: idv.NewSensitive(digits)},
		"a mobile number":        {Mobile: idv.NewSensitive(digits)},
		"a card beside a number": {IDNumber: idv.NewSensitive("11010519491231002X"), BankCard: idv.NewSensitive(digits)},
	} {
		token := r.Token("bank", s.Person())
		if other := seen[token]; other != "" {
			t.Errorf("%s and %s are one person", name, other)
		}
		seen[token] = name
	}
	known := idv.Subject{IDNumber: idv.NewSensitive(digits), Document: idv.Resident18, BankCard: idv.NewSensitive(digits)}
	if r.Token("bank", known.Person()) != r.Token("bank", known.IDNumber) {
		t.Error("people are not found under the tokens of earlier versions")
	}
}
