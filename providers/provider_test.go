package providers_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// parts is a codec and a transport with fixed results.
type parts struct {
	encodeErr, doErr, decodeErr error
	answer                      idv.Answer
	calls                       []string
}

func (*parts) Describe() idv.Descriptor {
	return idv.Descriptor{Name: "parts", Codes: []idv.CodeRow{
		{Layer: providers.LayerVendor, Code: "01", Verdict: idv.Match, Delivery: idv.Answered, Charge: idv.Charged},
		{Layer: providers.LayerGateway, Code: "T1", Failure: idv.Throttled, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged},
	}}
}

func (p *parts) Encode(idv.Query) (providers.Call, error) {
	p.calls = append(p.calls, "encode")
	return providers.Call{Path: "/parts"}, p.encodeErr
}

func (p *parts) Do(_ context.Context, c providers.Call) (providers.Reply, error) {
	p.calls = append(p.calls, "do "+c.Path)
	return providers.Reply{Status: 200, Body: []byte("body")}, p.doErr
}

func (p *parts) Decode(_ idv.Query, r providers.Reply) (idv.Answer, error) {
	p.calls = append(p.calls, "decode "+string(r.Body))
	return p.answer, p.decodeErr
}

func query() idv.Query {
	return idv.Query{ID: "q", Check: idv.CheckIDName, Subject: idv.Subject{
		Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive("11010120990101005X"),
	}}
}

func charged(e *idv.Error) *idv.Error {
	e.Charge = idv.Charged
	return e
}

func TestAsk(t *testing.T) {
	t.Parallel()
	all := []string{"encode", "do /parts", "decode body"}
	match := idv.Answer{Verdict: idv.Match, Charge: idv.Charged, VendorCode: "01", VendorRef: "ref-1"}
	leaky, odd := match, match
	leaky.VendorRef = "ref-11010120990101005X"
	coded := match
	coded.VendorCode = "测试"
	odd.Verdict = 77
	tests := []struct {
		name  string
		parts parts
		calls []string
		want  idv.Answer
		fails *idv.Error
	}{
		{"answered", parts{answer: match}, all, match, nil},
		{"a claim in the reference", parts{answer: leaky}, all, idv.Answer{Verdict: idv.Match, Charge: idv.Charged, VendorCode: "01"}, nil},
		{"a claim as the code", parts{answer: coded}, all, idv.Answer{}, charged(providers.Garbled("an answer whose verdict is not that of its code"))},
		{"no verdict and no error", parts{}, all, idv.Answer{}, providers.Garbled("an answer without a known verdict or charge")},
		{"a verdict out of the list", parts{answer: odd}, all, idv.Answer{}, providers.Garbled("an answer without a known verdict or charge")},
		{"not encoded", parts{encodeErr: &idv.Error{Failure: idv.Unsupported, Delivery: idv.Answered, Charge: idv.Charged}}, all[:1], idv.Answer{},
			&idv.Error{Failure: idv.Unsupported, Phase: "encode", Delivery: idv.NotSent, Charge: idv.NotCharged}},
		{"a foreign error of encode", parts{encodeErr: errors.New("测试")}, all[:1], idv.Answer{},
			&idv.Error{Origin: idv.OriginEngine, Phase: "encode", Delivery: idv.NotSent, Charge: idv.NotCharged}},
		{"not exchanged", parts{doErr: &idv.Error{Failure: idv.Timeout, Phase: "first_byte"}}, all[:2], idv.Answer{},
			&idv.Error{Failure: idv.Timeout, Phase: "first_byte"}},
		{"a foreign error of the transport", parts{doErr: context.DeadlineExceeded}, all[:2], idv.Answer{},
			&idv.Error{Failure: idv.Timeout, Origin: idv.OriginEngine}},
		{"refused by the gateway", parts{decodeErr: &idv.Error{Origin: idv.OriginGateway, Charge: idv.NotCharged, Code: "T1", Ref: "g-1"}}, all, idv.Answer{}, &idv.Error{
			Failure: idv.Throttled, Origin: idv.OriginGateway, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged, Code: "T1", Ref: "g-1",
		}},
		{"decode says that nothing was sent", parts{decodeErr: &idv.Error{Failure: idv.Garbled, Delivery: idv.NotSent, Charge: idv.NotCharged}}, all,
			idv.Answer{}, &idv.Error{Failure: idv.Garbled}},
		{"claims in an error", parts{decodeErr: &idv.Error{Code: "11010120990101005X", Detail: "no 测试", Phase: "测试", Ref: "测试"}}, all,
			idv.Answer{}, &idv.Error{Code: "unlisted"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := providers.NewProvider(&tt.parts, &tt.parts).Ask(t.Context(), query())
			if got != tt.want {
				t.Errorf("answer %+v, want %+v", got, tt.want)
			}
			if diff := cmp.Diff(tt.fails, asError(err)); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.calls, tt.parts.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if query().Subject.ContainedIn(fmt.Sprintf("%v %#v %+v", err, asError(err), got)) {
				t.Error("a claim in clear")
			}
		})
	}
}

// What a codec returns is its own: NewProvider changes a copy.
func TestAskLeavesTheCodecsErrorAlone(t *testing.T) {
	t.Parallel()
	shared := &idv.Error{Failure: idv.Garbled, Delivery: idv.NotSent, Ref: "测试"}
	p := &parts{decodeErr: shared}
	if _, err := providers.NewProvider(p, p).Ask(t.Context(), query()); err == nil {
		t.Fatal("no error")
	}
	if shared.Delivery != idv.NotSent || shared.Ref != "测试" {
		t.Errorf("the codec's error was changed to %+v", *shared)
	}
}

// remote is a codec in another process: it keeps the caller's deadline.
type remote struct{ parts }

func (r *remote) EncodeContext(ctx context.Context, q idv.Query) (providers.Call, error) {
	if ctx.Err() != nil {
		return providers.Call{}, ctx.Err()
	}
	return r.Encode(q)
}

func (r *remote) DecodeContext(ctx context.Context, q idv.Query, reply providers.Reply) (idv.Answer, error) {
	if ctx.Err() != nil {
		return idv.Answer{}, ctx.Err()
	}
	return r.Decode(q, reply)
}

// late ends the caller's context while the call is on its way.
type late struct {
	providers.Transport
	end context.CancelFunc
}

func (l late) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	defer l.end()
	return l.Transport.Do(ctx, c)
}

func TestAskPassesTheContextOn(t *testing.T) {
	t.Parallel()
	r := &remote{parts{answer: idv.Answer{Verdict: idv.Match, VendorCode: "01"}}}
	if got, err := providers.NewProvider(r, r).Ask(t.Context(), query()); err != nil || got.Verdict != idv.Match {
		t.Errorf("in time: got %+v, %v", got, err)
	}
	done, end := context.WithCancel(t.Context())
	_, err := providers.NewProvider(r, late{r, end}).Ask(done, query())
	if e := asError(err); e.Failure != idv.Canceled || e.Delivery != idv.DeliveryUnknown || e.Charge != idv.ChargeUnknown {
		t.Errorf("canceled before decoding: got %+v, want canceled, with delivery and charge unknown", e)
	}
	_, err = providers.NewProvider(r, r).Ask(done, query())
	if e := asError(err); e.Failure != idv.Canceled || e.Delivery != idv.NotSent || e.Charge != idv.NotCharged {
		t.Errorf("canceled before encoding: got %+v, want canceled, not sent and not charged", e)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	if got := providers.NewProvider(&parts{}, &parts{}).Describe().Name; got != "parts" {
		t.Errorf("name %q, want the codec's", got)
	}
}
