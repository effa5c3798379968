package providertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// noLeak echoes each claim in each member and each header, one at a time, and
// searches the result for it. It skips the references that the vendor wrote, which
// providers.NewProvider checks, but not what the codec adds to them.
func noLeak(_ context.Context, h Harness) error {
	for _, f := range h.Fixtures {
		if got := h.result(f.Reply); h.Query.Subject.ContainedIn(printed(got.answer) + printed(got.err)) {
			return fmt.Errorf("the fixture %s: the result holds a claim in clear", f.Code)
		}
		replies, err := echoes(f.Reply, h.Query.Subject, h.Query.Check.Claims())
		if err != nil {
			return fmt.Errorf("the fixture %s: %w", f.Code, err)
		}
		for _, r := range replies {
			if h.leaks(r) {
				return fmt.Errorf("the fixture %s with an echoed claim: the result holds the claim in clear", f.Code)
			}
		}
	}
	return h.refusalLeaks()
}

func (h Harness) refusalLeaks() error {
	undocumented := h.Query
	undocumented.Document = "no such document"
	queries := []idv.Query{undocumented}
	all := h.Query.Check.Claims()
	for _, claim := range all.List() {
		q := h.Query
		q.Subject = q.Subject.Only(all &^ idv.Claims(claim))
		queries = append(queries, q)
	}
	for _, q := range queries {
		if _, err := h.Codec.Encode(q); err != nil && h.Query.Subject.ContainedIn(printed(err)) {
			return errors.New("an error of Encode holds a claim in clear")
		}
	}
	return nil
}

func (h Harness) leaks(r providers.Reply) bool {
	answer, err := h.Codec.Decode(h.Query, r)
	answer.VendorRef = ""
	text := printed(answer)
	if err != nil {
		text += printed(err)
	}
	var e *idv.Error
	if errors.As(err, &e) {
		bare := *e
		bare.Ref = ""
		text = printed(answer) + printed(&bare) + err.Error()
	}
	return h.Query.Subject.ContainedIn(text)
}

// printed returns a value in every form that a log could have.
func printed(v any) string {
	encoded, err := json.Marshal(v)
	if err != nil {
		encoded = nil
	}
	return fmt.Sprintf("%v %+v %#v %s %q %x ", v, v, v, v, v, v) + string(encoded)
}

// echoes returns copies of the reply. Each has one claim in place of one string of
// the body or one header.
func echoes(r providers.Reply, s idv.Subject, claims idv.ClaimSet) ([]providers.Reply, error) {
	var list []providers.Reply
	members, err := nodes(r.Body)
	if err != nil {
		return nil, err
	}
	for _, claim := range claims.List() {
		value := inClear(s.Claim(claim))
		for _, m := range members {
			if m.kind == kindString {
				echo := r
				echo.Body = m.replace(r.Body, quote(value))
				list = append(list, echo)
			}
		}
		for name := range r.Header {
			echo := r
			echo.Header = r.Header.Clone()
			echo.Header.Set(name, value)
			list = append(list, echo)
		}
	}
	return list, nil
}
