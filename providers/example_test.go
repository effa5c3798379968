package providers_test

import (
	"context"
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// acme is the codec of a vendor that answers with a code and nothing else.
type acme struct{}

func (acme) Describe() idv.Descriptor {
	return idv.Descriptor{
		Name: "acme", Check: idv.CheckIDName, Documents: []idv.Document{idv.Resident18},
		Codes: []idv.CodeRow{
			{Layer: providers.LayerVendor, Code: "1", Verdict: idv.Match, Delivery: idv.Answered, Charge: idv.Charged},
			{Layer: providers.LayerVendor, Code: "2", Verdict: idv.Mismatch, Delivery: idv.Answered, Charge: idv.Charged},
		},
	}
}

func (acme) Encode(q idv.Query) (providers.Call, error) {
	if err := providers.CheckQuery(acme{}.Describe(), q); err != nil {
		return providers.Call{}, err
	}
	return providers.Call{Method: "POST", Path: "/check", Form: []providers.Param{
		{Name: "id", Value: q.Subject.IDNumber}, {Name: "name", Value: q.Subject.Name},
	}}, nil
}

func (a acme) Decode(_ idv.Query, r providers.Reply) (idv.Answer, error) {
	d := a.Describe()
	if err := providers.CheckStatus(r, d.Replies); err != nil {
		return idv.Answer{}, err
	}
	return providers.Table(d.Codes).Decode(providers.Reading{Codes: []string{string(r.Body)}})
}

// scripted is a transport that returns the same body for every call. A program uses
// exchange.New instead.
type scripted string

func (s scripted) Do(_ context.Context, c providers.Call) (providers.Reply, error) {
	fmt.Printf("%s %s with %s=%v\n", c.Method, c.Path, c.Form[0].Name, c.Form[0].Value)
	return providers.Reply{Status: 200, Body: []byte(s)}, nil
}

// A codec and a transport make a provider. A code that the table does not list is a
// failure and never a verdict.
func ExampleNewProvider() {
	query := idv.Query{Check: idv.CheckIDName, Document: idv.Resident18, Subject: idv.Subject{
		Name: idv.NewSensitive("张三"), IDNumber: idv.NewSensitive("11010519491231002X"),
	}}
	for _, body := range []scripted{"1", "01"} {
		answer, err := providers.NewProvider(acme{}, body).Ask(context.Background(), query)
		if err != nil {
			fmt.Println("failure:", idv.FailureOf(err), "charge:", idv.AsError(err).Charge)
			continue
		}
		fmt.Println("verdict:", answer.Verdict, "charge:", answer.Charge)
	}
	// Output:
	// POST /check with id=***
	// verdict: match charge: charged
	// POST /check with id=***
	// failure: unknown charge: unknown
}
