package providers_test

import (
	"crypto/md5"  //nolint:gosec // what vendors use
	"crypto/sha1" //nolint:gosec // what vendors use
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// table has rows of each kind: plain, composite, an outer code that is the verdict itself,
// an outer failure that has inner codes too, and rows with a charge flag.
func table() providers.Table {
	row := func(code string, v idv.Verdict, c idv.Charge) idv.CodeRow {
		return idv.CodeRow{Layer: providers.LayerVendor, Code: code, Verdict: v, Delivery: idv.Answered, Charge: c}
	}
	failure := func(layer, code string, f idv.Failure, d idv.Delivery) idv.CodeRow {
		return idv.CodeRow{Layer: layer, Code: code, Failure: f, Delivery: d, Charge: idv.NotCharged}
	}
	flagged := row("F/1", idv.NoRecord, idv.NotCharged)
	flagged.ByFlag = true
	field := failure(providers.LayerVendor, "5", idv.InvalidInput, idv.Answered)
	field.Field = idv.FieldName
	return providers.Table{
		row("1", idv.Match, idv.Charged), field,
		failure(providers.LayerGateway, "1", idv.Throttled, idv.RefusedByGateway),
		row("200/0", idv.Match, idv.Charged), row("200/1", idv.Mismatch, idv.Charged),
		failure(providers.LayerVendor, "501", idv.Unavailable, idv.Answered),
		row("0/0/1", idv.Mismatch, idv.Charged), failure(providers.LayerVendor, "0/-1", idv.Unavailable, idv.Answered),
		failure(providers.LayerVendor, "10000", idv.Unavailable, idv.Answered), row("10000/0", idv.Match, idv.Charged),
		failure(providers.LayerVendor, "T/F", idv.PartialMatch, idv.Answered),
		failure(providers.LayerVendor, "6", idv.InvalidInput, idv.Answered),
		flagged,
	}
}

const notListed = "a code that the table does not list"

func TestTableDecode(t *testing.T) {
	t.Parallel()
	type reading = providers.Reading
	codes := func(codes ...string) reading { return reading{Codes: codes, Ref: "r"} }
	answer := func(code string, v idv.Verdict, c idv.Charge) idv.Answer {
		return idv.Answer{Verdict: v, Charge: c, VendorCode: code, VendorRef: "r"}
	}
	unavailable := func(code string) *idv.Error {
		return &idv.Error{Failure: idv.Unavailable, Origin: idv.OriginVendor, Delivery: idv.Answered, Charge: idv.NotCharged, Code: code, Ref: "r"}
	}
	unknown := func(code string) *idv.Error {
		return &idv.Error{Origin: idv.OriginVendor, Code: code, Ref: "r", Detail: notListed}
	}
	garbled := func() *idv.Error {
		return &idv.Error{Failure: idv.Garbled, Origin: idv.OriginEngine, Phase: "decode", Ref: "r", Detail: "the reply lacks a code"}
	}
	tests := []struct {
		name    string
		reading reading
		want    idv.Answer
		failure *idv.Error
	}{
		{"verdict", codes("1"), answer("1", idv.Match, idv.Charged), nil},
		{"failure", codes("5"), idv.Answer{}, &idv.Error{
			Failure: idv.InvalidInput, Origin: idv.OriginVendor, Delivery: idv.Answered, Charge: idv.NotCharged, Code: "5", Field: idv.FieldName, Ref: "r",
		}},
		{"the same code of the gateway", reading{Layer: providers.LayerGateway, Codes: []string{"1"}}, idv.Answer{}, &idv.Error{
			Failure: idv.Throttled, Origin: idv.OriginGateway, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged, Code: "1",
		}},
		{"unlisted", codes("01"), idv.Answer{}, unknown("01")},
		{"unlisted and too long", reading{Layer: providers.LayerGateway, Codes: []string{"110101209"}}, idv.Answer{}, &idv.Error{
			Origin: idv.OriginGateway, Code: "unlisted", Detail: notListed,
		}},
		{"no code at all", codes(), idv.Answer{}, garbled()},
		{"composite", codes("200", "1"), answer("200/1", idv.Mismatch, idv.Charged), nil},
		{"composite of three", codes("0", "0", "1"), answer("0/0/1", idv.Mismatch, idv.Charged), nil},
		{"composite of four", codes("0", "0", "1", "1"), idv.Answer{}, unknown("0/0/1/1")},
		{"an inner code is missing", codes("200", ""), idv.Answer{}, garbled()},
		{"an outer code is missing", codes("", "0"), idv.Answer{}, garbled()},
		{"a slash in a code", codes("200/0"), idv.Answer{}, unknown("unlisted")},
		{"an inner code is unlisted", codes("200", "7"), idv.Answer{}, unknown("200/7")},
		{"an outer failure without an inner code", codes("501", ""), idv.Answer{}, unavailable("501")},
		{"an outer failure with a verdict inside", codes("501", "0"), idv.Answer{}, unavailable("501")},
		{"a middle failure with a verdict inside", codes("0", "-1", "1"), idv.Answer{}, unavailable("0/-1")},
		{"an outer verdict with another code inside", codes("1", "0"), idv.Answer{}, unknown("1/0")},
		{"an outer verdict without an inner code", codes("1", ""), idv.Answer{}, garbled()},
		{"an outer failure that has inner codes", codes("10000", "9"), idv.Answer{}, unavailable("10000")},
		{"an outer failure whose inner code is missing", codes("10000", ""), idv.Answer{}, garbled()},
		{"a flag says charged", reading{Codes: []string{"F", "1"}, Flag: idv.Charged, Ref: "r"}, answer("F/1", idv.NoRecord, idv.Charged), nil},
		{"a flag is missing", codes("F", "1"), answer("F/1", idv.NoRecord, idv.ChargeUnknown), nil},
		{"a flag without a code of the table", reading{Codes: []string{"F", "9"}, Flag: idv.Charged, Ref: "r"}, idv.Answer{}, &idv.Error{
			Origin: idv.OriginVendor, Charge: idv.Charged, Code: "F/9", Ref: "r", Detail: notListed,
		}},
		{"a flag that says free without a code of the table", reading{Codes: []string{"F", "9"}, Flag: idv.NotCharged, Ref: "r"}, idv.Answer{}, unknown("F/9")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := table().Decode(tt.reading)
			if got != tt.want {
				t.Errorf("answer %+v, want %+v", got, tt.want)
			}
			if (err == nil) != (tt.failure == nil) {
				t.Fatalf("error %v, want %v", err, tt.failure)
			}
			if diff := cmp.Diff(tt.failure, asError(err)); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
		})
	}
}

// A lying adapter cannot make a call cheaper, turn a verdict, or make another vendor pay.
func TestTheTableHasTheLastWord(t *testing.T) {
	t.Parallel()
	free, flag := table()[0], table()[len(table())-1]
	for name, test := range map[string]struct {
		answer idv.Answer
		want   idv.Charge // ignored if it fails
		fails  bool
	}{
		"free of charge":           {idv.Answer{Verdict: free.Verdict, Charge: idv.NotCharged, VendorCode: free.Code}, idv.Charged, false},
		"dearer than the table":    {idv.Answer{Verdict: idv.NoRecord, Charge: idv.Charged, VendorCode: flag.Code}, idv.Charged, false},
		"a row with a flag":        {idv.Answer{Verdict: idv.NoRecord, Charge: idv.NotCharged, VendorCode: flag.Code}, idv.NotCharged, false},
		"another's verdict":        {idv.Answer{Verdict: idv.Mismatch, Charge: idv.Charged, VendorCode: free.Code}, idv.Charged, true},
		"a verdict without a code": {idv.Answer{Verdict: idv.Match, Charge: idv.NotCharged}, idv.ChargeUnknown, true},
		"a verdict of a failure":   {idv.Answer{Verdict: idv.Match, VendorCode: "5"}, idv.ChargeUnknown, true},
		"a match that differs":     {idv.Answer{Verdict: idv.Match, VendorCode: free.Code, Fields: idv.Fields{idv.ClaimName: idv.FieldMismatched}}, idv.Charged, true},
		"a code of the gateway":    {idv.Answer{Verdict: idv.Match, VendorCode: "http_429"}, idv.ChargeUnknown, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := table().ValidateAnswer(test.answer)
			if (err != nil) != test.fails || err == nil && got.Charge != test.want {
				t.Errorf("got %+v, %v; want charge %v, failing %v", got, err, test.want, test.fails)
			}
			if e := asError(err); e != nil && (e.Failure != idv.Garbled || e.Charge != test.want || !e.Delivery.MayHaveExecuted()) {
				t.Errorf("got %+v, want garbled and charge %v", e, test.want)
			}
		})
	}
	failures := map[string]struct{ said, want idv.Error }{
		"refused by the gateway": {
			idv.Error{Failure: idv.Unavailable, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged},
			idv.Error{Failure: idv.Unavailable, Delivery: idv.DeliveryUnknown},
		},
		"never sent": {
			idv.Error{Failure: idv.Timeout, Delivery: idv.NotSent, Charge: idv.NotCharged},
			idv.Error{Failure: idv.Timeout, Delivery: idv.DeliveryUnknown},
		},
		"maintenance without a code": {
			idv.Error{Failure: idv.Maintenance, Delivery: idv.Answered, Charge: idv.NotCharged, Code: "9"},
			idv.Error{Delivery: idv.Answered, Code: "9"},
		},
		"maintenance with the code of a verdict": {
			idv.Error{Failure: idv.Maintenance, Charge: idv.Charged, Code: "1"}, idv.Error{Charge: idv.Charged, Code: "1"},
		},
		"the person's mistake without a code": {
			idv.Error{Failure: idv.InvalidInput, Field: idv.FieldName, Delivery: idv.Answered}, idv.Error{Delivery: idv.Answered},
		},
		"a partial match without a code": {
			idv.Error{Failure: idv.PartialMatch, Delivery: idv.Answered, Fields: idv.Fields{idv.FieldMatched}}, idv.Error{Delivery: idv.Answered},
		},
		"comparisons of another failure": {
			idv.Error{Charge: idv.NotCharged, Fields: idv.Fields{idv.FieldMatched}, Code: "501"}, idv.Error{Failure: idv.Unavailable, Delivery: idv.Answered, Charge: idv.NotCharged, Code: "501"},
		},
		"a partial match": {
			idv.Error{Charge: idv.NotCharged, Fields: idv.Fields{idv.FieldMatched, idv.FieldMismatched}, Code: "T/F"},
			idv.Error{Failure: idv.PartialMatch, Delivery: idv.Answered, Charge: idv.NotCharged, Code: "T/F", Fields: idv.Fields{idv.FieldMatched, idv.FieldMismatched}},
		},
		"another failure than the table's": {
			idv.Error{Failure: idv.Maintenance, Delivery: idv.RefusedByGateway, Code: "5"},
			idv.Error{Failure: idv.InvalidInput, Delivery: idv.Answered, Field: idv.FieldName, Code: "5"},
		},
		"another field than the table's": {
			idv.Error{Failure: idv.InvalidInput, Field: idv.FieldMobile, Code: "5"},
			idv.Error{Failure: idv.InvalidInput, Delivery: idv.Answered, Field: idv.FieldName, Code: "5"},
		},
		"a field that the table leaves to the reply": {
			idv.Error{Failure: idv.InvalidInput, Field: idv.FieldMobile, Code: "6"},
			idv.Error{Failure: idv.InvalidInput, Delivery: idv.Answered, Field: idv.FieldMobile, Code: "6"},
		},
		"no field there": {
			idv.Error{Failure: idv.Maintenance, Code: "6"}, idv.Error{Failure: idv.InvalidInput, Delivery: idv.Answered, Code: "6"},
		},
		"an invalid field there": {
			idv.Error{Failure: idv.InvalidInput, Field: 99, Code: "6"}, idv.Error{Failure: idv.InvalidInput, Delivery: idv.Answered, Code: "6"},
		},
		"a field of a code that is no invalid input": {
			idv.Error{Failure: idv.InvalidInput, Field: idv.FieldMobile, Code: "501"},
			idv.Error{Failure: idv.Unavailable, Delivery: idv.Answered, Code: "501"},
		},
		"a failure of the gateway's table": {
			idv.Error{Failure: idv.Throttled, Origin: idv.OriginGateway, Charge: idv.NotCharged, Code: "1"},
			idv.Error{Failure: idv.Throttled, Origin: idv.OriginGateway, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged, Code: "1"},
		},
	}
	for name, test := range failures {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(&test.want, table().ValidateFailure(test.said)); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
		})
	}
}

func asError(err error) *idv.Error {
	if err == nil {
		return nil
	}
	return idv.AsError(err)
}

func TestSafeCode(t *testing.T) {
	t.Parallel()
	tests := []struct{ code, want string }{
		{"01", "01"}, {"B403MQ", "B403MQ"}, {"a-b_c.d", "a-b_c.d"}, {"12345678", "12345678"},
		{"AuthFailure.TokenFailure", "AuthFailure.TokenFailure"}, {"APIG.0309", "APIG.0309"},
		{"ABCDE1234F", "unlisted"}, {"APIG.199001", "unlisted"}, {strings.Repeat("a", 65), "unlisted"},
		{"", "unlisted"}, {"123456789", "unlisted"}, {"测试", "unlisted"}, {"a b", "unlisted"}, {"a\n", "unlisted"}, {"\xff", "unlisted"},
	}
	for _, tt := range tests {
		if got := providers.SafeCode(tt.code); got != tt.want {
			t.Errorf("SafeCode(%q) = %q, want %q", tt.code, got, tt.want)
		}
	}
}

// hashOf returns an unkeyed hash, as some vendors derive references from.
func hashOf(number string) string {
	sum := md5.Sum([]byte(number)) //nolint:gosec // what vendors use
	return hex.EncodeToString(sum[:])
}

// hashes returns the MD5, SHA-1 and SHA-256 of a value in hexadecimal, and the last in Base64.
func hashes(value string) []string {
	one, two := sha1.Sum([]byte(value)), sha256.Sum256([]byte(value)) //nolint:gosec // what vendors use
	return []string{hashOf(value), hex.EncodeToString(one[:]), hex.EncodeToString(two[:]), base64.RawURLEncoding.EncodeToString(two[:])}
}

func TestSafeRef(t *testing.T) {
	t.Parallel()
	subject := idv.Subject{Name: idv.NewSensitive("Bob"), IDNumber: idv.NewSensitive("11010120990101005X")}
	tests := []struct{ name, ref, want string }{
		{"the guide's", "20211208013_9aph_5e91", "20211208013_9aph_5e91"},
		{"as long as allowed", strings.Repeat("a", 64), strings.Repeat("a", 64)},
		{"too long", strings.Repeat("a", 65), ""},
		{"the number", "t-11010120990101005X", ""},
		{"the name", "Bob-17", ""},
		{"the date of birth", "q-20990101-1", ""},
		{"the date of birth with separators", "2099-01-01.7", ""},
		{"the last six", "t_01005x", ""},
		{"the short date of birth and the last four", "990101-q-005X", ""},
		{"the last four and the short date of birth", "005X.990101", ""},
		{"the number in two parts", "11010120990_101005X", ""},
		{"the number without the last character", "11010120990101005", ""},
		{"a part of six characters", "q-901010-7", ""},
		{"the date of birth, the day first", "x01012099", ""},
		{"the date of birth without zeros", "2099-1-1", ""},
		{"its SHA-1 in part", hashes("11010120990101005X")[1][8:24], ""},
		{"its SHA-256 in small letters", hashes("11010120990101005x")[2], ""},
		{"its SHA-256 in Base64", hashes("11010120990101005X")[3], ""},
		{"the number in hexadecimal", hex.EncodeToString([]byte("11010120990101005X")), ""},
		{"the MD5 of the name", "r" + hashes("Roberta Quell")[0], ""},
		{"a word of the name", "r-ROBERTA-1", ""},
		{"a time", "202601010000000001", "202601010000000001"},
		{"another's hash", hashes("11010120990101003X")[0], hashes("11010120990101003X")[0]},
		{"the district, as a time may begin", "20261101013_9aph_110101", "20261101013_9aph_110101"},
		{"only the last four", "9aph-005X", "9aph-005X"},
		{"its MD5", "3" + hashOf("11010120990101005X"), ""},
		{"another script", "测试", ""},
		{"a line break", "a\nb", ""},
		{"none", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			subject := subject
			if strings.HasPrefix(tt.ref, "r") {
				subject.Name = idv.NewSensitive("Roberta Quell")
			}
			if got := providers.SafeRef(tt.ref, subject); got != tt.want {
				t.Errorf("SafeRef = %q, want %q", got, tt.want)
			}
		})
	}
}

// An outer code that the table does not list is kept, although no inner code follows it; one
// that the table continues lacks a code.
func TestUnlistedOuterCode(t *testing.T) {
	t.Parallel()
	table := providers.Table{
		providers.VerdictRow("200/0", idv.Match, idv.Charged, "t", "s"),
		providers.VerdictRow("0", idv.Match, idv.Charged, "t", "s"),
		providers.FailureRow("500", idv.Unavailable, idv.NotCharged, "t", "s"),
	}
	for _, tt := range []struct {
		codes []string
		want  string
	}{
		{[]string{"AuthFailure.New", ""}, "unknown AuthFailure.New"},
		{[]string{"AuthFailure.New", "", ""}, "unknown AuthFailure.New"},
		{[]string{"AuthFailure.New", "0"}, "unknown AuthFailure.New/0"},
		{[]string{"AuthFailure.New"}, "unknown AuthFailure.New"},
		{[]string{"200", "NEW", ""}, "unknown 200/NEW"},
		{[]string{"200", ""}, "garbled "},
		{[]string{"0", ""}, "garbled "},
		{[]string{"", "0"}, "garbled "},
		{[]string{"500", ""}, "unavailable 500"},
	} {
		_, err := table.Decode(providers.Reading{Codes: tt.codes})
		e := idv.AsError(err)
		if got := e.Failure.String() + " " + e.Code; got != tt.want || e.Failure != idv.Unavailable && e.Charge != idv.ChargeUnknown {
			t.Errorf("%q: got %q, %v, want %q", tt.codes, got, e.Charge, tt.want)
		}
	}
}
