package consents_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// TestProofIndexesAreFixed pins the stored form of the client context: with the key and a
// session id, address or User-Agent it must stay provable that it is the same one.
func TestProofIndexesAreFixed(t *testing.T) {
	t.Parallel()
	got := newFixture(t).Proof("t1", consent.Proof{}, consents.ClientContext{
		Session: idv.NewSensitive("session"), Address: idv.NewSensitive("192.0.2.7"), Agent: idv.NewSensitive("browser"),
	})
	want := consent.Proof{Session: "2262188f0f88d2e450c42cb13cfaf458", Address: "11446998351755d9d2253d65dae3087e", Agent: "0f48d0f7cb2d7b5cc857ec2482e8b651"}
	if got != want {
		t.Errorf("the indexes are %+v, want %+v", got, want)
	}
}
