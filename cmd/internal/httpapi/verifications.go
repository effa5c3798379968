package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine"
)

type verifications struct{ engine *engine.Engine }

func (v verifications) register(h huma.API) {
	register(h, huma.Operation{
		OperationID: "verify", Method: http.MethodPost, Path: "/v1/verifications", MaxBodyBytes: maxBody,
		Summary: "Verify identity claims",
		Description: "Returns 200 whenever the request was processed, whatever the verdict; an undetermined verdict has a reason. " +
			"A problem says that no vendor was called, unless it is internal or result_unconfirmed.",
	}, v.create, invalidInput, denied, limited, throttled, unsupported, inProgress, keyReused, shuttingDown, storeDown, unconfirmed)
	register(h, huma.Operation{
		OperationID: "explain", Method: http.MethodPost, Path: "/v1/verifications:explain", MaxBodyBytes: maxBody,
		Summary:     "Explain which providers a verification would call",
		Description: "Makes no call and costs nothing.",
	}, v.explain, invalidInput, denied, limited, unsupported, storeDown)
	register(h, huma.Operation{
		OperationID: "getVerification", Method: http.MethodGet, Path: "/v1/verifications/{id}",
		Summary: "Get a verification",
	}, v.get, notFound, storeDown)
}

type verifyInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"A repeated request with the same key returns the first result and is not charged again; a key is valid for idempotency.expiry, 24 hours by default"`
	Body           api.VerifyRequest
}

type verifyOutput struct{ Body api.Verification }

// create makes a verification. It continues if the caller disconnects: the vendor charges
// for a call either way, so the result is recorded, and a repeated request with the same
// Idempotency-Key gets it. The engine sets the deadline.
func (v verifications) create(ctx context.Context, in *verifyInput) (*verifyOutput, error) {
	r := in.Body.Request(api.DefaultTenant, in.IdempotencyKey)
	done, err := v.engine.Verify(context.WithoutCancel(ctx), r)
	if err != nil {
		return nil, engineProblem(err)
	}
	return &verifyOutput{api.VerificationOf(&done)}, nil
}

type explainOutput struct{ Body api.Plan }

// explain returns the plan of a verification without making it.
func (v verifications) explain(ctx context.Context, in *verifyInput) (*explainOutput, error) {
	r := in.Body.Request(api.DefaultTenant, in.IdempotencyKey)
	plan, err := v.engine.Explain(ctx, r)
	if err != nil {
		return nil, engineProblem(err)
	}
	return &explainOutput{api.PlanOf(&plan)}, nil
}

type getInput struct {
	ID string `path:"id" doc:"The verification's id"`
}

// get returns a stored verification.
func (v verifications) get(ctx context.Context, in *getInput) (*verifyOutput, error) {
	found, err := v.engine.Verification(ctx, api.DefaultTenant, in.ID)
	if err != nil {
		return nil, engineProblem(err)
	}
	return &verifyOutput{api.VerificationOf(&found)}, nil
}
