package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

type subjects struct{ desk *consents.Service }

func (s subjects) register(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "findSubject", Method: http.MethodPost, Path: "/v1/subjects:find", MaxBodyBytes: maxBody,
		Summary: "List what is kept of a person", Description: "The number stands in the body, never in an address.",
	}, s.find)
	huma.Register(api, huma.Operation{
		OperationID: "exportSubject", Method: http.MethodPost, Path: "/v1/subjects:export", MaxBodyBytes: maxBody,
		Summary:     "Make the copy that a person asks for",
		Description: "All that is kept, and the texts that were agreed to with the name and number in them (PIPL art. 45). Hand it to that person alone.",
	}, s.export)
	huma.Register(api, huma.Operation{
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

// Kept is what is kept of a person.
type Kept struct {
	Consents      []Consent              `json:"consents" nullable:"false"`
	Verifications []idv.VerificationView `json:"verifications" nullable:"false"`
	Erasures      []Erasure              `json:"erasures" nullable:"false" doc:"That took the person out before"`
}

// Erasure is an erasure as the API shows it.
type Erasure struct {
	ID            string    `json:"id"`
	At            time.Time `json:"at"`
	Verifications int       `json:"verifications" doc:"That lost the person"`
	Consents      int       `json:"consents" doc:"That lost the person"`
	Keys          int       `json:"keys_destroyed"`
}

// KeptOf returns what is kept of a person as the API shows it, without texts.
func KeptOf(f *consents.SubjectRecords, now time.Time) Kept {
	k := Kept{[]Consent{}, []idv.VerificationView{}, []Erasure{}}
	for i := range f.Consents {
		c := ConsentOf(&f.Consents[i], now)
		c.AsGuardian = f.AsGuardian(&f.Consents[i])
		k.Consents = append(k.Consents, c)
	}
	for i := range f.Verifications {
		k.Verifications = append(k.Verifications, f.Verifications[i].View())
	}
	for _, e := range f.Erasures {
		k.Erasures = append(k.Erasures, Erasure{e.ID, e.At, e.Verifications, e.Consents, e.Keys})
	}
	return k
}

type keptOutput struct{ Body Kept }

func (s subjects) find(ctx context.Context, in *subjectInput) (*keptOutput, error) {
	found, err := s.desk.Find(ctx, Tenant, in.Body.IDNumber)
	if err != nil {
		return nil, ofSubject(err)
	}
	return &keptOutput{KeptOf(&found, time.Now())}, nil
}

// personalCopy is a person's copy.
type personalCopy struct {
	ExportedAt time.Time     `json:"exported_at"`
	Controller consent.Party `json:"controller" doc:"Who keeps it"`
	Kept
}

type exportOutput struct{ Body personalCopy }

func (s subjects) export(ctx context.Context, in *subjectInput) (*exportOutput, error) {
	kept, err := s.desk.Export(ctx, Tenant, in.Body.IDNumber)
	if err != nil {
		return nil, ofSubject(err)
	}
	now := time.Now().UTC()
	out := exportOutput{personalCopy{now, s.desk.Defaults.Controller, KeptOf(&kept.SubjectRecords, now)}}
	for i := range out.Body.Consents {
		c := &out.Body.Consents[i]
		c.Text, c.Unreadable = legible(kept.Texts[c.ID].Body), slices.Contains(kept.Unreadable, c.ID)
	}
	return &out, nil
}

func (s subjects) erase(ctx context.Context, in *subjectInput) (*signedOutput, error) {
	proof, err := s.desk.Erase(detached(ctx), Tenant, in.Body.IDNumber)
	if err != nil {
		return nil, ofSubject(err)
	}
	return signed(proof), nil
}
