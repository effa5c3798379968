package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/heyan-id/heyan/engine/dispatch"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
)

// SecondOpinionOrder is what an operator orders after a mismatch.
type SecondOpinionOrder struct {
	Verification string // the id of the verification whose verdict was idv.Mismatch
	Reason       string // why a second recipient is asked; required
}

// secondOrder is an order on its way.
type secondOrder struct {
	earlier idv.Verification
	asked   map[string]bool // recipients that have answered for the person, or may have
}

// secondKey begins the idempotency key of an order, so that a repeated order is not paid
// again.
const secondKey = "second-opinion:"

// OrderSecondOpinion verifies the claims of an earlier verification, whose verdict was
// idv.Mismatch, with a recipient that was not asked then. It is for operators with a reason,
// such as a vendor whose register is known to lag, since verdicts must not be shopped for.
//
// The request has the tenant, check and subject of the earlier one, because claims are not
// stored, and a consent; without a ConsentID it is that of the earlier one. App and purpose
// are those of the earlier one too, and its idempotency key is not used: the same order
// returns the first result. Policy, consent, limits and rules apply as for Verify.
//
// The result is a verification of its own with SecondOf set. It has the verdict of the second
// recipient, and Review unless that is idv.Mismatch too. The earlier one stays as it is. If ctx
// has an act, see audit.With, it is recorded before the first call.
//
// The errors are those of Verify, and store.ErrNotFound.
func (e *Engine) OrderSecondOpinion(ctx context.Context, r idv.Request, o SecondOpinionOrder) (idv.Verification, error) {
	if strings.TrimSpace(o.Reason) == "" {
		return idv.Verification{}, refuseOrder("reason_missing", "the reason is missing; say why a second recipient is asked after a mismatch")
	}
	earlier, err := e.Verification(ctx, r.Tenant, o.Verification)
	if err != nil {
		return idv.Verification{}, err
	}
	order := &secondOrder{earlier: earlier, asked: map[string]bool{}}
	switch {
	case earlier.Erased != "" || earlier.Token == "":
		return idv.Verification{}, refuseOrder("not_comparable",
			"the person of the earlier verification was erased, or it has no token of the person, so it cannot be compared with the request")
	case earlier.Verdict != idv.Mismatch:
		return idv.Verification{}, refuseOrder("not_mismatch", "the verdict of the earlier verification is not mismatch; only then a second opinion can be ordered")
	case r.Check != earlier.Check:
		return idv.Verification{}, refuseOrder("other_check", "the check is not that of the earlier verification; send the same one")
	}
	if err := order.addAsked(ctx, e); err != nil {
		return idv.Verification{}, err
	}
	r.App, r.Purpose, r.IdempotencyKey = earlier.App, earlier.Purpose, secondKey+earlier.ID
	if r.ConsentID == "" {
		r.ConsentID = earlier.ConsentID
	}
	return e.verify(ctx, r, order)
}

func refuseOrder(code, detail string) error {
	e := refusal(idv.InvalidInput, idv.OriginCaller, idv.NoField, detail)
	e.Code = code
	return e
}

// addAsked adds the recipients of the earlier verification, and of those that it is itself a
// second opinion of.
func (o *secondOrder) addAsked(ctx context.Context, e *Engine) error {
	for v := o.earlier; ; {
		for i := range v.Attempts {
			if p := e.providers[v.Attempts[i].Provider]; p != nil && v.Attempts[i].Delivery.MayHaveExecuted() {
				o.asked[p.recipient] = true
			}
		}
		for i := range v.Evidence { // of a provider that is no longer configured, or of a reused answer
			o.asked[v.Evidence[i].Organization] = true
		}
		if v.SecondOf == "" {
			return nil
		}
		var err error
		if v, err = e.Verification(ctx, v.Tenant, v.SecondOf); err != nil {
			return err
		}
	}
}

// checkOrder compares the person with that of the earlier verification. It follows
// authorization, which counts numbers that are tried.
func (s *session) checkOrder() error {
	if s.order == nil {
		return nil
	}
	q, earlier := &s.question, &s.order.earlier
	same := earlier.Token == s.authorization.token || s.policy.Keyring != nil && s.policy.Keyring.Matches(earlier.Token, earlier.Tenant, q.subject.Person())
	if !same || earlier.Subject != q.subject.Masked() {
		return refuseOrder("other_person", "the claims are not those of the earlier verification; send the same ones")
	}
	return nil
}

// recordOrder records the act of an operator, before any provider is called.
func (s *session) recordOrder(ctx context.Context, plan *idv.Plan) error {
	if s.order == nil || len(plan.Steps) == 0 {
		return nil
	}
	ctx, cancel := s.storing(ctx)
	defer cancel()
	if err := s.store.Record(ctx); err != nil && !errors.Is(err, store.ErrNoAct) {
		return storeFailed("the order could not be written to the audit log, so no provider was called")
	}
	return nil
}

// concludeOrder counts an ordered opinion. Two recipients that differ leave the decision to a
// person.
func (s *session) concludeOrder(ctx context.Context, out *dispatch.Outcome) {
	if s.order == nil || len(out.Attempts) == 0 {
		return
	}
	second, answer := out.Provider, &out.Answer
	if out.Err != nil {
		second, answer = out.Attempts[len(out.Attempts)-1].Provider, nil
	} else if answer.Verdict != idv.Mismatch {
		s.result.Review = true
	}
	s.telemetry.SecondOpinion(ctx, s.order.first(), idv.Mismatch, second, answer)
}

// first returns the provider whose answer is doubted.
func (o *secondOrder) first() string {
	if len(o.earlier.Evidence) == 0 {
		return ""
	}
	return o.earlier.Evidence[0].Provider
}

// denyOrder is the denial of an order for which no further recipient is left.
func denyOrder() error {
	return &policy.Denial{Failure: idv.Denied, Decision: policy.Deny(policy.Reason{
		Rule: "second_opinion", ZH: "没有其他已获同意且规则允许的接收方可以再次核验。", EN: "No other recipient is left that the consent names and the rules allow.",
	})}
}
