package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
)

type verifications struct {
	Dependencies
	engine *engine.Engine
}

func (v verifications) register(h huma.API) {
	register(h, access.Verify, huma.Operation{
		OperationID: "verify", Method: http.MethodPost, Path: "/v1/verifications", MaxBodyBytes: maxBody,
		Summary: "Verify identity claims",
		Description: "Returns 200 whenever the request was processed, whatever the verdict; an undetermined verdict has a reason. " +
			"A problem says that no vendor was called, unless it is internal or result_unconfirmed.",
		Middlewares: huma.Middlewares{v.direct},
	}, v.create, invalidInput, denied, limited, throttled, unsupported, inProgress, keyReused, shuttingDown, storeDown, restored, unconfirmed)
	register(h, access.Verify, huma.Operation{
		OperationID: "explain", Method: http.MethodPost, Path: "/v1/verifications:explain", MaxBodyBytes: maxBody,
		Summary:     "Explain which providers a verification would call",
		Description: "Makes no call and costs nothing.",
	}, v.explain, invalidInput, denied, limited, unsupported, storeDown)
	register(h, access.Admin, huma.Operation{
		OperationID: "orderSecondOpinion", Method: http.MethodPost, Path: "/v1/verifications/{id}:second-opinion", MaxBodyBytes: maxBody,
		Summary: "Have another recipient verify the claims of a mismatch",
		Description: "For operators with a reason. Claims are not stored, so the body repeats them. The call needs a consent that covers it, goes to a recipient that " +
			"was not asked before, and is recorded in the audit log. The result is a verification of its own with second_of; the earlier one stays as it is. " +
			"The same order returns the first result.",
	}, v.second, invalidInput, denied, limited, throttled, unsupported, notFound, inProgress, keyReused, shuttingDown, storeDown, restored, unconfirmed)
	register(h, access.Read, huma.Operation{
		OperationID: "getVerification", Method: http.MethodGet, Path: "/v1/verifications/{id}",
		Summary: "Get a verification",
	}, v.get, notFound, storeDown)
}

type verifyInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"A repeated request with the same key returns the first result and is not charged again; a key is valid for idempotency.expiry, 24 hours by default"`
	Body           api.VerifyRequest
}

// requestOf returns the request of the principal. The error is a problem.
func requestOf(ctx context.Context, in *verifyInput) (r idv.Request, err error) {
	if in.Body.App, err = appOf(ctx, "body.app", in.Body.App); err != nil {
		return r, err
	}
	principal := auth.From(ctx)
	r = in.Body.Request(principal.Tenant, in.IdempotencyKey)
	r.Caller = principal.Key
	return r, nil
}

type verifyOutput struct{ Body api.Verification }

type createOutput struct {
	Policy string `header:"RateLimit-Policy" doc:"The limits per API key, as draft-ietf-httpapi-ratelimit-headers has it; absent without limits, and for a repeated request"`
	Limit  string `header:"RateLimit" doc:"What they leave, and the seconds until they reset"`
	Body   api.Verification
}

// create makes a verification. It continues if the caller disconnects: the vendor charges
// for a call either way, so the result is recorded, and a repeated request with the same
// Idempotency-Key gets it. The engine sets the deadline; it keeps an earlier one of the caller.
func (v verifications) create(ctx context.Context, in *verifyInput) (*createOutput, error) {
	r, err := requestOf(ctx, in)
	if err != nil {
		return nil, err
	}
	ctx, cancel := undisturbed(ctx)
	defer cancel()
	var quotas []abuse.Quota
	done, err := v.engine.Verify(abuse.WithQuotas(ctx, &quotas), r)
	policy, left := rateLimits(quotas)
	if err != nil {
		p := engineProblem(err)
		// For a denial that may tell what was detected, the headers are left out.
		if idv.FailureOf(err) == idv.Throttled {
			p.limitPolicy, p.limit = policy, left
		}
		return nil, p
	}
	return &createOutput{policy, left, api.VerificationOf(&done)}, nil
}

type explainOutput struct{ Body api.Plan }

// explain returns the plan of a verification without making it.
func (v verifications) explain(ctx context.Context, in *verifyInput) (*explainOutput, error) {
	r, err := requestOf(ctx, in)
	if err != nil {
		return nil, err
	}
	plan, err := v.engine.Explain(ctx, r)
	if err != nil {
		return nil, engineProblem(err)
	}
	return &explainOutput{api.PlanOf(&plan)}, nil
}

type secondInput struct {
	ID   string `path:"id" doc:"The id of a verification with the verdict mismatch"`
	Body api.SecondOpinionOrder
}

// second carries out an operator's order. Like create, it continues if the caller disconnects.
func (v verifications) second(ctx context.Context, in *secondInput) (*verifyOutput, error) {
	reason := audit.Act{Reason: in.Body.Reason}
	if err := reason.Check(); err != nil {
		return nil, orderProblem(err)
	}
	if strings.TrimSpace(in.Body.Reason) == "" {
		return nil, invalidProblem("body.reason", "is missing; say why a second recipient is asked after a mismatch")
	}
	earlier, err := v.visible(ctx, in.ID)
	if err != nil {
		return nil, engineProblem(err)
	}
	principal := auth.From(ctx)
	r := in.Body.Request(principal.Tenant)
	r.Caller = principal.Key
	ctx = v.acting(context.WithoutCancel(ctx), audit.SecondOpinion, earlier.ID, in.Body.Reason)
	done, err := v.engine.OrderSecondOpinion(ctx, r, engine.SecondOpinionOrder{Verification: earlier.ID, Reason: in.Body.Reason})
	if err != nil {
		return nil, engineProblem(err)
	}
	return &verifyOutput{api.VerificationOf(&done)}, nil
}

type getInput struct {
	ID string `path:"id" doc:"The verification's id"`
}

// get returns a stored verification.
func (v verifications) get(ctx context.Context, in *getInput) (*verifyOutput, error) {
	found, err := v.visible(ctx, in.ID)
	if err != nil {
		return nil, engineProblem(err)
	}
	return &verifyOutput{api.VerificationOf(&found)}, nil
}

// visible returns a stored verification that the principal may see.
func (v verifications) visible(ctx context.Context, id string) (idv.Verification, error) {
	principal := auth.From(ctx)
	found, err := v.engine.Verification(ctx, principal.Tenant, id)
	if err == nil && !principal.Sees(found.App) {
		err = store.ErrNotFound
	}
	return found, err
}

// rateLimits returns the headers RateLimit-Policy and RateLimit: the limits of the caller,
// and what is left of them.
func rateLimits(quotas []abuse.Quota) (policy, left string) {
	var policies, limits []string
	for _, q := range quotas {
		policies = append(policies, fmt.Sprintf("%q;q=%d;w=%d", q.Name, q.Most, q.Window/time.Second))
		limits = append(limits, fmt.Sprintf("%q;r=%d;t=%d", q.Name, q.Remaining, (q.Reset+time.Second-1)/time.Second))
	}
	return strings.Join(policies, ", "), strings.Join(limits, ", ")
}
