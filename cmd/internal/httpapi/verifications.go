package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
)

type verifications struct{ engine *engine.Engine }

func (v verifications) register(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "verify", Method: http.MethodPost, Path: "/v1/verifications", MaxBodyBytes: maxBody,
		Summary: "Ask whether claims belong together",
		Description: "200 whenever the question was processed, whatever the verdict: undetermined has a reason. " +
			"A problem says that the question was not put to any vendor.",
	}, v.create)
	huma.Register(api, huma.Operation{
		OperationID: "explain", Method: http.MethodPost, Path: "/v1/verifications:explain", MaxBodyBytes: maxBody,
		Summary: "Tell whom a verification would ask now, without asking", Description: "Makes no call and costs nothing.",
	}, v.explain)
	huma.Register(api, huma.Operation{
		OperationID: "getVerification", Method: http.MethodGet, Path: "/v1/verifications/{id}",
		Summary: "Get an earlier verification",
	}, v.get)
}

// question is the body of a request.
type question struct {
	Check     string `json:"check" enum:"id_name,id_name_mobile,id_name_bankcard,id_name_mobile_bankcard" doc:"The question"`
	Subject   claims `json:"subject" doc:"The person; give the claims that the check compares"`
	Purpose   string `json:"purpose,omitempty" maxLength:"200" doc:"Why it is asked"`
	ConsentID string `json:"consent_id,omitempty" maxLength:"200" doc:"The consent that the person gave"`
	App       string `json:"app,omitempty" maxLength:"100" doc:"Which of the caller's applications asks"`
}

type claims struct {
	Name     idv.Sensitive `json:"name,omitzero" doc:"As on the document"`
	IDNumber idv.Sensitive `json:"id_number,omitzero" doc:"Of a resident identity card or another supported document"`
	Mobile   idv.Sensitive `json:"mobile,omitzero"`
	BankCard idv.Sensitive `json:"bank_card,omitzero"`
}

type verifyInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"A repeated request with the same key gets the first one's result and is not paid for again; the key is kept for idempotency.expiry, 24 hours unless configured"`
	Body           question
}

func (in *verifyInput) request() (idv.Request, error) {
	r := idv.Request{
		Tenant: Tenant, App: in.Body.App, Purpose: in.Body.Purpose, ConsentID: in.Body.ConsentID,
		Subject: idv.Subject(in.Body.Subject), IdempotencyKey: in.IdempotencyKey,
	}
	err := r.Check.UnmarshalText([]byte(in.Body.Check))
	return r, err
}

type verifyOutput struct{ Body idv.VerificationView }

func (v verifications) create(ctx context.Context, in *verifyInput) (*verifyOutput, error) {
	r, err := in.request()
	if err != nil {
		return nil, problemOf(err)
	}
	done, err := v.engine.Verify(detached(ctx), r)
	if err != nil {
		return nil, problemOf(err)
	}
	return &verifyOutput{done.View()}, nil
}

type explainOutput struct{ Body idv.Plan }

func (v verifications) explain(ctx context.Context, in *verifyInput) (*explainOutput, error) {
	r, err := in.request()
	if err != nil {
		return nil, problemOf(err)
	}
	plan, err := v.engine.Explain(ctx, r)
	if err != nil {
		return nil, problemOf(err)
	}
	return &explainOutput{Body: plan.Listed()}, nil
}

type getInput struct {
	ID string `path:"id" maxLength:"64" doc:"The verification's id"`
}

func (v verifications) get(ctx context.Context, in *getInput) (*verifyOutput, error) {
	found, err := v.engine.Verification(ctx, Tenant, in.ID)
	if err != nil {
		return nil, problemOf(err)
	}
	return &verifyOutput{found.View()}, nil
}
