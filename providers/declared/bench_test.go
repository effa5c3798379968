package declared_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/gateway"
	"github.com/heyan-id/heyan/providers/idcert"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// likeIdcert declares a product of the shape of package idcert.
const likeIdcert = `auth: [xca, appcode]
request: {base_url: "https://v.example", method: GET, path: /idcard, query: [{name: idCard, claim: id_number}, {name: name, claim: name}]}
reply:
  gateway: aliyun
  codes: [{at: /status, types: [string]}]
  ref: [{at: /traceId}]
  echo: [{claim: id_number, at: /idCard}, {claim: name, at: /name}]
codes:
  - {code: "01", verdict: match, charge: charged, text: x, source: x}
  - {code: "02", verdict: mismatch, charge: charged, text: x, source: x}
  - {code: "202", verdict: no_record, charge: unknown, text: x, source: x}
  - {code: "203", failure: unavailable, charge: unknown, text: x, source: x}
`

// writtenKz is a codec of the shape of kz/idcard, written by hand as package idcert is.
type writtenKz struct {
	descriptor idv.Descriptor
	table      providers.Table
}

func (c writtenKz) Describe() idv.Descriptor { return c.descriptor }

func (c writtenKz) Encode(q idv.Query) (providers.Call, error) {
	if err := providers.CheckQuery(c.descriptor, q); err != nil {
		return providers.Call{}, err
	}
	return providers.Call{Method: "POST", Path: "/p", Form: []providers.Param{{Name: "name", Value: q.Subject.Name}, {Name: "idcard", Value: q.Subject.IDNumber}}}, nil
}

func (c writtenKz) Decode(_ idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := gateway.Check(r, c.descriptor.Replies); err != nil {
		return idv.Answer{}, err
	}
	var body struct {
		Code    strictjson.Number `json:"code"`
		Success bool              `json:"success"`
		Data    struct {
			Result  strictjson.Number `json:"result"`
			OrderNo string            `json:"orderNo"`
		} `json:"data"`
	}
	if strictjson.Decode(r.Body, &body) != nil || !body.Success {
		return idv.Answer{}, providers.Garbled("the body is not a strict JSON object")
	}
	return c.table.Decode(providers.Reading{Codes: []string{string(body.Code), string(body.Data.Result)}, Ref: body.Data.OrderNo})
}

// BenchmarkDecode decodes the match of two shapes with a declared and a written codec.
// Compare the pairs: the declared one should take at most 1.5 times as long.
func BenchmarkDecode(b *testing.B) {
	kz := factory(b, "kz-idcard")
	same := parse(b, head, likeIdcert)
	written, err := idcert.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	kzBody := `{"msg":"成功","success":true,"code":200,"data":{"result":0,"desc":"一致","orderNo":"623487612345678901","sex":"男","birthday":"20990101","address":"北京市东城区"}}`
	idBody := `{"status":"01","msg":"实名认证通过！","idCard":"11*****005X","name":"测*","traceId":"20260101013_9aph_5e91"}`
	for _, bench := range []struct {
		name  string
		codec providers.Codec
		body  string
	}{
		{"idcert/written", written, idBody}, {"idcert/declared", codec(b, same.Factory), idBody},
		{"kz/written", writtenKz{kz.Descriptor, kz.Descriptor.Codes}, kzBody}, {"kz/declared", codec(b, kz), kzBody},
	} {
		b.Run(bench.name, func(b *testing.B) {
			q := question(b, bench.codec.Describe())
			r := providers.Reply{Status: 200, Body: []byte(bench.body)}
			b.ReportAllocs()
			for b.Loop() {
				if a, err := bench.codec.Decode(q, r); err != nil || a.Verdict != idv.Match {
					b.Fatal(a, err)
				}
			}
		})
	}
}

// BenchmarkParse parses all files that come with heyan, and reports the memory that a
// product keeps.
func BenchmarkParse(b *testing.B) {
	names := declared.Shipped()
	var kept []declared.Product
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		kept = kept[:0]
		for _, name := range names {
			p, ok := declared.Open(name)
			if !ok {
				b.Fatal(name)
			}
			kept = append(kept, p)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(names)), "heap-B/product")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(names)), "µs/product")
	_ = fmt.Sprint(len(kept))
}
