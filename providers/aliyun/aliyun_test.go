package aliyun

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

func settings() providers.Settings { return providers.Settings{settingAuthCode: "test-authcode"} }

// made returns the codec of a product with every setting.
func made(t testing.TB, name string) providers.Codec {
	t.Helper()
	for _, f := range Factories() {
		if f.Descriptor.Name == name {
			c, err := f.New(settings())
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
	}
	t.Fatalf("no product %q", name)
	return nil
}

// Every recorded reply comes out as stated, and every product keeps the contract.
func TestContract(t *testing.T) {
	t.Parallel()
	for _, f := range Factories() {
		t.Run(f.Descriptor.Name, func(t *testing.T) {
			t.Parallel()
			providertest.RunFactory(t, f, settings())
		})
	}
}

// The same number is a match of one API and a mismatch of the other, and a mistake of the
// person under one HTTP status or the other.
func TestSiblingsDiffer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, product string
		status        int
		body          string
		verdict       idv.Verdict
		failure       idv.Failure
	}{
		{"cloudauth 1", "aliyun/id2meta", 200, `{"Code":"200","ResultObject":{"BizCode":"1"}}`, idv.Match, 0},
		{"cloudauth 0 is nothing", "aliyun/id2meta", 200, `{"Code":"200","ResultObject":{"BizCode":"0"}}`, 0, idv.FailureUnknown},
		{"cloudauth 2", "aliyun/id2meta", 200, `{"Code":"200","ResultObject":{"BizCode":"2"}}`, idv.Mismatch, 0},
		{"dytns 2 is no record", "aliyun/dytns-id2", 200, `{"Code":"OK","Data":{"IsConsistent":"2"}}`, idv.NoRecord, 0},
		{"dytns 0 is a mismatch", "aliyun/dytns-id2", 200, `{"Code":"OK","Data":{"IsConsistent":"0"}}`, idv.Mismatch, 0},
		{"dytns missing is no 0", "aliyun/dytns-mobile3", 200, `{"Code":"OK","Data":{}}`, 0, idv.Garbled},
		{"dytns null is no 0", "aliyun/dytns-mobile3", 200, `{"Code":"OK","Data":{"IsConsistent":null}}`, 0, idv.Garbled},
		{"dytns text in the number product", "aliyun/dytns-mobile3", 200, `{"Code":"OK","Data":{"IsConsistent":"1"}}`, 0, idv.Garbled},
		{"dytns number in the text product", "aliyun/dytns-id2", 200, `{"Code":"OK","Data":{"IsConsistent":1}}`, 0, idv.Garbled},
		{"cloudauth's success at dytns", "aliyun/dytns-id2", 200, `{"Code":"200","Data":{"IsConsistent":"1"}}`, 0, idv.FailureUnknown},
		{"cloudauth's envelope at eKYC", "aliyun/intl-id2meta", 200, `{"Code":"200","ResultObject":{"BizCode":"1"}}`, 0, idv.FailureUnknown},
		{"eKYC's result in cloudauth's member", "aliyun/intl-id2meta", 200, `{"Code":"Success","ResultObject":{"BizCode":"1"}}`, 0, idv.Garbled},
		{"eKYC invalid input 400", "aliyun/intl-id2meta", 400, `{"Code":"InvalidParameter"}`, 0, idv.InvalidInput},
		{"eKYC invalid input 401", "aliyun/intl-id2meta", 401, `{"Code":"InvalidParameter"}`, 0, idv.InvalidInput},
		{"401 without a code", "aliyun/intl-id2meta", 401, ``, 0, idv.BadCredentials},
		{"a verdict under 400", "aliyun/id2meta", 400, `{"Code":"200","ResultObject":{"BizCode":"1"}}`, 0, idv.FailureUnknown},
		{"a boolean", "aliyun/id2meta", 200, `{"Code":"200","ResultObject":{"BizCode":true}}`, 0, idv.Garbled},
		{"a number in another form", "aliyun/id2meta", 200, `{"Code":200,"ResultObject":{"BizCode":1.0}}`, 0, idv.FailureUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := made(t, tt.product).Decode(idv.Query{}, providers.Reply{Status: tt.status, Body: []byte(tt.body)})
			if got.Verdict != tt.verdict || (err == nil) != (tt.verdict != 0) || err != nil && idv.FailureOf(err) != tt.failure {
				t.Errorf("got %v, %v, want %v, %v", got.Verdict, err, tt.verdict, tt.failure)
			}
		})
	}
}

// A mismatch says which claims differ where the vendor does.
func TestReasons(t *testing.T) {
	t.Parallel()
	fields := func(name, number idv.Comparison) idv.Fields {
		return idv.Fields{idv.ClaimName: name, idv.ClaimIDNumber: number}
	}
	for sub, want := range map[string]idv.Fields{
		"201": fields(idv.FieldMismatched, idv.FieldMismatched), "202": fields(idv.FieldMatched, idv.FieldMismatched),
		"203": fields(idv.FieldMismatched, idv.FieldMatched), "204": {},
	} {
		body := []byte(`{"Code":"200","ResultObject":{"BizCode":"2","SubCode":"` + sub + `"}}`)
		got, err := made(t, "aliyun/mobile3-detail").Decode(idv.Query{}, providers.Reply{Status: 200, Body: body})
		if err != nil || got.Verdict != idv.Mismatch || got.Fields != want {
			t.Errorf("%s: got %v, %v, %v, want a mismatch of %v", sub, got.Verdict, got.Fields, err, want)
		}
	}
	for code := range mobileDetailFields() {
		if row, ok := providers.Table(mobileDetailCodes()).Row(providers.LayerVendor, code); !ok || row.Verdict != idv.Mismatch {
			t.Errorf("%s has comparisons and is no mismatch of the table", code)
		}
	}
}

// The vendor names the invalid parameter in its text only. Nothing else of the text counts.
func TestField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		message string
		want    idv.Field
	}{
		{"参数非法(identifyNum)", idv.FieldIDNumber},
		{"参数非法(UserName)", idv.FieldName},
		{"参数非法(mobile)", idv.FieldMobile},
		{"参数非法(bankCard)", idv.NoField},  // not a parameter of the product
		{"参数非法(paramType)", idv.NoField}, // not a claim
		{"参数非法", idv.NoField},
		{"参数非法(identifyNum", idv.NoField},
		{"参数非法(identifyNum) ", idv.NoField},
		{"参数非法(11010120990101005X)", idv.NoField},
		{"", idv.NoField},
	}
	for _, tt := range tests {
		text, err := json.Marshal(map[string]string{"Code": "401", "Message": tt.message})
		if err != nil {
			t.Fatal(err)
		}
		_, err = made(t, "aliyun/mobile3-simple").Decode(idv.Query{}, providers.Reply{Status: 400, Body: text})
		if got := idv.AsError(err); err == nil || got.Failure != idv.InvalidInput || got.Field != tt.want || got.Charge != idv.NotCharged {
			t.Errorf("%q: got %+v, want invalid_input in %q", tt.message, got, tt.want)
		}
	}
}

// FuzzDecode: a verdict comes only from status 200 and a listed code whose parts are in the
// members of the reply.
func FuzzDecode(f *testing.F) {
	for i, product := range Factories() {
		list, err := providertest.RecordingsOf(product)
		if err != nil || len(list) == 0 {
			f.Fatalf("%d recordings, %v", len(list), err)
		}
		for _, r := range list {
			f.Add(uint8(i), r.Reply.Status, r.Reply.Body)
		}
	}
	f.Add(uint8(0), 200, []byte(`{"Code":"200","ResultObject":{"BizCode":"2","bizcode":"1"}}`))
	list := products()
	q := idv.Query{Subject: providertest.Person()}
	f.Fuzz(func(t *testing.T, i uint8, status int, body []byte) {
		p := list[int(i)%len(list)]
		c := newCodec(p, nil)
		answer, err := c.Decode(q, providers.Reply{Status: status, Body: body})
		if err != nil {
			if answer != (idv.Answer{}) || q.Subject.ContainedIn(err.Error()) {
				t.Fatal("an error with an answer, or with a claim")
			}
			return
		}
		row, listed := providers.Table(c.descriptor.Codes).Row(providers.LayerVendor, answer.VendorCode)
		if status != 200 || !listed || row.Verdict != answer.Verdict || row.Verdict == idv.Undetermined || !lenient(body, answer.VendorCode) {
			t.Fatalf("%+v of %s from status %d and %q", answer, p.name, status, body)
		}
	})
}

// lenient reports whether a careless client finds the parts of a code too.
func lenient(body []byte, code string) bool {
	var all struct {
		Code         any
		ResultObject struct{ BizCode, SubCode any }
		Result       struct{ BizCode any }
		Data         struct{ IsConsistent any }
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&all) != nil {
		return false
	}
	places := [][]any{{all.Code}, {all.ResultObject.BizCode, all.Result.BizCode, all.Data.IsConsistent}, {all.ResultObject.SubCode}}
	for i, part := range strings.Split(code, "/") {
		if !slices.ContainsFunc(places[i], func(v any) bool { return fmt.Sprint(v) == part }) {
			return false
		}
	}
	return true
}

// Codecs are made while other goroutines read the descriptors of the same product.
func TestDescriptorsShareNoCodes(t *testing.T) {
	t.Parallel()
	for _, p := range products() {
		p.codes = slices.Grow(p.codes, 100)
		first := p.descriptor().Codes
		if second := p.descriptor().Codes; &first[0] == &second[0] {
			t.Errorf("%s: the second descriptor was written over the first one", p.name)
		}
	}
}
