package engine_test

import (
	"context"
	"encoding/hex"
	"testing"

	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// claims keeps the fingerprint of the last claim.
type claims struct {
	store.Store

	print store.Fingerprint
}

func (c *claims) Claim(ctx context.Context, claim store.Claim) (idv.Verification, bool, error) {
	c.print = claim.Print
	return c.Store.Claim(ctx, claim)
}

// TestFingerprintIsFixed pins what is stored of a request beside its idempotency key.
// Were it made otherwise, a retry after an upgrade would be refused as another request.
func TestFingerprintIsFixed(t *testing.T) {
	t.Parallel()
	kept := &claims{Store: memory.New(0)}
	o := enginetest.Options(enginetest.New("a", enginetest.Answer(idv.Match)).For(idv.CheckIDNameMobileBankCard))
	o.Store, o.FingerprintKey = kept, []byte("0123456789abcdef0123456789abcdef")
	e := enginetest.Engine(t, o)
	r := enginetest.Request()
	r.IdempotencyKey, r.ConsentID, r.Check = "k", "cns_1", idv.CheckIDNameMobileBankCard
	r.Subject.Mobile, r.Subject.BankCard = idv.NewSensitive("13000000000"), idv.NewSensitive("6222021234567890128")
	if _, err := e.Verify(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	const want = "ebe9754370ec74220ae7655ff17dc5d81a9097bf1b55040546071d79791abbb0"
	if got := hex.EncodeToString(kept.print[:]); got != want {
		t.Errorf("the fingerprint is %s, want %s", got, want)
	}
}
