package consent_test

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

func question() consent.Question {
	return consent.Question{Subject: true, Name: true, App: "app", Purpose: "account", Items: []idv.Claim{idv.ClaimName, idv.ClaimIDNumber}, Age: 30}
}

func TestStands(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		state consent.State
		now   time.Time
		want  consent.Fault
	}{
		{"zero", "", at(3), consent.Missing},
		{"drafted", consent.Drafted, at(3), consent.NotPresented},
		{"presented", consent.Presented, at(3), consent.NotGiven},
		{"refused", consent.Refused, at(4), consent.WasRefused},
		{"withdrawn", consent.Withdrawn, at(4), consent.WasWithdrawn},
		{"expired", consent.Expired, at(4), consent.HasExpired},
		{"superseded", consent.Superseded, at(4), consent.WasSuperseded},
		{"given before", consent.Given, at(3), ""},
		{"given in the same instant", consent.Given, at(2), consent.NotBefore},
		{"given afterwards", consent.Given, at(1), consent.NotBefore},
		{"on its last instant", consent.Given, at(3602).Add(-1), ""},
		{"when its time is over", consent.Given, at(3602), consent.HasExpired},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := consent.Record{}
			if test.state != "" {
				r = in(t, test.state)
			}
			if got := r.Stands(test.now); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestForgedOrder: a record that says given, and whose times say otherwise, proves
// nothing.
func TestForgedOrder(t *testing.T) {
	t.Parallel()
	r := given(t)
	r.PresentedAt = r.DecidedAt
	if got := r.Stands(at(3)); got != consent.NotBefore {
		t.Errorf("got %q, want %q", got, consent.NotBefore)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*consent.Record, *consent.Question)
		want  consent.Fault
	}{
		{"all of it", func(*consent.Record, *consent.Question) {}, ""},
		{"less data", func(_ *consent.Record, q *consent.Question) { q.Items = q.Items[:1] }, ""},
		{"withdrawn", func(r *consent.Record, _ *consent.Question) { r.State = consent.Withdrawn }, consent.WasWithdrawn},
		{"another person", func(_ *consent.Record, q *consent.Question) { q.Subject = false }, consent.OtherPerson},
		{"another name", func(_ *consent.Record, q *consent.Question) { q.Name = false }, consent.OtherName},
		{"another app", func(_ *consent.Record, q *consent.Question) { q.App = "" }, consent.OtherApp},
		{"another purpose", func(_ *consent.Record, q *consent.Question) { q.Purpose = "loan" }, consent.OtherPurpose},
		{"more data", func(_ *consent.Record, q *consent.Question) { q.Items = append(q.Items, idv.ClaimMobile) }, consent.OtherData},
		{"one use left", func(r *consent.Record, _ *consent.Question) { r.Used = 1 }, ""},
		{"used up", func(r *consent.Record, _ *consent.Question) { r.Used = 2 }, consent.UsedUp},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, q := given(t), question()
			test.spoil(&r, &q)
			if got := r.Covers(q, at(3)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestGuardian: under 14 a guardian agrees; where the number tells no age, a guardian
// does or the person declares to be old enough.
func TestGuardian(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		age             int
		guardian, ofAge bool
		want            consent.Fault
	}{
		{"newborn", 0, false, false, consent.NeedsGuardian},
		{"13", 13, false, false, consent.NeedsGuardian},
		{"13 who says to be older", 13, false, true, consent.NeedsGuardian},
		{"13 with a guardian", 13, true, false, ""},
		{"14", 14, false, false, ""},
		{"17 with a guardian", 17, true, false, ""},
		{"18 with a guardian", 18, true, false, consent.NeedsOwn},
		{"unknown", -1, false, false, consent.NeedsGuardian},
		{"unknown, declared", -1, false, true, ""},
		{"unknown with a guardian", -1, true, false, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, q := given(t), question()
			q.Age, r.OfAge = test.age, test.ofAge
			if test.guardian {
				r.Guardian = consent.Guardian{Subject: "k1:mother", Relation: "mother"}
			}
			if got := r.Covers(q, at(3)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTake(t *testing.T) {
	t.Parallel()
	first := idv.ConsentUse{ID: "c1", Recipient: "甲方数据有限公司", First: true}
	next := idv.ConsentUse{ID: "c1", Recipient: "乙方数据有限公司"}
	tests := []struct {
		name  string
		spoil func(*consent.Record)
		use   idv.ConsentUse
		now   time.Time
		want  consent.Fault
		used  int
	}{
		{"the first call takes a use", func(*consent.Record) {}, first, at(3), "", 1},
		{"a later one takes none", func(r *consent.Record) { r.Used = 1 }, next, at(3), "", 1},
		{"a later one of the last use", func(r *consent.Record) { r.Used = 2 }, next, at(3), "", 2},
		{"used up", func(r *consent.Record) { r.Used = 2 }, first, at(3), consent.UsedUp, 2},
		{"no recipient", func(*consent.Record) {}, idv.ConsentUse{ID: "c1", First: true}, at(3), consent.NotRecipient, 0},
		{"not listed", func(r *consent.Record) { r.Recipients = r.Recipients[1:] }, first, at(3), consent.NotRecipient, 0},
		{"withdrawn in between", func(r *consent.Record) { r.State = consent.Withdrawn }, next, at(3), consent.WasWithdrawn, 0},
		{"in the instant of the agreement", func(*consent.Record) {}, first, at(2), consent.NotBefore, 0},
		{"expired in between", func(*consent.Record) {}, next, at(3602), consent.HasExpired, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := given(t)
			test.spoil(&r)
			err := r.Take(test.use, test.now)
			if got := fault(err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if r.Used != test.used {
				t.Errorf("%d uses are taken, want %d", r.Used, test.used)
			}
		})
	}
}
