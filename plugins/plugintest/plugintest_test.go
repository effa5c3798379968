package plugintest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/plugins/plugintest"
	"github.com/heyan-id/heyan/providers"
)

func card() idv.Descriptor {
	return idv.Descriptor{
		Name: "toy", Version: "1.0.0", Recipient: "example", Fidelity: idv.ThreeWay,
		Check: idv.CheckIDName, Documents: []idv.Document{idv.Resident18}, Codes: []idv.CodeRow{
			{Layer: providers.LayerVendor, Code: "01", Verdict: idv.Match, Delivery: idv.Answered, Charge: idv.Charged},
			{Layer: providers.LayerVendor, Code: "9999", Failure: idv.Maintenance, Delivery: idv.Answered},
		},
	}
}

// oracle returns a fixed result.
type oracle struct {
	answer idv.Answer
	err    error
}

func (oracle) Describe() idv.Descriptor { return card() }

func (o oracle) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	if _, limited := ctx.Deadline(); !limited || q.ID != "q" || !q.Subject.Name.Equal(idv.NewSensitive("测试")) {
		return idv.Answer{}, errors.New("the question did not arrive")
	}
	return o.answer, o.err
}

func TestProvider(t *testing.T) {
	t.Parallel()
	match := idv.Answer{Verdict: idv.Match, Charge: idv.Charged, VendorCode: "01"}
	failure := &idv.Error{Failure: idv.Maintenance, Origin: idv.OriginVendor, Delivery: idv.Answered, Code: "9999"}
	for name, want := range map[string]oracle{"answer": {answer: match}, "failure": {err: failure}} {
		t.Run(name, func(t *testing.T) {
			p := plugintest.Provider(t, plugins.CustomTransport{
				Descriptor: card(), New: func(providers.Settings, map[string]idv.Sensitive) (idv.Provider, error) { return want, nil },
			}, nil, nil)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			got, err := p.Ask(ctx, idv.Query{ID: "q", Check: idv.CheckIDName, Subject: idv.Subject{Name: idv.NewSensitive("测试")}})
			if got != want.answer || (err == nil) != (want.err == nil) || err != nil && *idv.AsError(err) != *failure {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
			if !p.Describe().CustomTransport {
				t.Error("CustomTransport is not set")
			}
		})
	}
}
