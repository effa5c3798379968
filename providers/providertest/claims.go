package providertest

import (
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// inClear is the one place of this package where a made-up person's claims are
// revealed: to compare two calls, to play a vendor that echoes, to make a stranger.
func inClear(s idv.Sensitive) string { return s.Reveal() }

// render writes the call for a subject as one text, for comparing. The text is in
// clear and stays here: only whether two are equal is ever said.
func (h Harness) render(s idv.Subject) (string, error) {
	q := h.Query
	q.Subject = s
	call, err := h.Codec.Encode(q)
	if err != nil {
		return "", fmt.Errorf("the question of the harness is refused: %v", idv.FailureOf(err))
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

// stranger returns the subject with other values for the given claims, none of
// which begins or ends as the true one does.
func stranger(s idv.Subject, claims idv.ClaimSet) idv.Subject {
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

// other replaces every character by a, or by b where a is the true one.
func other(s idv.Sensitive, a, b rune) idv.Sensitive {
	return idv.NewSensitive(strings.Map(func(r rune) rune {
		if r == a {
			return b
		}
		return a
	}, inClear(s)))
}
