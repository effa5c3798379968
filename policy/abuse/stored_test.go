package abuse_test

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
)

// recorder keeps the hits that a guard counts.
type recorder struct{ lines []string }

func (r *recorder) Count(_ context.Context, _ idv.Tenant, hits []policy.Hit) (policy.Counted, error) {
	for _, h := range hits {
		r.lines = append(r.lines, hex.EncodeToString(h.Counter[:])+" "+hex.EncodeToString(h.Member[:])+" "+h.Until.UTC().Format(time.RFC3339))
	}
	return policy.Counted{Over: -1, Totals: make([]int, len(hits))}, nil
}

// TestCountersAreFound pins under which marks questions are counted. Were one made
// otherwise, an upgrade would begin its counters anew, and a guesser had new tries.
func TestCountersAreFound(t *testing.T) {
	t.Parallel()
	var all abuse.Limits
	for _, per := range []abuse.Per{abuse.PerTenant, abuse.PerApp, abuse.PerCaller, abuse.PerSubject} {
		for _, window := range []abuse.Window{abuse.Minute, abuse.Hour, abuse.Day} {
			all = append(all, abuse.Limit{Per: per, Window: window, Most: 5})
		}
	}
	g, err := abuse.New(abuse.Config{Indexer: ring(t), Limits: all, Honeytokens: canaries(t), Block: 30 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	var r recorder
	asked := abuse.Attempt{Tenant: "t1", App: "wallet", Caller: "key1", Consent: "cns_1", Now: noon}
	ask := func(count func(context.Context, policy.Counters, abuse.Attempt) (abuse.Result, error), s idv.Subject) {
		asked.Subject = s
		if _, err := count(t.Context(), &r, asked); err != nil {
			t.Fatal(err)
		}
	}
	ask(g.Check, with(pair("测试", complete("11010120990101123")), "13000000000", "6200000000000000001"))
	ask(g.Check, pair("测试", "A123456789")) // of another document
	ask(g.RecordInvalid, pair("测试", "110101209901011230"))
	ask(g.RecordProbe, pair("测试", complete("11010120990101123")))
	ask(g.Check, pair("测试", canaryNumber))
	ask(g.Check, idv.Subject{Name: idv.NewSensitive("测试"), BankCard: idv.NewSensitive("6200000000000000001")})
	ask(g.Check, idv.Subject{Name: idv.NewSensitive("TEST PERSON"), IDNumber: idv.NewSensitive("52998224725"), Document: idv.BrazilCPF})
	slices.Sort(r.lines)
	want, err := os.ReadFile(filepath.Join("testdata", "counters.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(slices.Compact(r.lines), "\n") + "\n"; got != string(want) {
		t.Errorf("counted are other counters and members than an earlier release counts:\n%s", got)
	}
}
