package consents_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

func TestProofIndexesClientContext(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	client := consents.ClientContext{Session: idv.NewSensitive("192.0.2.7"), Address: idv.NewSensitive("192.0.2.7")}
	p := b.Proof("t1", consent.Proof{Channel: "web", Action: consent.Checkbox}, client)
	if p.Channel != "web" || p.Action != consent.Checkbox || p.Agent != "" {
		t.Errorf("the other members became %+v", p)
	}
	for _, index := range []string{p.Session, p.Address} {
		if len(index) != 32 || strings.Contains(index, "192") && strings.Contains(index, ".") {
			t.Errorf("the index is %q", index)
		}
	}
	if p.Session == p.Address {
		t.Error("a session and an address with the same text have the same index")
	}
	if again := b.Proof("t1", p, client); again != p {
		t.Errorf("the same client context has other indexes: %+v", again)
	}
	if other := b.Proof("t2", consent.Proof{}, client); other.Address == p.Address {
		t.Error("two tenants have the same index")
	}
}
