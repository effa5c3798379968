package receipt_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

// fullReceipt has every member set, also those that no one receipt has at once.
func fullReceipt() receipt.Receipt {
	return receipt.Receipt{
		SchemaVersion: "heyan.receipt.1", ReceiptID: "rcp_1", RecordID: "cns_1", PrincipalID: "k1:goldenperson", IssuedAt: at(1),
		Processing: receipt.Processing{
			Notice:   consent.Notice{Name: "n", Version: "3", Language: "zh-CN", Template: "sha256:a1", Text: "sha256:b2"},
			Language: "zh-CN", Purpose: "account opening", Service: "wallet", LawfulBasis: "consent",
			Items:       []receipt.Item{{Type: "id_number", Sensitive: receipt.Identity}, {Type: "bank_card", Sensitive: receipt.Financial}, {Type: "name", Sensitive: receipt.Minor}},
			Controllers: []string{"controller"}, Recipients: []string{"recipient-1"}, CollectedBy: "app", Storage: []string{"CN"}, Retention: "three years",
			Jurisdiction: "CN", Withdrawal: "call 95000", Rights: []string{"access"}, MaxUses: 3, ValidUntil: at(2), Guardian: "mother",
		},
		Parties: []receipt.Party{{ID: "controller", Role: "pii_controller", Name: "A", Contact: "1", Address: "X"}},
		Events: []receipt.Event{
			{At: at(3), Type: consent.Give, State: consent.Given, Entity: "guardian", Validity: "P30D", Action: consent.Signature},
			{At: at(4), Type: consent.Withdraw, State: consent.Withdrawn, Entity: "guardian", Validity: "P0D", Action: consent.Spoken},
		},
	}
}

// TestSignedFormsAreRead verifies a receipt that an earlier release signed, with every
// member, and sees that the golden documents have all of them.
func TestSignedFormsAreRead(t *testing.T) {
	s := signer(t, seedText)
	doc, err := s.Sign(fullReceipt())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "receipt_full.json", append(doc, '\n'))
	got, err := receipt.Verify(append(doc, '\n'), s.Keys()[0])
	if diff := cmp.Diff(fullReceipt(), got.Body); err != nil || diff != "" {
		t.Errorf("the receipt: %v; -signed +read:\n%s", err, diff)
	}
	allSet(t, reflect.ValueOf(got.Body), "receipt_full.json")
	proof, err := os.ReadFile(filepath.Join("testdata", "erasure.json"))
	if err != nil {
		t.Fatal(err)
	}
	erasure, err := receipt.VerifyErasure(proof, s.Keys()[0])
	if err != nil {
		t.Fatal(err)
	}
	allSet(t, reflect.ValueOf(erasure.Body), "erasure.json")
}

// allSet fails for every field that is zero: a new one belongs into the golden file.
func allSet(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	switch {
	case v.IsZero():
		t.Errorf("%s is not set; add it to the golden file, under a new version of the document", path)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			allSet(t, v.Index(i), path)
		}
	case v.Kind() == reflect.Struct && v.Type().PkgPath() != "time":
		for i := range v.NumField() {
			allSet(t, v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	}
}
