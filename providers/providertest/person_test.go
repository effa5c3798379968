package providertest

import (
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// The query holds the claims of the product's check, and a document only for a number.
func TestQuery(t *testing.T) {
	resident, hongKong := []idv.Document{idv.HKID, idv.Resident18}, []idv.Document{idv.HKID}
	for _, tt := range []struct {
		name      string
		check     idv.Check
		documents []idv.Document
		want      idv.Document
		valid     bool
	}{
		{"a resident's number", idv.CheckIDName, resident, idv.Resident18, true},
		{"another document only", idv.CheckIDNameMobile, hongKong, idv.HKID, true},
		{"no document", idv.CheckIDName, nil, idv.DocumentUnknown, false},
		{"name and bank card", idv.CheckNameBankCard, nil, idv.DocumentUnknown, true},
		{"no check", idv.CheckNone, resident, idv.DocumentUnknown, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q, err := Query(idv.Descriptor{Check: tt.check, Documents: tt.documents})
			if (err == nil) != tt.valid || q.Document != tt.want {
				t.Fatalf("got %q, %v", q.Document, err)
			}
			for _, claim := range idv.Claims(idv.ClaimName, idv.ClaimIDNumber, idv.ClaimMobile, idv.ClaimBankCard).List() {
				if got, want := !q.Subject.Claim(claim).IsZero(), tt.valid && tt.check.Claims().Has(claim); got != want {
					t.Errorf("%v is there: %v, want %v", claim, got, want)
				}
			}
		})
	}
}

// Another person has a name of as many words, so that a codec which sends given and family
// name apart can write both.
func TestOtherSubjectKeepsTheWordsOfTheName(t *testing.T) {
	for name, want := range map[string]string{"测试": "某某", "某": "甲", "TEST PERSON": "某某某某 某某某某某某"} {
		s := otherSubject(idv.Subject{Name: idv.NewSensitive(name)}, idv.Claims(idv.ClaimName))
		if !s.Name.Equal(idv.NewSensitive(want)) {
			t.Errorf("another name than %s: got %s, want %s", name, inClear(s.Name), want)
		}
	}
}
