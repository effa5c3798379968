package keyring_test

import (
	"encoding/hex"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// What an earlier release made, with the keys of these tests.
const (
	keptKey    = "6b313aa96ab440faace89286f8d03a290e30a0a1144befb33dc716c19fa48aef2d397801e845794b5acc409a0df737402aa79053fa442de9338ed7fd9cf96c"
	keptSealed = "28ce156c8714cabd3b43ad8568b0b3521dedd89faee57dd16a3784a2b81e09c88f465a967919c2ba4bfef5f729c0b97a6cd065c6c1"
	keptMark   = "2b4775e58cc2616161b5a0af9d3f4abf"
	keptName   = "k1:rvd7ifppwujel53bno5h4wepoceh3ifl"
)

// TestKeptFormsAreRead opens what an earlier release wrapped and sealed, and finds what
// it counted under a mark. TestTokenKnown does so for tokens.
func TestKeptFormsAreRead(t *testing.T) {
	t.Parallel()
	wrapped, err := hex.DecodeString(keptKey)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := hex.DecodeString(keptSealed)
	if err != nil {
		t.Fatal(err)
	}
	k, err := ring(t).Unwrap("bank", token, wrapped)
	if err != nil {
		t.Fatalf("the kept data key: %v", err)
	}
	if got, err := k.Open(place, sealed); err != nil || !got.Equal(idv.NewSensitive(text)) {
		t.Errorf("the kept text cannot be read: %v", err)
	}
	if m := ring(t).BlindIndex("bank", "label", "part", ""); hex.EncodeToString(m[:]) != keptMark {
		t.Errorf("the mark is %x, want %s", m, keptMark)
	}
	person := idv.Subject{Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive("11010519491231002X")}
	if name := ring(t).NameToken("bank", person); string(name) != keptName || !ring(t).MatchesName(keptName, "bank", person) {
		t.Errorf("the name's token is %s, want %s", name, keptName)
	}
}
