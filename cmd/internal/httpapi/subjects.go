package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
)

type subjects struct {
	Dependencies

	service *consents.Service
}

func (s subjects) register(h huma.API) {
	register(h, access.Consent, huma.Operation{
		OperationID: "findSubject", Method: http.MethodPost, Path: "/v1/subjects:find", MaxBodyBytes: maxBody,
		Summary: "List the records of a person", Description: "The number is part of the body, never of a URL.",
	}, s.find, invalidInput, storeDown)
	register(h, access.Consent, huma.Operation{
		OperationID: "exportSubject", Method: http.MethodPost, Path: "/v1/subjects:export", MaxBodyBytes: maxBody,
		Summary: "Export the data of a person",
		Description: "Returns the copy that a person may request (PIPL art. 45): all records, and the texts of the consents with name and " +
			"number. Give it to that person only.",
	}, s.export, invalidInput, storeDown)
	register(h, access.Consent, huma.Operation{
		OperationID: "eraseSubject", Method: http.MethodPost, Path: "/v1/subjects:erase", MaxBodyBytes: maxBody,
		Summary: "Erase a person and get the signed proof",
		Description: "Withdraws the person's consents, destroys the person's keys and anonymizes the remaining records. It cannot be undone. " +
			"Store the proof: it is issued once.",
		Responses: signedResponse("The proof of the erasure and its signature"),
	}, s.erase, invalidInput, storeDown)
}

type subjectInput struct {
	Body struct {
		IDNumber idv.Sensitive `json:"id_number,omitzero" doc:"The person's document number"`
		Document idv.Document  `json:"document,omitzero" doc:"The type of document that the number belongs to, as in a verification"`
		BankCard idv.Sensitive `json:"bank_card,omitzero" doc:"The person's bank card, which finds the records of checks without an ID number; alone or beside the ID number"`
	}
}

func (in *subjectInput) subject() idv.Subject {
	return idv.Subject{IDNumber: in.Body.IDNumber, Document: in.Body.Document, BankCard: in.Body.BankCard}
}

type recordsOutput struct{ Body api.SubjectRecords }

// find returns the records of a person.
func (s subjects) find(ctx context.Context, in *subjectInput) (*recordsOutput, error) {
	if err := wholeTenant(ctx); err != nil {
		return nil, err
	}
	found, err := s.service.Find(ctx, auth.From(ctx).Tenant, in.subject())
	if err != nil {
		return nil, subjectProblem(err)
	}
	return &recordsOutput{api.SubjectRecordsOf(&found, time.Now())}, nil
}

type exportOutput struct{ Body api.SubjectExport }

// export returns a person's copy.
func (s subjects) export(ctx context.Context, in *subjectInput) (*exportOutput, error) {
	if err := wholeTenant(ctx); err != nil {
		return nil, err
	}
	found, err := s.service.Export(ctx, auth.From(ctx).Tenant, in.subject())
	if err != nil {
		return nil, subjectProblem(err)
	}
	return &exportOutput{api.SubjectExportOf(&found, s.service.For(auth.From(ctx).Tenant).Defaults.Controller, time.Now())}, nil
}

// erase erases a person. It continues if the caller disconnects.
func (s subjects) erase(ctx context.Context, in *subjectInput) (*signedOutput, error) {
	if err := wholeTenant(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	proof, err := s.service.Erase(s.acting(ctx, audit.SubjectErase, "", ""), auth.From(ctx).Tenant, in.subject())
	if err != nil {
		return nil, subjectProblem(err)
	}
	return signed(proof), nil
}
