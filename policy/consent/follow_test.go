package consent_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// TestFollow gives or refuses a consent of somebody whose token was another under the
// key of before, and looks what becomes of another consent.
func TestFollow(t *testing.T) {
	const d, p, g, r = consent.Drafted, consent.Presented, consent.Given, consent.Refused
	for _, test := range []struct {
		name               string
		other              consent.State
		spoil              func(*consent.Record)
		whenGiven, whenNot consent.State
	}{
		{name: "a draft", other: d, whenGiven: d, whenNot: consent.Expired},
		{name: "one that is presented", other: p, whenGiven: p, whenNot: consent.Expired},
		{name: "a given one", other: g, whenGiven: consent.Superseded, whenNot: g},
		{name: "a refused one", other: r, whenGiven: r, whenNot: r},
		{name: "under the key of before", other: g, spoil: func(o *consent.Record) { o.Subject = "k0:someone" }, whenGiven: consent.Superseded, whenNot: g},
		{name: "a draft under the key of before", other: d, spoil: func(o *consent.Record) { o.Subject = "k0:someone" }, whenGiven: d, whenNot: consent.Expired},
		{name: "of another person", other: g, spoil: func(o *consent.Record) { o.Subject = "k1:other" }, whenGiven: g, whenNot: g},
		{name: "of an erased person", other: g, spoil: func(o *consent.Record) { o.Subject = "" }, whenGiven: g, whenNot: g},
		{name: "of another app", other: d, spoil: func(o *consent.Record) { o.App = "other" }, whenGiven: d, whenNot: d},
		{name: "for another purpose", other: d, spoil: func(o *consent.Record) { o.Purpose = "other" }, whenGiven: d, whenNot: d},
		{name: "of another tenant", other: d, spoil: func(o *consent.Record) { o.Tenant = "other" }, whenGiven: d, whenNot: d},
		{name: "itself", other: p, spoil: func(o *consent.Record) { o.ID = "c1" }, whenGiven: p, whenNot: p},
	} {
		t.Run(test.name, func(t *testing.T) {
			decided := draft()
			decided.Older = []idv.SubjectToken{"k00:someone", "k0:someone"}
			for kind, want := range map[consent.Kind]consent.State{consent.Give: test.whenGiven, consent.Refuse: test.whenNot, consent.Withdraw: test.other} {
				other := in(t, test.other)
				other.ID = "c2"
				if test.spoil != nil {
					test.spoil(&other)
				}
				followed := decided.Follow(kind, &other, at(9))
				if other.State != want || followed != (want != test.other) {
					t.Errorf("after %s it is %s, followed %v; want %s", kind, other.State, followed, want)
				}
			}
		})
	}
}
