package replica

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// simple is a codec whose reply is its code.
type simple struct{ json bool }

// Describe returns a table with a match and an error.
func (simple) Describe() idv.Descriptor {
	return idv.Descriptor{Name: "simple", Check: idv.CheckIDName, Schemes: []string{"key"}, Codes: []idv.CodeRow{
		{Layer: providers.LayerVendor, Code: "1", Verdict: idv.Match, Charge: idv.Charged, Delivery: idv.Answered},
		{Layer: providers.LayerVendor, Code: "9", Failure: idv.InvalidInput, Charge: idv.NotCharged, Delivery: idv.Answered},
	}}
}

// Encode returns a form, or JSON with both claims in it.
func (s simple) Encode(q idv.Query) (providers.Call, error) {
	if s.json {
		body := `{"a":[{"name":` + quote(q.Subject.Name.Reveal()) + `}],"id":` + quote(q.Subject.IDNumber.Reveal()) + `,"n":1}`
		return providers.Call{Method: "POST", Path: "/c", Body: idv.NewSensitive(body), ContentType: "application/json"}, nil
	}
	return providers.Call{Method: "POST", Path: "/c", Form: []providers.Param{
		{Name: "name", Value: q.Subject.Name}, {Name: "id", Value: q.Subject.IDNumber},
	}}, nil
}

// Decode reads the code.
func (s simple) Decode(_ idv.Query, r providers.Reply) (idv.Answer, error) {
	return providers.Table(s.Describe().Codes).Decode(providers.Reading{Codes: []string{string(r.Body)}})
}

// keyed puts a key into a header.
type keyed struct{}

// Authenticate adds the header.
func (keyed) Authenticate(_ context.Context, c providers.Call, _ providers.Stamp) (providers.Call, error) {
	return c.WithHeader(providers.Param{Name: "X-Key", Value: idv.NewSensitive("k")}), nil
}

func played(tb testing.TB, s simple) *Replica {
	tb.Helper()
	person := idv.Subject{Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive("11010120990101005X")}
	r, err := New(Product{
		Codec: s, Samples: []Sample{{Name: "match", Subject: person, Reply: providers.Reply{Status: 200, Body: []byte("1")}}},
		Schemes: []Scheme{{Name: "key", New: func(func(string) idv.Sensitive, Connect) (Authenticator, error) { return keyed{}, nil }}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// FuzzReceive sends hostile requests. None panics, and one that is accepted asks for a person
// whose request it is.
func FuzzReceive(f *testing.F) {
	const form, json = "application/x-www-form-urlencoded; charset=UTF-8", "application/json"
	for _, seed := range [][3]string{
		{"", form, "name=%E5%BC%A0&id=1"}, {"", json, `{"a":[{"name":"张"}],"id":"1","n":1}`}, {"name=a", form, "name=a&name=b&id=%zz"},
		{"", json, `{"a":[{"name":"张","name":"李"}],"id":"1","n":1}`}, {"", json, strings.Repeat(`{"a":`, 100)}, {"", json, `{"n":1e400,"id":null}`},
		{"", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n"},
		{"&&", "text/plain; a=\"", "x"}, {"", "multipart/form-data", "--"}, {"%", form, "\xff\xfe="}, {"", json, `"{\"a\":1}"`},
		{"", json, `{"a":[{"name":"{\"a\":1}"}],"id":"1","n":1}`},
	} {
		f.Add(seed[0], seed[1], []byte(seed[2]))
	}
	replicas := []*Replica{played(f, simple{}), played(f, simple{json: true})}
	f.Fuzz(func(t *testing.T, query, contentType string, body []byte) {
		for i, r := range replicas {
			req := Request{Method: "POST", Path: "/c", RawQuery: query, Host: "127.0.0.1:1", Body: body, Header: http.Header{"X-Key": {"k"}, "Content-Type": {contentType}}}
			asked, fault := r.Receive(req, time.Unix(1_700_000_000, 0))
			if (fault == nil) == asked.Query.Subject.Name.IsZero() {
				t.Fatalf("replica %d: fault %+v and a person at once, or neither", i, fault)
			}
			if fault != nil {
				if r.Refuse(fault).Reply.Status == 0 {
					t.Fatalf("replica %d: no reply to %v", i, fault.Kind)
				}
				continue
			}
			want, err := encode(r.codec, asked.Query)
			if got, _ := req.message(); err != nil || differs(want, got) {
				t.Fatalf("replica %d accepted a request that its codec does not make", i)
			}
		}
	})
}
