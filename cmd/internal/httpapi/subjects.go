package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
)

type subjects struct{ desk *consents.Service }

func (s subjects) register(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "findSubject", Method: http.MethodPost, Path: "/v1/subjects:find", MaxBodyBytes: maxBody,
		Summary: "List what is kept of a person", Description: "The number stands in the body, never in an address.",
	}, s.find)
	huma.Register(h, huma.Operation{
		OperationID: "exportSubject", Method: http.MethodPost, Path: "/v1/subjects:export", MaxBodyBytes: maxBody,
		Summary:     "Make the copy that a person asks for",
		Description: "All that is kept, and the texts that were agreed to with the name and number in them (PIPL art. 45). Hand it to that person alone.",
	}, s.export)
	huma.Register(h, huma.Operation{
		OperationID: "eraseSubject", Method: http.MethodPost, Path: "/v1/subjects:erase", MaxBodyBytes: maxBody,
		Summary: "Take a person out and get the signed proof of it",
		Description: "Consents are withdrawn, the person's keys destroyed and what stays points to nobody. It cannot be undone. " +
			"Keep the proof: it is made once.",
		Responses: signedResponse("The proof of the erasure and its signature"),
	}, s.erase)
}

type subjectInput struct {
	Body struct {
		IDNumber idv.Sensitive `json:"id_number" doc:"The person's document number"`
	}
}

type keptOutput struct{ Body api.SubjectRecords }

func (s subjects) find(ctx context.Context, in *subjectInput) (*keptOutput, error) {
	found, err := s.desk.Find(ctx, api.DefaultTenant, in.Body.IDNumber)
	if err != nil {
		return nil, ofSubject(err)
	}
	return &keptOutput{api.SubjectRecordsOf(&found, time.Now())}, nil
}

type exportOutput struct{ Body api.SubjectExport }

func (s subjects) export(ctx context.Context, in *subjectInput) (*exportOutput, error) {
	kept, err := s.desk.Export(ctx, api.DefaultTenant, in.Body.IDNumber)
	if err != nil {
		return nil, ofSubject(err)
	}
	return &exportOutput{api.SubjectExportOf(&kept, s.desk.Defaults.Controller, time.Now())}, nil
}

func (s subjects) erase(ctx context.Context, in *subjectInput) (*signedOutput, error) {
	proof, err := s.desk.Erase(detached(ctx), api.DefaultTenant, in.Body.IDNumber)
	if err != nil {
		return nil, ofSubject(err)
	}
	return signed(proof), nil
}
