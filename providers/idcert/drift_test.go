package idcert

import (
	stdjson "encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func TestEcho(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, subject, idCard, echo string
		want                        bool
	}{
		{"as the guide masks", "张三", "51*****005X", "张*", true},
		{"as many stars as characters", "张三", "51************005X", "张*", true},
		{"lower-case x", "张三", "51*****005x", "张*", true},
		{"four at the end", "张三", "*****005X", "张*", true},
		{"two at the end", "张三", "51*****5X", "张*", false},
		{"three at the end", "张三", "5101*****05X", "张*", false},
		{"the district only", "张三", "5101**************", "张*", false},
		{"the district in one star", "张三", "5101*", "张*", false},
		{"all but the last four", "张三", "51010120990101****", "张*", true},
		{"all but the last five", "张三", "5101012099010*****", "张*", false},
		{"the number in clear", "张三", "51010120990101005X", "张*", true},
		{"a name cut in a surrogate pair, replaced", "𠮷三", "51*****005X", "\ufffd*", false},
		{"a name cut in a surrogate pair, as a question mark", "𠮷三", "51*****005X", "?*", false},
		{"a whole supplementary character", "𠮷三", "51*****005X", "𠮷*", true},
		{"another number", "张三", "52*****005X", "张*", false},
		{"no number", "张三", "", "张*", false},
		{"stars only", "张三", "****", "张*", false},
		{"another name", "张三", "51*****005X", "李*", false},
		{"another name's end", "张三", "51*****005X", "*四", false},
		{"the name's end", "张三", "51*****005X", "*三", true},
		{"a starred name", "张三", "51*****005X", "**", false},
		{"no name", "张三", "51*****005X", "", false},
		{"a starred name of one character", "张", "51*****005X", "*", true},
		{"another name of one character", "张", "51*****005X", "李", false},
		{"a short name for a long one", "张三", "51*****005X", "张", false},
		{"a name in clear", "张三", "51*****005X", "张三", true},
		{"a middle dot hidden", "阿凡提·买买提", "51*****005X", "阿*", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := idv.Subject{Name: idv.NewSensitive(tt.subject), IDNumber: idv.NewSensitive("51010120990101005X")}
			if got := (reply{IDCard: tt.idCard, Name: tt.echo}).isAbout(s); got != tt.want {
				t.Errorf("isAbout = %v, want %v", got, tt.want)
			}
		})
	}
}

// The vendor's guide, line by line.
func TestTable(t *testing.T) {
	t.Parallel()
	want := map[string]idv.CodeRow{
		"01":   {Verdict: idv.Match, Charge: idv.Charged},
		"02":   {Verdict: idv.Mismatch, Charge: idv.Charged},
		"202":  {Verdict: idv.NoRecord},
		"203":  {Failure: idv.Unavailable},
		"204":  {Failure: idv.InvalidInput, Field: idv.FieldName},
		"205":  {Failure: idv.InvalidInput, Field: idv.FieldIDNumber},
		"9999": {Failure: idv.Maintenance},
	}
	got := map[string]idv.CodeRow{}
	for _, row := range vendorCodes() {
		got[row.Code] = idv.CodeRow{Verdict: row.Verdict, Failure: row.Failure, Field: row.Field, Charge: row.Charge}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if got := descriptor().ListPrice(); got.String() != "0.069 CNY" {
		t.Errorf("list price %v, want 0.069 CNY", got)
	}
}

// FuzzDecode: a verdict comes only from one exact status with a fitting echo.
func FuzzDecode(f *testing.F) {
	for _, r := range recorded(f) {
		f.Add(r.Reply.Status, r.Reply.Body)
	}
	f.Add(450, []byte(`{"status":"02","status":"01"}`))
	c, q := made(f), person()
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		answer, err := c.Decode(q, providers.Reply{Status: status, Body: body})
		if err != nil {
			if answer != (idv.Answer{}) || q.Subject.ContainedIn(err.Error()) {
				t.Fatal("an error with an answer, or with a claim")
			}
			return
		}
		var lenient reply
		if stdjson.Unmarshal(body, &lenient) != nil || status != 200 && status != 450 {
			t.Fatalf("a verdict from status %d and %q", status, body)
		}
		row, ok := providers.Table(vendorCodes()).Row(providers.LayerVendor, lenient.Status)
		if !ok || row.Verdict != answer.Verdict || row.Verdict == idv.Undetermined || !lenient.isAbout(q.Subject) {
			t.Fatalf("%v from %q", answer.Verdict, body)
		}
	})
}
