package providertest

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
)

func parsedAs(text string) ([]Recording, error) {
	return Recordings(fstest.MapFS{"case.json": {Data: []byte(text)}, "readme.txt": {Data: []byte("x")}, "more/case.json": {Data: []byte("x")}})
}

func TestRecordings(t *testing.T) {
	t.Parallel()
	list, err := parsedAs(`{"status":450,"headers":{"x-ref":"r1"},"body_base64":"suLK1A==","subject":{"name":"TEST","id_number":"1"},
		"expect":{"failure":"invalid_input","field":"id_number","charge":"not_charged","vendor_code":"0/2","vendor_ref":"r1"},"source":"s","note":"n"}`)
	if err != nil || len(list) != 1 {
		t.Fatalf("got %v, %v", list, err)
	}
	r := list[0]
	want := Outcome{Failure: idv.InvalidInput, Field: idv.FieldIDNumber, Charge: idv.NotCharged, Code: "0/2", Ref: "r1"}
	if diff := cmp.Diff(want, r.Want); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if r.Name != "case" || r.Reply.Status != 450 || r.Reply.Header.Get("X-Ref") != "r1" || string(r.Reply.Body) != "\xb2\xe2\xca\xd4" {
		t.Errorf("got %q, %+v", r.Name, r.Reply)
	}
	if s := (idv.Subject{Name: idv.NewSensitive("TEST"), IDNumber: idv.NewSensitive("1")}); !sameSubject(r.Subject, s) {
		t.Error("another subject than in the file")
	}
}

// A body that is an object is the body as it stands there, with its numbers and spaces.
func TestRecordedObject(t *testing.T) {
	t.Parallel()
	const body = `{"a": 1.0,"b":"\u6d4b" }`
	list, err := parsedAs(`{"status":200,"body": ` + body + ` ,"expect":{"failure":"garbled","charge":"unknown"}}`)
	if err != nil || string(list[0].Reply.Body) != body {
		t.Errorf("got %v, %v, want %s", list, err, body)
	}
}

// A fault names the file and the member.
func TestRecordingsNameTheFault(t *testing.T) {
	t.Parallel()
	const good = `{"status":200,"headers":{},"body":"{}","expect":{"verdict":"match","charge":"charged"}}`
	if _, err := parsedAs(good); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, new, want string }{
		{"an unknown member", `"headers"`, `"header"`, `"header"`},
		{"a member in another case", `"status"`, `"Status"`, `"Status"`},
		{"an unknown member inside", `"charge"`, `"vendorcode":"1","charge"`, `"vendorcode"`},
		{"a member twice", `"status":200`, `"status":200,"status":450`, "status"},
		{"no status", `"status":200,`, ``, "status: is missing"},
		{"a status that is text", `200`, `"200"`, "/status"},
		{"no body", `"body":"{}",`, ``, "body: must have either"},
		{"two bodies", `"body":"{}"`, `"body":"{}","body_base64":""`, "body: must have either"},
		{"a body that is no base64", `"body":"{}"`, `"body_base64":"*"`, "body_base64: "},
		{"no expectation", `,"expect":{"verdict":"match","charge":"charged"}`, ``, "expect: is missing"},
		{"no charge", `,"charge":"charged"`, ``, "expect.charge: is missing"},
		{"neither verdict nor failure", `"verdict":"match",`, ``, "expect: must have either"},
		{"verdict and failure", `"charge"`, `"failure":"unknown","charge"`, "expect: must have either"},
		{"no verdict as a verdict", `"match"`, `"undetermined"`, "expect: must have either"},
		{"a body that is a list", `"body":"{}"`, `"body":[]`, "body: must be a string"},
		{"an unknown verdict", `"match"`, `"maybe"`, "/expect/verdict"},
		{"an unknown field", `"charge"`, `"field":"sex","charge"`, "expect.field: "},
		{"data after it", `"charged"}}`, `"charged"}}{}`, "after top-level value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(good, tt.old, tt.new, 1)
			_, err := parsedAs(text)
			if err == nil || !strings.HasPrefix(err.Error(), "case.json: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want case.json and %q", text, err, tt.want)
			}
		})
	}
}

// Check compares every member of the outcome, and leaves open what the file leaves open.
func TestRecordingCheck(t *testing.T) {
	t.Parallel()
	good := Outcome{Verdict: idv.Match, Charge: idv.Charged, Code: "200/0"}
	tests := []struct {
		name   string
		change func(*Outcome)
		ok     bool
	}{
		{"as it is", func(*Outcome) {}, true},
		{"without a code", func(o *Outcome) { o.Code = "" }, true},
		{"another verdict", func(o *Outcome) { o.Verdict = idv.Mismatch }, false},
		{"a failure", func(o *Outcome) { o.Verdict = idv.Undetermined }, false},
		{"another charge", func(o *Outcome) { o.Charge = idv.NotCharged }, false},
		{"another code", func(o *Outcome) { o.Code = "0" }, false},
		{"another reference", func(o *Outcome) { o.Ref = "x" }, false},
		{"a field", func(o *Outcome) { o.Field = idv.FieldName }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Recording{Want: good}
			r.Reply.Status, r.Reply.Body = 200, []byte(`{"code":200,"success":true,"data":{"result":0,"orderNo":"r1"}}`)
			tt.change(&r.Want)
			if err := r.Check(t.Context(), kz()); (err == nil) != tt.ok {
				t.Errorf("got %v, want ok=%v", err, tt.ok)
			}
		})
	}
}

// A harness has one person: recordings about others are left out, and none is lost otherwise.
func TestHarnessOfRecordings(t *testing.T) {
	t.Parallel()
	one := func(code string, subject idv.Subject, v idv.Verdict) Recording {
		return Recording{Subject: subject, Want: Outcome{Verdict: v, Code: code}}
	}
	other := idv.Subject{Name: idv.NewSensitive("TEST"), IDNumber: idv.NewSensitive("1")}
	same := other // of another pointer
	same.Name = idv.NewSensitive("TEST")
	h, err := NewHarness(tencentIDCard(), []Recording{
		one("-1", idv.Subject{}, idv.Mismatch), one("0", other, idv.Match), one("-5", same, idv.NoRecord),
		one("http_401", other, idv.Undetermined), one("", other, idv.Undetermined), one("unlisted", other, idv.Undetermined),
	}, 0)
	if err != nil || !sameSubject(h.Query.Subject, other) {
		t.Fatalf("another person than that of the match, %v", err)
	}
	var got []string
	for _, f := range h.Fixtures {
		got = append(got, f.Layer+" "+f.Code)
	}
	want := []string{"vendor 0", "vendor -5", "gateway http_401", "vendor unlisted", "gateway http_429"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fixtures (-want +got):\n%s", diff)
	}
}

// FuzzRecording: whatever stands in a file is read or refused.
func FuzzRecording(f *testing.F) {
	f.Add([]byte(`{"status":200,"headers":{"a":"b"},"body":"{}","expect":{"verdict":"match","charge":"charged"}}`))
	f.Add([]byte(`{"status":200,"body_base64":"AA==","expect":{"failure":"unknown","charge":"unknown","field":"name"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parseRecording(text)
		if err == nil && r.Want.Verdict != idv.Undetermined && r.Want.Failure != idv.FailureUnknown {
			t.Errorf("a verdict and a failure: %v", r.Want)
		}
	})
}
