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
	huma.Register(h, huma.Operation{
		OperationID: "verify", Method: http.MethodPost, Path: "/v1/verifications", MaxBodyBytes: maxBody,
		Summary: "Ask whether claims belong together",
		Description: "200 whenever the question was processed, whatever the verdict: undetermined has a reason. " +
			"A problem says that the question was not put to any vendor.",
	}, v.create)
	huma.Register(h, huma.Operation{
		OperationID: "explain", Method: http.MethodPost, Path: "/v1/verifications:explain", MaxBodyBytes: maxBody,
		Summary: "Tell whom a verification would ask now, without asking", Description: "Makes no call and costs nothing.",
	}, v.explain)
	huma.Register(h, huma.Operation{
		OperationID: "getVerification", Method: http.MethodGet, Path: "/v1/verifications/{id}",
		Summary: "Get an earlier verification",
	}, v.get)
}

type verifyInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"A repeated request with the same key gets the first one's result and is not paid for again; the key is kept for idempotency.expiry, 24 hours unless configured"`
	Body           api.VerifyRequest
}

type verifyOutput struct{ Body api.Verification }

func (v verifications) create(ctx context.Context, in *verifyInput) (*verifyOutput, error) {
	r, err := in.Body.Request(api.DefaultTenant, in.IdempotencyKey)
	if err != nil {
		return nil, problemOf(err)
	}
	done, err := v.engine.Verify(detached(ctx), r)
	if err != nil {
		return nil, problemOf(err)
	}
	return &verifyOutput{api.VerificationOf(&done)}, nil
}

type explainOutput struct{ Body api.Plan }

func (v verifications) explain(ctx context.Context, in *verifyInput) (*explainOutput, error) {
	r, err := in.Body.Request(api.DefaultTenant, in.IdempotencyKey)
	if err != nil {
		return nil, problemOf(err)
	}
	plan, err := v.engine.Explain(ctx, r)
	if err != nil {
		return nil, problemOf(err)
	}
	return &explainOutput{api.PlanOf(&plan)}, nil
}

type getInput struct {
	ID string `path:"id" maxLength:"64" doc:"The verification's id"`
}

func (v verifications) get(ctx context.Context, in *getInput) (*verifyOutput, error) {
	found, err := v.engine.Verification(ctx, api.DefaultTenant, in.ID)
	if err != nil {
		return nil, problemOf(err)
	}
	return &verifyOutput{api.VerificationOf(&found)}, nil
}
