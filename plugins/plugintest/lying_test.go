package plugintest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/plugins/plugintest"
	"github.com/heyan-id/heyan/providers"
)

// liarsTable is a code table with a row of each kind.
func liarsTable() []idv.CodeRow {
	return []idv.CodeRow{
		{Layer: providers.LayerVendor, Code: "0/1", Verdict: idv.Match, Delivery: idv.Answered, Charge: idv.Charged},
		{Layer: providers.LayerVendor, Code: "0/2", Verdict: idv.Mismatch, Delivery: idv.Answered, Charge: idv.NotCharged},
		{Layer: providers.LayerVendor, Code: "0/3", Verdict: idv.NoRecord, Delivery: idv.Answered, Charge: idv.Charged, ByFlag: true},
		{Layer: providers.LayerVendor, Code: "9999", Failure: idv.Maintenance, Delivery: idv.Answered},
		{Layer: providers.LayerGateway, Code: "A403", Failure: idv.BadCredentials, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged},
	}
}

// liar gives a result that disagrees with its code table.
type liar struct {
	card   idv.Descriptor
	answer idv.Answer
	err    *idv.Error
}

func (l liar) Describe() idv.Descriptor { return l.card }

func (liar) Encode(idv.Query) (providers.Call, error) {
	return providers.Call{Method: http.MethodGet, Path: "/"}, nil
}

func (l liar) Decode(idv.Query, providers.Reply) (idv.Answer, error) { return l.result() }

func (l liar) Ask(context.Context, idv.Query) (idv.Answer, error) { return l.result() }

func (l liar) result() (idv.Answer, error) {
	if l.err != nil {
		return idv.Answer{}, l.err
	}
	return l.answer, nil
}

// answering is a transport whose vendor has answered.
type answering struct{}

func (answering) Do(context.Context, providers.Call) (providers.Reply, error) {
	return providers.Reply{Status: http.StatusOK, Header: http.Header{}}, nil
}

// ways returns the liar as a codec in this process and over the wire, and as a provider
// with a custom transport.
func ways(t *testing.T, l liar) map[string]idv.Provider {
	l.card = card()
	l.card.Codes = liarsTable()
	factory := providers.Factory{Descriptor: l.card, New: func(providers.Settings) (providers.Codec, error) { return l, nil }}
	custom := plugins.CustomTransport{Descriptor: l.card, New: func(providers.Settings, map[string]idv.Sensitive) (idv.Provider, error) { return l, nil }}
	return map[string]idv.Provider{
		"codec in process":    providers.NewProvider(l, answering{}),
		"codec over the wire": providers.NewProvider(plugintest.Codec(t, factory, nil), answering{}),
		"custom transport":    plugintest.Provider(t, custom, nil, nil),
	}
}

// outcome is what decides about verdict, charge and failover.
type outcome struct {
	verdict  idv.Verdict
	failure  idv.Failure
	field    idv.Field
	delivery idv.Delivery
	charge   idv.Charge
}

func ask(t *testing.T, p idv.Provider) outcome {
	t.Helper()
	a, err := p.Ask(t.Context(), idv.Query{ID: "q", Check: idv.CheckIDName, Subject: idv.Subject{Name: idv.NewSensitive("测试")}})
	if err == nil {
		return outcome{verdict: a.Verdict, delivery: idv.Answered, charge: a.Charge}
	}
	e := idv.AsError(err)
	return outcome{idv.Undetermined, e.Failure, e.Field, e.Delivery, e.Charge}
}

// A plugin that lies cannot change verdict, charge or failover: the code table has the
// last word.
func TestLyingPlugin(t *testing.T) {
	t.Parallel()
	failed := func(f idv.Failure, d idv.Delivery, c idv.Charge) outcome {
		return outcome{failure: f, delivery: d, charge: c}
	}
	lost := failed(idv.FailureUnknown, idv.DeliveryUnknown, idv.ChargeUnknown)
	tests := []struct {
		name string
		says liar
		want outcome
	}{
		{"a charged match is free", liar{answer: idv.Answer{Verdict: idv.Match, Charge: idv.NotCharged, VendorCode: "0/1"}},
			outcome{verdict: idv.Match, delivery: idv.Answered, charge: idv.Charged}},
		{"a free mismatch is charged", liar{answer: idv.Answer{Verdict: idv.Mismatch, Charge: idv.Charged, VendorCode: "0/2"}},
			outcome{verdict: idv.Mismatch, delivery: idv.Answered, charge: idv.Charged}},
		{"the reply's flag says free", liar{answer: idv.Answer{Verdict: idv.NoRecord, Charge: idv.NotCharged, VendorCode: "0/3"}},
			outcome{verdict: idv.NoRecord, delivery: idv.Answered, charge: idv.NotCharged}},
		{"the verdict of another code", liar{answer: idv.Answer{Verdict: idv.Match, Charge: idv.NotCharged, VendorCode: "0/2"}},
			failed(idv.Garbled, idv.DeliveryUnknown, idv.ChargeUnknown)},
		{"a verdict for the outer code", liar{answer: idv.Answer{Verdict: idv.Match, Charge: idv.NotCharged, VendorCode: "0"}},
			failed(idv.Garbled, idv.DeliveryUnknown, idv.ChargeUnknown)},
		{"a verdict for a failure", liar{answer: idv.Answer{Verdict: idv.Match, Charge: idv.NotCharged, VendorCode: "9999"}},
			failed(idv.Garbled, idv.DeliveryUnknown, idv.ChargeUnknown)},
		{"a verdict of the gateway", liar{answer: idv.Answer{Verdict: idv.Match, Charge: idv.NotCharged, VendorCode: "A403"}},
			failed(idv.Garbled, idv.DeliveryUnknown, idv.ChargeUnknown)},
		{"a verdict for an unlisted code, charged", liar{answer: idv.Answer{Verdict: idv.Match, Charge: idv.Charged, VendorCode: "77"}},
			failed(idv.Garbled, idv.DeliveryUnknown, idv.Charged)},
		{"a listed failure is free and refused", liar{err: &idv.Error{
			Failure: idv.Maintenance, Origin: idv.OriginVendor, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged, Code: "9999"}},
			failed(idv.Maintenance, idv.Answered, idv.ChargeUnknown)},
		{"a listed failure of another class", liar{err: &idv.Error{
			Failure: idv.InvalidInput, Origin: idv.OriginVendor, Delivery: idv.Answered, Code: "9999", Field: idv.FieldName}},
			failed(idv.Maintenance, idv.Answered, idv.ChargeUnknown)},
		{"a listed failure that was not sent", liar{err: &idv.Error{
			Failure: idv.Unavailable, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged, Code: "9999"}},
			failed(idv.Maintenance, idv.Answered, idv.ChargeUnknown)},
		{"a refusal without a code", liar{err: &idv.Error{
			Failure: idv.Unavailable, Origin: idv.OriginGateway, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged}},
			failed(idv.Unavailable, idv.DeliveryUnknown, idv.ChargeUnknown)},
		{"a refusal with an unlisted code", liar{err: &idv.Error{
			Failure: idv.QuotaExhausted, Origin: idv.OriginGateway, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged, Code: "X1"}}, lost},
		{"an unlisted code with maintenance", liar{err: &idv.Error{
			Failure: idv.Maintenance, Origin: idv.OriginVendor, Delivery: idv.Answered, Charge: idv.NotCharged, Code: "77"}},
			failed(idv.FailureUnknown, idv.Answered, idv.ChargeUnknown)},
		{"a code for a verdict with maintenance", liar{err: &idv.Error{
			Failure: idv.Maintenance, Origin: idv.OriginVendor, Delivery: idv.NotSent, Charge: idv.NotCharged, Code: "0/1"}}, lost},
		{"an unlisted code that was not sent", liar{err: &idv.Error{
			Failure: idv.Maintenance, Origin: idv.OriginVendor, Delivery: idv.NotSent, Charge: idv.NotCharged, Code: "77"}}, lost},
		{"maintenance that was not sent", liar{err: &idv.Error{
			Failure: idv.Maintenance, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged}}, lost},
		{"charged, but not sent", liar{err: &idv.Error{
			Failure: idv.Unavailable, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.Charged}},
			failed(idv.Unavailable, idv.DeliveryUnknown, idv.Charged)},
		{"a free answer without a code", liar{err: &idv.Error{
			Failure: idv.Garbled, Origin: idv.OriginEngine, Delivery: idv.Answered, Charge: idv.NotCharged}},
			failed(idv.Garbled, idv.Answered, idv.ChargeUnknown)},
		{"a guard's rejection", liar{err: &idv.Error{
			Failure: idv.Maintenance, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged, Code: "breaker_open", Phase: "guard"}}, lost},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for way, p := range ways(t, tt.says) {
				if got := ask(t, p); got != tt.want {
					t.Errorf("%s: got %+v, want %+v", way, got, tt.want)
				}
			}
		})
	}
}

// Only a plugin with a custom transport knows whether it has sent anything. A codec
// decodes a reply, so its call was sent.
func TestNotSent(t *testing.T) {
	t.Parallel()
	says := liar{err: &idv.Error{Failure: idv.Unavailable, Origin: idv.OriginEngine, Delivery: idv.NotSent}}
	for way, p := range ways(t, says) {
		want := outcome{failure: idv.Unavailable}
		if way == "custom transport" {
			want.delivery, want.charge = idv.NotSent, idv.NotCharged
		}
		if got := ask(t, p); got != want {
			t.Errorf("%s: got %+v, want %+v", way, got, want)
		}
	}
}
