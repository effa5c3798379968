package consents_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/heyan-id/heyan/policy/consent/receipt"
)

// TestReceiptStatesStorage: a receipt says where data are stored, by default mainland China
// in the language of the notice.
func TestReceiptStatesStorage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, language string
		storage, want  []string
	}{
		{"not configured", "zh-CN", nil, []string{"中国境内"}},
		{"not configured, in English", "en", nil, []string{"mainland China"}},
		{"elsewhere", "zh-CN", []string{"新加坡", "香港特别行政区"}, []string{"新加坡", "香港特别行政区"}},
		{"elsewhere, in English", "en", []string{"Singapore"}, []string{"Singapore"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newFixture(t)
				b.Defaults.Storage = test.storage
				d := draft()
				d.Language = test.language
				drafted, err := b.Draft(t.Context(), d)
				if err != nil {
					t.Fatal(err)
				}
				doc, err := b.Receipt(t.Context(), "t1", b.agree(t, drafted).ID)
				if err != nil {
					t.Fatal(err)
				}
				signed, err := receipt.Verify(doc, b.Signer.Keys()...)
				if got := signed.Body.Processing.Storage; err != nil || !slices.Equal(got, test.want) {
					t.Errorf("got %v, want %v, %v", got, test.want, err)
				}
			})
		})
	}
}
