package providertest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

func echoRules() []Rule {
	return []Rule{
		{"other-person", "A reply that echoes another person yields no verdict.", eachEcho(otherPerson)},
		{"echo-missing", "A reply without the echo of a claim yields no verdict.", eachEcho(echoMissing)},
		{"echo-weak", "A reply that shows only the first six characters of a number yields no verdict.", eachEcho(echoWeak)},
	}
}

// eachEcho returns a rule's test that runs test for every claim that the replies echo, on
// every match and every other fixture with a verdict that echoes the claim.
func eachEcho(test func(Harness, sample, idv.Claim) error) func(context.Context, Harness) error {
	return func(ctx context.Context, h Harness) error {
		list, err := h.verdicts()
		if err != nil {
			return err
		}
		claims := (h.Query.Check.Claims() &^ h.NotEchoed).List()
		if len(claims) == 0 {
			return ErrNotEchoed
		}
		return each(ctx, list, func(s sample) error {
			for _, claim := range claims {
				if s.row.Verdict != idv.Match && !h.echoes(s, claim) {
					continue // a reply without a record may have nothing to echo
				}
				if err := test(h, s, claim); err != nil {
					return fmt.Errorf("%w; if the vendor never echoes the claim, waive it with NotEchoed or --not-echoed %v", err, claim)
				}
			}
			return nil
		})
	}
}

// echoes reports whether a sample holds a text that fits a claim.
func (h Harness) echoes(s sample, claim idv.Claim) bool {
	list, err := nodes(s.reply.Body)
	return err == nil && slices.ContainsFunc(list, func(n node) bool {
		return n.kind == kindString && strings.Trim(n.text, "*") != "" && h.Query.Subject.Claim(claim).FitsMask(n.text)
	})
}

func otherPerson(h Harness, s sample, claim idv.Claim) error {
	h.Query.Subject = otherSubject(h.Query.Subject, idv.Claims(claim))
	return h.fails(s, s.reply, "for another "+claim.String())
}

// echoWeak masks numbers so that many people of one district have the same echo.
func echoWeak(h Harness, s sample, claim idv.Claim) error {
	value := inClear(h.Query.Subject.Claim(claim))
	if claim == idv.ClaimName || len(value) < 11 {
		return nil // the first six of a shorter number hide too little
	}
	list, err := nodes(s.reply.Body)
	if err != nil {
		return err
	}
	body := s.reply.Body
	for _, n := range slices.Backward(list) {
		if n.kind == kindString && strings.Trim(n.text, "*") != "" && h.Query.Subject.Claim(claim).FitsMask(n.text) {
			body = n.replace(body, quote(value[:6]+"************"))
		}
	}
	return h.fails(s, s.with(body), "with only the beginning of the "+claim.String())
}

// echoMissing takes away all echoes of a claim, or what they show of it.
func echoMissing(h Harness, s sample, claim idv.Claim) error {
	list, err := nodes(s.reply.Body)
	if err != nil {
		return err
	}
	slices.Reverse(list) // so that a change does not move the members that are changed after it
	for _, change := range []struct {
		what string
		to   func(node, []byte) []byte
	}{
		{"without the echo of the ", node.rename},
		{"with an empty echo of the ", func(n node, b []byte) []byte { return n.replace(b, `""`) }},
		{"with stars as the echo of the ", func(n node, b []byte) []byte { return n.replace(b, `"******"`) }},
		{"with null as the echo of the ", func(n node, b []byte) []byte { return n.replace(b, "null") }},
	} {
		body := s.reply.Body
		for _, n := range list {
			if n.kind == kindString && strings.Trim(n.text, "*") != "" && h.Query.Subject.Claim(claim).FitsMask(n.text) {
				body = change.to(n, body)
			}
		}
		if err := h.fails(s, s.with(body), change.what+claim.String()); err != nil {
			return err
		}
	}
	return nil
}
