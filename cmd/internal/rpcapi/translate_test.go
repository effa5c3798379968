package rpcapi

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/heyan-id/heyan/cmd/internal/rpcapi/heyanv1"
)

// whole sets every field of a message, and of the messages in it.
func whole(m protoreflect.Message) {
	for i := range m.Descriptor().Fields().Len() {
		f := m.Descriptor().Fields().Get(i)
		switch {
		case f.IsMap():
			m.Mutable(f).Map().Set(protoreflect.ValueOfString("a key").MapKey(), sample(f.MapValue(), nil))
		case f.IsList():
			list := m.Mutable(f).List()
			list.Append(sample(f, list.NewElement))
			list.Append(sample(f, list.NewElement))
		default:
			m.Set(f, sample(f, func() protoreflect.Value { return m.NewField(f) }))
		}
	}
}

func sample(f protoreflect.FieldDescriptor, made func() protoreflect.Value) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString("张三 & \"x\"")
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(`{"signed":true}`))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(1<<62 + 1)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(-7)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(1.5)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	}
	value := made()
	if f.Message().FullName() == "google.protobuf.Timestamp" {
		value.Message().Set(f.Message().Fields().ByName("seconds"), protoreflect.ValueOfInt64(1_790_000_000))
		value.Message().Set(f.Message().Fields().ByName("nanos"), protoreflect.ValueOfInt32(5))
		return value
	}
	whole(value.Message())
	return value
}

// TestEveryFieldIsTranslated: each message of a response is what it was after the way to the
// JSON of REST and back, to the last field.
func TestEveryFieldIsTranslated(t *testing.T) {
	t.Parallel()
	for _, o := range operations() {
		if o.procedure.Output().Fields().ByName(documentField) != nil {
			continue
		}
		want, got := messageType(o.procedure.Output()).New(), messageType(o.procedure.Output()).New()
		whole(want)
		text, err := json.Marshal(object(want))
		if err != nil {
			t.Fatal(err)
		}
		r := reply{}
		_, _ = r.Write(text)
		if err := r.read(got); err != nil || !proto.Equal(want.Interface(), got.Interface()) {
			t.Errorf("%s: %v\ngot  %v\nwant %v", o.procedure.Name(), err, got, want)
		}
	}
}

// operationOf returns the operation of a procedure.
func operationOf(t testing.TB, name protoreflect.Name) operation {
	t.Helper()
	for _, o := range operations() {
		if o.procedure.Name() == name {
			return o
		}
	}
	t.Fatalf("no procedure %s", name)
	return operation{}
}

// asked returns a context of a call over HTTP.
func asked(header http.Header) context.Context {
	r := httptest.NewRequest(http.MethodPost, "/heyan.v1.X/Y", nil)
	r.Header = header
	return context.WithValue(context.Background(), callKey{}, r)
}

// TestRequests shows the requests of REST that messages become.
func TestRequests(t *testing.T) {
	t.Parallel()
	from := timestamppb.New(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	match := heyanv1.Verdict_VERDICT_UNDETERMINED
	tests := []struct {
		name               string
		procedure          protoreflect.Name
		in                 proto.Message
		verb, target, body string
		key                string
	}{
		{"verify", "Verify", &heyanv1.VerifyRequest{Check: heyanv1.Check_CHECK_ID_NAME, Subject: &heyanv1.Subject{Name: "张三"}, IdempotencyKey: "k"},
			"POST", "/v1/verifications", `{"check":"id_name","subject":{"name":"张三"}}`, "k"},
		{"empty", "Verify", &heyanv1.VerifyRequest{}, "POST", "/v1/verifications", `{}`, ""},
		{"unknown check", "Verify", &heyanv1.VerifyRequest{Check: 99}, "POST", "/v1/verifications", `{"check":"99"}`, ""},
		{"filters", "ListVerifications", &heyanv1.ListVerificationsRequest{From: from, Verdict: &match, App: "a&b", Limit: 2},
			"GET", "/v1/verifications?app=a%26b&from=2026-11-01T00%3A00%3A00Z&limit=2&verdict=undetermined", ``, ""},
		{"no filter", "ListVerifications", &heyanv1.ListVerificationsRequest{}, "GET", "/v1/verifications", ``, ""},
		{"id of a path", "CancelLot", &heyanv1.CancelLotRequest{Id: "a:b/c?d#e", Reason: "r"}, "POST", "/v1/ledger/lots/a%3Ab%2Fc%3Fd%23e:cancel", `{"reason":"r"}`, ""},
		{"no body", "RevokeKey", &heyanv1.RevokeKeyRequest{Id: "../x"}, "POST", "/v1/keys/..%2Fx:revoke", ``, ""},
		{"empty body", "DrainProvider", &heyanv1.DrainProviderRequest{Name: "a"}, "POST", "/v1/providers/a:drain", `{}`, ""},
		{"values", "DraftConsent", &heyanv1.DraftConsentRequest{Values: map[string]string{"k": "v"}, Recipients: []string{"r"}, Uses: 3, OfAge: true},
			"POST", "/v1/consents", `{"of_age":true,"recipients":["r"],"uses":3,"values":{"k":"v"}}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := operationOf(t, tt.procedure).request(asked(http.Header{"Authorization": {"Bearer x"}, "Cookie": {"y"}}), tt.in.ProtoReflect())
			if err != nil {
				t.Fatal(err)
			}
			var body strings.Builder
			if _, err := io.Copy(&body, r.Body); err != nil {
				t.Fatal(err)
			}
			if r.Method != tt.verb || r.URL.RequestURI() != tt.target || body.String() != tt.body || r.Header.Get(keyHeader) != tt.key {
				t.Errorf("got %s %s %s with the key %q", r.Method, r.URL.RequestURI(), &body, r.Header.Get(keyHeader))
			}
			if (r.Header.Get("Content-Type") == "application/json") != (tt.body != "") || r.Header.Get("Authorization") == "" || r.Header.Get("Cookie") != "" {
				t.Errorf("got the headers %v", r.Header)
			}
		})
	}
}

// FuzzRequest: no message leaves the path of its operation, and each is understood or refused.
func FuzzRequest(f *testing.F) {
	list := operations()
	for i, o := range list {
		m := messageType(o.procedure.Input()).New()
		whole(m)
		text, err := proto.Marshal(m.Interface())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), text)
	}
	f.Fuzz(func(t *testing.T, n uint8, text []byte) {
		o := list[int(n)%len(list)]
		m := messageType(o.procedure.Input()).New()
		if proto.Unmarshal(text, m.Interface()) != nil {
			return
		}
		r, err := o.request(asked(http.Header{}), m)
		if err != nil {
			return
		}
		before, rest, hole := strings.Cut(o.path, "{")
		_, after, _ := strings.Cut(rest, "}")
		path := r.URL.EscapedPath()
		inside, fits := strings.CutPrefix(path, before)
		if inside, ends := strings.CutSuffix(inside, after); !fits || !ends || hole == (inside == "") || strings.ContainsAny(inside, "/:?#") || r.Method != o.verb {
			t.Errorf("%s became %s %q", o.procedure.Name(), r.Method, path)
		}
	})
}

// FuzzResponse: no response of REST is more than an error.
func FuzzResponse(f *testing.F) {
	for _, text := range []string{
		`{"id":"ver_1","verdict":"match","attempts":[{"duration_ms":1.5}],"created_at":"2026-11-01T00:00:00Z","review":true}`,
		`{"verdict":1}`, `{"attempts":{}}`, `{"created_at":"x"}`, `[]`, `{"subject":"x"}`, `{"max_attempts":1e99}`, `{"cost":null}`, ``,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, m := range []proto.Message{new(heyanv1.Verification), new(heyanv1.Score), new(heyanv1.Problem)} {
			if fillJSON(m.ProtoReflect(), text) != nil {
				continue
			}
			if _, err := json.Marshal(object(m.ProtoReflect())); err != nil {
				t.Errorf("%T: %v", m, err)
			}
		}
	})
}
