package providertest

import (
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// inClear reveals a claim of the fictitious person: to compare two calls, to act as
// a vendor that echoes, or to derive another person. The package calls Reveal
// nowhere else.
func inClear(s idv.Sensitive) string { return s.Reveal() }

// render returns the call for a subject as one text, for comparison. The text is in
// clear; the rules report only whether two are equal.
func (h Harness) render(s idv.Subject) (string, error) {
	q := h.Query
	q.Subject = s
	call, err := h.Codec.Encode(q)
	if err != nil {
		return "", fmt.Errorf("Encode refuses the harness's query: %v", idv.FailureOf(err))
	}
	params := func(list []providers.Param) []string {
		var out []string
		for _, p := range list {
			out = append(out, p.Name+"="+inClear(p.Value))
		}
		return out
	}
	return fmt.Sprintf("%q", [][]string{
		{call.Method, call.Path, call.ContentType, call.Accept, inClear(call.Body)}, params(call.Query), params(call.Form),
	}), nil
}

// otherSubject returns the subject with other values for the given claims. No value
// begins or ends like the original.
func otherSubject(s idv.Subject, claims idv.ClaimSet) idv.Subject {
	for _, c := range claims.List() {
		switch c {
		case idv.ClaimName:
			s.Name = other(s.Name, '某', '甲')
		case idv.ClaimIDNumber:
			s.IDNumber = other(s.IDNumber, '1', '2')
		case idv.ClaimMobile:
			s.Mobile = other(s.Mobile, '1', '2')
		case idv.ClaimBankCard:
			s.BankCard = other(s.BankCard, '1', '2')
		}
	}
	return s
}

// other replaces every character by a, or by b where the character is a. A name keeps its
// words, since some vendors take given and family name apart.
func other(s idv.Sensitive, a, b rune) idv.Sensitive {
	return idv.NewSensitive(strings.Map(func(r rune) rune {
		switch r {
		case a:
			return b
		case ' ':
			return r
		}
		return a
	}, inClear(s)))
}
