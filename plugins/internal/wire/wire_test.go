package wire

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// person returns a query about a fictitious person, born in 2099.
func person() idv.Query {
	return idv.Query{ID: "q-1", Check: idv.CheckIDName, Document: idv.Resident18, Subject: idv.Subject{
		Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive("11010120990101005X"),
	}}
}

func table() providers.Table {
	return providers.Table{
		{Layer: providers.LayerVendor, Code: "01", Verdict: idv.Match, Delivery: idv.Answered, Charge: idv.Charged},
		{Layer: providers.LayerVendor, Code: "A-code-longer-than-8", Failure: idv.Maintenance},
	}
}

// The numbers of the protocol are those of engine/idv, by name: a value that is
// put in between on one side would turn one verdict into another.
func TestEnums(t *testing.T) {
	t.Parallel()
	same := func(e protoreflect.EnumDescriptor, prefix string, word func(int) string) {
		values := e.Values()
		for n := range values.Len() {
			v := values.Get(n)
			want := strings.ToLower(strings.TrimPrefix(string(v.Name()), prefix))
			if got := word(int(v.Number())); got != want && v.Number() != 0 {
				t.Errorf("%s is %d, which is %q in engine/idv", v.Name(), v.Number(), got)
			}
		}
		if got := word(values.Len()); got != "invalid" {
			t.Errorf("%s lacks %q", e.Name(), got)
		}
	}
	same(pb.Check(0).Descriptor(), "CHECK_", func(n int) string { return idv.Check(n).String() })
	same(pb.Verdict(0).Descriptor(), "VERDICT_", func(n int) string { return idv.Verdict(n).String() })
	same(pb.Charge(0).Descriptor(), "CHARGE_", func(n int) string { return idv.Charge(n).String() })
	same(pb.Delivery(0).Descriptor(), "DELIVERY_", func(n int) string { return idv.Delivery(n).String() })
	same(pb.Origin(0).Descriptor(), "ORIGIN_", func(n int) string { return idv.Origin(n).String() })
	same(pb.Comparison(0).Descriptor(), "COMPARISON_", func(n int) string { return idv.Comparison(n).String() })
	same(pb.Fidelity(0).Descriptor(), "FIDELITY_", func(n int) string { return idv.Fidelity(n).String() })
	same(pb.Field(0).Descriptor(), "FIELD_", func(n int) string { return idv.Field(n).String() })
	same(pb.FailureClass(0).Descriptor(), "FAILURE_CLASS_", func(n int) string { return idv.Failure(n).String() })
}

func TestQuery(t *testing.T) {
	t.Parallel()
	q := person()
	q.Subject.Mobile = idv.NewSensitive("19900000000")
	got := QueryFrom(Query(q))
	if got.Subject.Mobile.Equal(q.Subject.Mobile) {
		t.Error("a claim that the check does not need goes to the plugin")
	}
	if got.ID != q.ID || got.Check != q.Check || got.Document != q.Document || got.Subject.Document != q.Document || !got.Subject.Name.Equal(q.Subject.Name) || !got.Subject.IDNumber.Equal(q.Subject.IDNumber) {
		t.Errorf("got %+v", got)
	}
	all := Query(idv.Query{Check: idv.CheckIDNameMobileBankCard, Subject: idv.Subject{Mobile: idv.NewSensitive("1"), BankCard: idv.NewSensitive("2")}})
	if all.GetSubject().GetMobile() != "1" || all.GetSubject().GetBankCard() != "2" {
		t.Errorf("claims are lost")
	}
	for _, unknown := range []pb.Check{-1, 6, 256, 257} {
		if got := QueryFrom(&pb.Query{Check: unknown}).Check; got != idv.CheckNone {
			t.Errorf("check %d becomes %v", unknown, got)
		}
	}
	if got := QueryFrom(nil); got.Check != idv.CheckNone || got.ID != "" {
		t.Errorf("no query becomes %+v", got)
	}
}

func TestReply(t *testing.T) {
	t.Parallel()
	r := providers.Reply{Status: 450, Body: []byte("body\xff"), Header: http.Header{
		"X-Ca-Error-Code": {"A403"}, "Content-Type": {"text/plain"}, "Set-Cookie": {"secret"}, "X-Other": {"x"}, "X-Message": {"\xb2\xe2"},
	}}
	want := providers.Reply{Status: 450, Body: []byte("body\xff"), Header: http.Header{
		"X-Ca-Error-Code": {"A403"}, "Content-Type": {"text/plain"}, "X-Message": {"\uFFFD"},
	}}
	if diff := cmp.Diff(want, ReplyFrom(Reply(r, idv.Replies{Headers: []string{"x-ca-error-code", "X-Message", "X-Missing"}}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCall(t *testing.T) {
	t.Parallel()
	c := providers.Call{Method: "POST", Path: "/a", ContentType: "x/y", Accept: "z", Body: idv.NewSensitive("b\xff"),
		Header: []providers.Param{{Name: "X-H", Value: idv.NewSensitive("3")}},
		Query:  []providers.Param{{Name: "q", Value: idv.NewSensitive("1")}}, Form: []providers.Param{{Name: "f", Value: idv.NewSensitive("2")}}}
	got, err := CallFrom(person(), nil, Encoded(person(), c, nil))
	if err != nil || got.Method != c.Method || got.Path != c.Path || got.ContentType != c.ContentType || got.Accept != c.Accept ||
		!got.Body.Equal(c.Body) || !got.Header[0].Value.Equal(c.Header[0].Value) || !got.Query[0].Value.Equal(c.Query[0].Value) || !got.Form[0].Value.Equal(c.Form[0].Value) {
		t.Errorf("got %+v, %v", got, err)
	}
	sound := func(change func(*pb.EncodeResponse)) *pb.EncodeResponse {
		r := &pb.EncodeResponse{QueryId: "q-1", Call: &pb.Call{Method: "GET", Path: "/a"}}
		change(r)
		return r
	}
	number := "11010120990101005X"
	tests := []struct {
		name string
		r    *pb.EncodeResponse
		want string
	}{
		{"nothing", nil, "the plugin answered another query"},
		{"another question", sound(func(r *pb.EncodeResponse) { r.QueryId = "q-2" }), "the plugin answered another query"},
		{"neither", sound(func(r *pb.EncodeResponse) { r.Call = nil }), "the plugin gave neither a result nor a failure"},
		{"both", sound(func(r *pb.EncodeResponse) { r.Failure = &pb.Failure{} }), "the plugin gave both a result and a failure"},
		{"no path", sound(func(r *pb.EncodeResponse) { r.Call.Path = "" }), "the plugin's path does not begin with / or is too long"},
		{"a long path", sound(func(r *pb.EncodeResponse) { r.Call.Path = "/" + strings.Repeat("a", 600) }), "the plugin's path does not begin with / or is too long"},
		{"a number in the path", sound(func(r *pb.EncodeResponse) { r.Call.Path = "/" + number }), "the plugin put a claim into a path or a media type"},
		{"a name in the path", sound(func(r *pb.EncodeResponse) { r.Call.Path = "/测试" }), "the plugin put a claim into a path or a media type"},
		{"a number in a media type", sound(func(r *pb.EncodeResponse) { r.Call.Accept = number }), "the plugin put a claim into a path or a media type"},
		{"a number as a name", sound(func(r *pb.EncodeResponse) { r.Call.Query = []*pb.Param{{Name: number}} }), "the plugin put a claim into the name of a parameter"},
		{"a number as the name of a header", sound(func(r *pb.EncodeResponse) { r.Call.Headers = []*pb.Param{{Name: number}} }), "the plugin put a claim into the name of a parameter"},
		{"many headers", sound(func(r *pb.EncodeResponse) { r.Call.Headers = make([]*pb.Param, 200) }), "the plugin's call is too large"},
		{"no name", sound(func(r *pb.EncodeResponse) { r.Call.Form = []*pb.Param{{}} }), "the plugin's parameter has an invalid name or is too long"},
		{"a long value", sound(func(r *pb.EncodeResponse) {
			r.Call.Form = []*pb.Param{{Name: "a", Value: strings.Repeat("a", maxParam+1)}}
		}), "the plugin's parameter has an invalid name or is too long"},
		{"many parameters", sound(func(r *pb.EncodeResponse) { r.Call.Query = make([]*pb.Param, 200) }), "the plugin's call is too large"},
		{"a large body", sound(func(r *pb.EncodeResponse) { r.Call.Body = make([]byte, maxBody+1) }), "the plugin's call is too large"},
		{"a long media type", sound(func(r *pb.EncodeResponse) { r.Call.ContentType = strings.Repeat("a", 100) }), "the plugin's media type is too long"},
		{"a failure out of range", &pb.EncodeResponse{QueryId: "q-1", Failure: &pb.Failure{Delivery: 9}}, "the plugin's failure has an unknown number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := CallFrom(person(), nil, tt.r)
			e := idv.AsError(err)
			if e.Failure != idv.Internal || e.Delivery != idv.NotSent || e.Charge != idv.NotCharged || e.Phase != PhaseEncode || e.Detail != tt.want {
				t.Errorf("got %+v, want internal, not sent: %s", e, tt.want)
			}
		})
	}
}

// A name that is in the path by chance is no claim that was put there.
func TestCallOfAShortName(t *testing.T) {
	t.Parallel()
	q := person()
	for name, want := range map[string]bool{"An": true, "scan": true, "Scanning": true, "scanner": false} {
		q.Subject.Name = idv.NewSensitive(name)
		if _, err := CallFrom(q, nil, Encoded(q, providers.Call{Path: "/scanner"}, nil)); (err == nil) != want {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	said := func(a *pb.Answer, f *pb.Failure) *pb.DecodeResponse {
		return &pb.DecodeResponse{QueryId: "q-1", Answer: a, Failure: f}
	}
	match := func(change func(*pb.Answer)) *pb.DecodeResponse {
		a := &pb.Answer{Verdict: pb.Verdict_VERDICT_MATCH, Charge: pb.Charge_CHARGE_CHARGED, VendorCode: "01", VendorRef: "ref-1"}
		change(a)
		return said(a, nil)
	}
	good := idv.Answer{Verdict: idv.Match, Charge: idv.Charged, VendorCode: "01", VendorRef: "ref-1"}
	noRef := good
	noRef.VendorRef = ""
	withFields := good
	withFields.Fields[idv.ClaimBankCard] = idv.FieldMatched
	compared := func(f pb.Field, c pb.Comparison) []*pb.Compared { return []*pb.Compared{{Field: f, Result: c}} }
	const badFields = "the plugin's comparison of a claim is unknown, or twice"
	tests := []struct {
		name   string
		r      *pb.DecodeResponse
		want   idv.Answer
		detail string
	}{
		{"sound", match(func(*pb.Answer) {}), good, ""},
		{"a claim as reference", match(func(a *pb.Answer) { a.VendorRef = "11010120990101005X" }), noRef, ""},
		{"a long reference", match(func(a *pb.Answer) { a.VendorRef = strings.Repeat("1", 1000) }), noRef, ""},
		{"comparisons", match(func(a *pb.Answer) { a.Fields = compared(pb.Field_FIELD_BANK_CARD, 1) }), withFields, ""},
		{"a comparison of no claim", match(func(a *pb.Answer) { a.Fields = compared(pb.Field_FIELD_CHECK, 1) }), idv.Answer{}, badFields},
		{"a comparison of nothing", match(func(a *pb.Answer) { a.Fields = compared(0, 1) }), idv.Answer{}, badFields},
		{"an unknown comparison", match(func(a *pb.Answer) { a.Fields = compared(pb.Field_FIELD_NAME, 3) }), idv.Answer{}, badFields},
		{"a comparison that is a match in eight bits", match(func(a *pb.Answer) { a.Fields = compared(pb.Field_FIELD_NAME, 257) }), idv.Answer{}, badFields},
		{"a claim in eight bits", match(func(a *pb.Answer) { a.Fields = compared(257, 1) }), idv.Answer{}, badFields},
		{"a claim twice", match(func(a *pb.Answer) {
			a.Fields = append(compared(pb.Field_FIELD_NAME, 1), compared(pb.Field_FIELD_NAME, 2)...)
		}), idv.Answer{}, badFields},
		{"no verdict", match(func(a *pb.Answer) { a.Verdict = 0 }), idv.Answer{}, "the plugin's verdict is unknown"},
		{"an unknown verdict", match(func(a *pb.Answer) { a.Verdict = 5 }), idv.Answer{}, "the plugin's verdict is unknown"},
		{"a verdict that is a match in eight bits", match(func(a *pb.Answer) { a.Verdict = 257 }), idv.Answer{}, "the plugin's verdict is unknown"},
		{"a negative verdict", match(func(a *pb.Answer) { a.Verdict = -255 }), idv.Answer{}, "the plugin's verdict is unknown"},
		{"an unknown charge", match(func(a *pb.Answer) { a.Charge = 3 }), idv.Answer{}, "the plugin's charge is unknown"},
		{"an empty answer", said(&pb.Answer{}, nil), idv.Answer{}, "the plugin's verdict is unknown"},
		{"nothing", nil, idv.Answer{}, "the plugin answered another query"},
		{"neither", said(nil, nil), idv.Answer{}, "the plugin gave neither a result nor a failure"},
		{"both", said(&pb.Answer{Verdict: 1}, &pb.Failure{}), idv.Answer{}, "the plugin gave both a result and a failure"},
		{"another question", &pb.DecodeResponse{QueryId: "q", Answer: &pb.Answer{Verdict: 1}}, idv.Answer{}, "the plugin answered another query"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := AnswerFrom(person(), table(), tt.r, PhaseDecode)
			if got != tt.want || (err == nil) != (tt.detail == "") {
				t.Fatalf("got %+v, %v", got, err)
			}
			if e := idv.AsError(err); err != nil && (e.Failure != idv.Garbled || e.Detail != tt.detail || e.Delivery != idv.DeliveryUnknown || e.Charge != idv.ChargeUnknown) {
				t.Errorf("got %+v, want garbled: %s", e, tt.detail)
			}
		})
	}
}

func TestFailure(t *testing.T) {
	t.Parallel()
	full := &idv.Error{
		Failure: idv.InvalidInput, Origin: idv.OriginVendor, Delivery: idv.Answered, Charge: idv.Charged, Code: "A-code-longer-than-8", Field: idv.FieldName,
		Phase: PhaseDecode, Ref: "ref-1", Retry: 3 * time.Second, Fields: idv.Fields{idv.ClaimName: idv.FieldMatched, idv.ClaimBankCard: idv.FieldMismatched},
	}
	back := func(err error) *idv.Error {
		_, err = AnswerFrom(person(), table(), Asked(person(), idv.Answer{}, err), "")
		return idv.AsError(err)
	}
	if diff := cmp.Diff(full, back(full)); diff != "" {
		t.Errorf("on its way (-want +got):\n%s", diff)
	}
	if got := back(errors.New("11010120990101005X")); got.Failure != idv.FailureUnknown || got.Detail != "" {
		t.Errorf("a foreign error: got %+v", got)
	}
	tests := []struct {
		name      string
		given     idv.Error
		got, want func(*idv.Error) any
	}{
		{"an unknown phase", idv.Error{Phase: "guard"}, phaseOf, is("")},
		{"a detail", idv.Error{Detail: "so it is"}, detailOf, is("")},
		{"a number as code", idv.Error{Code: "110101209901010051"}, codeOf, is("unlisted")},
		{"a short number as code", idv.Error{Code: "9999"}, codeOf, is("9999")},
		{"a composite code", idv.Error{Code: "0/77"}, codeOf, is("0/77")},
		{"a number in pieces as code", idv.Error{Code: "110101/209901/0100"}, codeOf, is("unlisted")},
		{"a rule as code", idv.Error{Code: "check_digit"}, codeOf, is("check_digit")},
		{"an unlisted code of words", idv.Error{Code: "Another-Long-Code"}, codeOf, is("Another-Long-Code")},
		{"an unlisted long code", idv.Error{Code: "Another1Long1Code"}, codeOf, is("unlisted")},
		{"a claim as reference", idv.Error{Ref: "11010120990101005X"}, func(e *idv.Error) any { return e.Ref }, is("")},
		{"a provider's name", idv.Error{Provider: "other"}, func(e *idv.Error) any { return e.Provider }, is("")},
		{"a retry in a year", idv.Error{Retry: 365 * 24 * time.Hour}, func(e *idv.Error) any { return e.Retry }, is(maxRetry)},
		{"a retry in the past", idv.Error{Retry: -time.Hour}, func(e *idv.Error) any { return e.Retry }, is(time.Duration(0))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, want := tt.got(back(&tt.given)), tt.want(nil); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func is(v any) func(*idv.Error) any { return func(*idv.Error) any { return v } }
func phaseOf(e *idv.Error) any      { return e.Phase }
func detailOf(e *idv.Error) any     { return e.Detail }
func codeOf(e *idv.Error) any       { return e.Code }

func TestSettings(t *testing.T) {
	t.Parallel()
	secrets := map[string]idv.Sensitive{"key": idv.NewSensitive("open sesame")}
	if err := FaultsFrom(Fault(nil, nil), nil); err != nil {
		t.Errorf("no fault: got %v", err)
	}
	if err := FaultsFrom(Fault(errors.New("bad mood"), secrets), secrets); err == nil || err.Error() != "bad mood" {
		t.Errorf("got %v", err)
	}
	if r := Fault(errors.New("not open sesame"), secrets); strings.Contains(r.String(), "sesame") {
		t.Error("a secret goes back")
	}
	hostile := &pb.ValidateSettingsResponse{Faults: []*pb.Fault{{Setting: "a", Text: "open sesame"}, {Text: "\x1b[2J"}, {Setting: "\n"}}}
	for range 200 {
		hostile.Faults = append(hostile.Faults, &pb.Fault{Text: "more"})
	}
	if err := FaultsFrom(hostile, secrets); err == nil || strings.ContainsAny(err.Error(), "\x1b") || strings.Contains(err.Error(), "sesame") || strings.Count(err.Error(), "more") > maxList {
		t.Errorf("got %v", err)
	}
	if got := SecretsFrom(Secrets(secrets)); !got["key"].Equal(secrets["key"]) {
		t.Error("secrets are lost")
	}
}
