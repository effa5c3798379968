package consents_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

func TestProofMarksTraces(t *testing.T) {
	b := newBench(t)
	traces := consents.ClientContext{Session: idv.NewSensitive("192.0.2.7"), Address: idv.NewSensitive("192.0.2.7")}
	p := b.Proof("t1", consent.Proof{Channel: "web", Action: consent.Checkbox}, traces)
	if p.Channel != "web" || p.Action != consent.Checkbox || p.Agent != "" {
		t.Errorf("the rest became %+v", p)
	}
	for _, mark := range []string{p.Session, p.Address} {
		if len(mark) != 32 || strings.Contains(mark, "192") && strings.Contains(mark, ".") {
			t.Errorf("the mark is %q", mark)
		}
	}
	if p.Session == p.Address {
		t.Error("a session and an address of one text have one mark")
	}
	if again := b.Proof("t1", p, traces); again != p {
		t.Errorf("the same traces have other marks: %+v", again)
	}
	if other := b.Proof("t2", consent.Proof{}, traces); other.Address == p.Address {
		t.Error("two tenants have one mark")
	}
}
