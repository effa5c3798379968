package providertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

func encodeRules() []Rule {
	return []Rule{
		{"encode-pure", "Encoding a query twice gives the same call.", encodePure},
		{"encode-minimal", "A call holds the claims of its check and no others.", encodeMinimal},
		{"encode-whole", "Every claim of the check changes the call.", encodeWhole},
		{"encode-path", "The path begins with a slash, is the same for every person and holds no claim; nor does a parameter name or a media type.", encodePath},
		{"encode-form", "A call is a GET without a body, or a POST with a form, with a body and its type, or with neither.", encodeForm},
		{"encode-refuses", "Encode refuses a check or a document that the descriptor does not list, and a missing claim.", encodeRefuses},
	}
}

func encodePure(_ context.Context, h Harness) error {
	first, err := h.render(h.Query.Subject)
	if err != nil {
		return err
	}
	second, err := h.render(h.Query.Subject)
	if err != nil || first != second {
		return errors.New("the second call differs from the first")
	}
	return nil
}

func encodeMinimal(_ context.Context, h Harness) error {
	q, extra := h.Query, h.Query.Subject
	need := q.Check.Claims()
	if !need.Has(idv.ClaimMobile) {
		extra.Mobile = idv.NewSensitive("19900000000")
	}
	if !need.Has(idv.ClaimBankCard) {
		extra.BankCard = idv.NewSensitive("6228480000000000000")
	}
	without, err := h.render(q.Subject)
	if err != nil {
		return err
	}
	again, err := h.render(q.Subject)
	if err != nil {
		return err
	}
	with, err := h.render(extra)
	if err != nil {
		return err
	}
	// encode-pure reports a codec that is not pure.
	if with != without && again == without {
		return errors.New("claims that are not of the check change the call")
	}
	return nil
}

func encodeWhole(_ context.Context, h Harness) error {
	whole, err := h.render(h.Query.Subject)
	if err != nil {
		return err
	}
	for _, claim := range h.Query.Check.Claims().List() {
		other, err := h.render(otherSubject(h.Query.Subject, idv.Claims(claim)))
		if err != nil {
			return err
		}
		if other == whole {
			return fmt.Errorf("another %v gives the same call", claim)
		}
	}
	return nil
}

func encodePath(_ context.Context, h Harness) error {
	call, err := h.Codec.Encode(h.Query)
	if err != nil {
		return err
	}
	q := h.Query
	q.Subject = otherSubject(q.Subject, q.Check.Claims())
	other, err := h.Codec.Encode(q)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(call.Path, "/") || strings.ContainsAny(call.Path, "?#") || call.Path != other.Path {
		return errors.New("the path does not begin with a slash, holds ? or #, or varies with the person")
	}
	public := []string{call.Path, call.ContentType, call.Accept}
	for _, p := range slices.Concat(call.Query, call.Form) {
		public = append(public, p.Name)
	}
	for _, text := range public {
		plain, err := url.PathUnescape(text)
		if err != nil || h.Query.Subject.ContainedIn(text) || h.Query.Subject.ContainedIn(plain) {
			return errors.New("a path, a parameter name or a media type holds a claim")
		}
	}
	return nil
}

func encodeForm(_ context.Context, h Harness) error {
	call, err := h.Codec.Encode(h.Query)
	if err != nil {
		return err
	}
	body, form, typed := !call.Body.IsZero(), len(call.Form) > 0, call.ContentType != ""
	switch {
	case call.Method != http.MethodPost && (call.Method != http.MethodGet || body || form),
		body && form, body && !typed, typed && !body && !form:
		return errors.New("method, form, body and media type do not fit together")
	}
	return nil
}

func encodeRefuses(_ context.Context, h Harness) error {
	d := h.Codec.Describe()
	q := h.Query
	q.Document = "no such document"
	if err := h.encodeFails(q, "a document that is not listed", idv.Unsupported); err != nil {
		return err
	}
	for _, check := range append(idv.Checks(), idv.CheckNone) {
		if check == d.Check {
			continue
		}
		q := h.Query
		q.Check = check
		q.Subject.Mobile, q.Subject.BankCard = idv.NewSensitive("19900000000"), idv.NewSensitive("6228480000000000000")
		if err := h.encodeFails(q, "a check that is not listed", idv.Unsupported); err != nil {
			return err
		}
	}
	all := h.Query.Check.Claims()
	for _, claim := range all.List() {
		q := h.Query
		q.Subject = q.Subject.Only(all &^ idv.Claims(claim))
		if err := h.encodeFails(q, "no "+claim.String(), idv.InvalidInput, idv.Unsupported); err != nil {
			return err
		}
	}
	return nil
}

func (h Harness) encodeFails(q idv.Query, what string, want ...idv.Failure) error {
	_, err := h.Codec.Encode(q)
	if err == nil || !slices.Contains(want, idv.FailureOf(err)) {
		return fmt.Errorf("%s: got %v, want %v", what, idv.FailureOf(err), want)
	}
	return nil
}
