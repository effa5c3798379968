package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/policy/access"
)

// evidence issues the signed evidence of verifications.
type evidence struct{ Dependencies }

func (e evidence) register(h huma.API) {
	register(h, access.Read, huma.Operation{
		OperationID: "getEvidence", Method: http.MethodGet, Path: "/v1/verifications/{id}/evidence",
		Summary: "Get the signed evidence of a verification",
		Description: "The result with its attempts, vendor references and rules, and the receipt of the consent. Keep the bytes unchanged, since the signature " +
			"covers them. It contains no claim of the person in clear.",
		Responses: signedResponse("The evidence and its signature; `heyan verify-evidence` checks it offline"),
	}, e.get, notFound)
}

// get returns the evidence of a verification.
func (e evidence) get(ctx context.Context, in *getInput) (*signedOutput, error) {
	found, err := verifications{e.Dependencies, e.Engine}.visible(ctx, in.ID)
	if err != nil {
		return nil, engineProblem(err)
	}
	result, err := json.Marshal(api.VerificationOf(&found))
	if err != nil {
		return nil, storeFailure(err)
	}
	document, err := e.Consents.Evidence(ctx, &found, result, e.Version)
	if err != nil {
		return nil, storeFailure(err)
	}
	return signed(document), nil
}
