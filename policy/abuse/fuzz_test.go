package abuse_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
)

// FuzzCheck asks with arbitrary text for every claim. Whatever it is, the same
// question twice is one, every counter and member is a mark, no two of a question are
// the same counter, and no event or denial repeats a claim.
func FuzzCheck(f *testing.F) {
	f.Add("测试", "11010120990101005X", "13800000000", "6222000000000000")
	f.Add("", "", "", "")
	f.Add("MA LI", "１１０１０１２０９９０１０１００５Ⅹ", "+86", "·")
	f.Add("\xff\x00", "H12345678", "\u200b", strings.Repeat("9", 100))
	f.Add("名", "110101\x00209901010058", "1", "测试测试测试")
	marks, canary := ring(f), canaries(f)
	f.Fuzz(func(t *testing.T, name, number, mobile, card string) {
		siren := &siren{}
		guard, err := abuse.New(abuse.Config{
			Indexer: marks, Honeytokens: canary, Alarms: siren,
			Limits: abuse.Limits{{Per: abuse.PerSubject, Window: abuse.Day, Most: 2}},
		})
		if err != nil {
			t.Fatal(err)
		}
		d := &harness{t: t, guard: guard, now: noon}
		d.counters.at(noon)
		s := with(pair(name, number), mobile, card)
		d.refused("b", s)
		first := d.check("a", s)
		distinct(t, d.counters.last)
		second, third := d.check("a", s), d.check("a", s)
		stolen := first.Denial != nil
		if stolen != (len(siren.events) > 0) || stolen != (second.Denial != nil) || third.Denial == nil {
			t.Errorf("denied %v, %v, %v with %d events", first.Denial, second.Denial, third.Denial, len(siren.events))
		}
		for _, claim := range []idv.Sensitive{s.IDNumber, s.Mobile, s.BankCard} {
			if len(claim.Reveal()) > 8 && claim.ContainedIn(third.Denial.Error()) {
				t.Error("the denial repeats a claim")
			}
		}
	})
}

// distinct wants marks in every hit, and every counter once.
func distinct(t *testing.T, hits []policy.Hit) {
	t.Helper()
	seen := map[policy.BlindIndex]bool{}
	for i, h := range hits {
		if h.Counter == (policy.BlindIndex{}) || seen[h.Counter] {
			t.Errorf("hit %d of %d has no counter of its own", i, len(hits))
		}
		if h.Member == (policy.BlindIndex{}) && h.Most != 2 { // the limit counts every hit
			t.Errorf("hit %d has no member", i)
		}
		seen[h.Counter] = true
	}
}
