package consent_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// in returns a record in a state, as the events of second 1, 2 and 3 make it.
func in(t *testing.T, state consent.State) consent.Record {
	t.Helper()
	r := draft()
	if state == consent.Drafted {
		return r
	}
	apply(t, &r, consent.Event{Kind: consent.Present}, at(1))
	switch state {
	case consent.Presented:
		return r
	case consent.Refused:
		apply(t, &r, consent.Event{Kind: consent.Refuse}, at(2))
		return r
	}
	apply(t, &r, agreement(), at(2))
	ends := map[consent.State]consent.Kind{
		consent.Withdrawn: consent.Withdraw, consent.Expired: consent.Expire, consent.Superseded: consent.Supersede,
	}
	if kind, ok := ends[state]; ok {
		apply(t, &r, consent.Event{Kind: kind}, at(3))
	}
	return r
}

// TestOrder tries every event in every state: the row says which state follows, ""
// that the event does not.
func TestOrder(t *testing.T) {
	t.Parallel()
	const (
		d, p, g = consent.Drafted, consent.Presented, consent.Given
		r, w    = consent.Refused, consent.Withdrawn
		x, s    = consent.Expired, consent.Superseded
	)
	kinds := []consent.Kind{consent.Present, consent.Give, consent.Refuse, consent.Withdraw, consent.Expire, consent.Supersede, "shred"}
	rows := map[consent.State][]consent.State{
		//  present give refuse withdraw expire supersede shred
		d: {p, "", "", w, x, "", ""},
		p: {"", g, r, w, x, "", ""},
		g: {"", "", "", w, x, s, ""},
		r: {"", "", "", "", "", "", ""},
		w: {"", "", "", w, "", "", ""},
		x: {"", "", "", x, x, x, ""},
		s: {"", "", "", s, "", "", ""},
	}
	for state, row := range rows {
		for i, kind := range kinds {
			t.Run(string(state)+" "+string(kind), func(t *testing.T) {
				rec := in(t, state)
				before := rec
				e := agreement()
				e.Kind = kind
				err := rec.Apply(e, at(4))
				if row[i] == "" {
					if !errors.Is(err, consent.WrongOrder) {
						t.Errorf("got %v, want %s", err, consent.WrongOrder)
					}
					if diff := cmp.Diff(before, rec); diff != "" {
						t.Errorf("a refused event changed the record: %s", diff)
					}
					return
				}
				if err != nil || rec.State != row[i] {
					t.Errorf("got %s, %v; want %s", rec.State, err, row[i])
				}
			})
		}
	}
}

func TestTimesOfEvents(t *testing.T) {
	t.Parallel()
	r := in(t, consent.Withdrawn)
	if !r.PresentedAt.Equal(at(1)) || !r.DecidedAt.Equal(at(2)) || !r.EndedAt.Equal(at(3)) {
		t.Errorf("got %v, %v, %v", r.PresentedAt, r.DecidedAt, r.EndedAt)
	}
	apply(t, &r, consent.Event{Kind: consent.Withdraw}, at(9))
	if !r.EndedAt.Equal(at(3)) {
		t.Errorf("the second withdrawal moved the end to %v", r.EndedAt)
	}
}

func TestGive(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*consent.Record, *consent.Event)
		now   time.Time
		want  consent.Fault
	}{
		{"in order", func(*consent.Record, *consent.Event) {}, at(2), ""},
		{"an action of before alone", func(r *consent.Record, e *consent.Event) {
			r.Proof.Action, e.Proof.Action = consent.Signature, ""
		}, at(2), consent.NoAction},
		{"no action", func(_ *consent.Record, e *consent.Event) { e.Proof.Action = "" }, at(2), consent.NoAction},
		{"an action that is none", func(_ *consent.Record, e *consent.Event) { e.Proof.Action = "pre_ticked" }, at(2), consent.NoAction},
		{"another text", func(_ *consent.Record, e *consent.Event) { e.Text = "sha256:cc" }, at(2), consent.OtherText},
		{"no text", func(_ *consent.Record, e *consent.Event) { e.Text = "" }, at(2), consent.OtherText},
		{"in the same instant", func(*consent.Record, *consent.Event) {}, at(1), consent.TooQuick},
		{"before it was seen", func(*consent.Record, *consent.Event) {}, at(0), consent.TooQuick},
		{"after too short a look", func(r *consent.Record, _ *consent.Event) { r.MinReview = 5 * time.Second }, at(5), consent.TooQuick},
		{"after long enough a look", func(r *consent.Record, _ *consent.Event) { r.MinReview = 5 * time.Second }, at(6), ""},
		{"on the last second", func(*consent.Record, *consent.Event) {}, at(86399), ""},
		{"a day late", func(*consent.Record, *consent.Event) {}, at(86400), consent.WrongOrder},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, e := in(t, consent.Presented), agreement()
			test.spoil(&r, &e)
			before := r
			err := r.Apply(e, test.now)
			if got := fault(err); got != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			if diff := cmp.Diff(before, r); test.want != "" && diff != "" {
				t.Errorf("a refused event changed the record: %s", diff)
			}
			if test.want == "" && (r.State != consent.Given || !r.DecidedAt.Equal(test.now)) {
				t.Errorf("got %s at %v", r.State, r.DecidedAt)
			}
		})
	}
}

// fault returns the fault that an error is, "" for nil.
func fault(err error) consent.Fault {
	var f consent.Fault
	if err != nil && !errors.As(err, &f) {
		return "not a fault"
	}
	return f
}

func TestPresentNeedsADraftOfBefore(t *testing.T) {
	t.Parallel()
	r := draft()
	if got := fault(r.Apply(consent.Event{Kind: consent.Present}, at(-1))); got != consent.WrongOrder {
		t.Errorf("got %q, want %q", got, consent.WrongOrder)
	}
	if got := fault(r.Apply(consent.Event{Kind: consent.Present}, at(86400))); got != consent.WrongOrder {
		t.Errorf("a day late: got %q, want %q", got, consent.WrongOrder)
	}
	apply(t, &r, consent.Event{Kind: consent.Present}, at(0))
}

// TestExpiry: what ends by itself ended at its time, whenever that is written down.
func TestExpiry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		state consent.State
		kind  consent.Kind
		now   time.Time
		want  time.Time
	}{
		{"a given one", consent.Given, consent.Expire, at(9000), at(3602)},
		{"a given one, on the dot", consent.Given, consent.Expire, at(3602), at(3602)},
		{"a given one, withdrawn too late", consent.Given, consent.Withdraw, at(9000), at(3602)},
		{"a given one, superseded too late", consent.Given, consent.Supersede, at(9000), at(3602)},
		{"a draft", consent.Drafted, consent.Expire, at(90000), at(86400)},
		{"a presented one", consent.Presented, consent.Expire, at(86400), at(86400)},
		{"before its time, by decision", consent.Given, consent.Expire, at(5), at(5)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := in(t, test.state)
			apply(t, &r, consent.Event{Kind: test.kind}, test.now)
			if r.State != consent.Expired || !r.EndedAt.Equal(test.want) {
				t.Errorf("got %s at %v, want %s at %v", r.State, r.EndedAt, consent.Expired, test.want)
			}
		})
	}
}

// TestActionIsOfGive presents with an action, as of a box that was ticked before.
func TestActionIsOfGive(t *testing.T) {
	t.Parallel()
	r := draft()
	apply(t, &r, consent.Event{Kind: consent.Present, Proof: consent.Proof{Channel: "web", Action: consent.Checkbox}}, at(1))
	if r.Proof != (consent.Proof{Channel: "web"}) {
		t.Errorf("presented with %+v", r.Proof)
	}
	e := agreement()
	e.Proof.Action = ""
	if got := fault(r.Apply(e, at(2))); got != consent.NoAction {
		t.Errorf("got %q, want %q", got, consent.NoAction)
	}
}

func TestProofAddsUp(t *testing.T) {
	t.Parallel()
	r := draft()
	apply(t, &r, consent.Event{Kind: consent.Present, Proof: consent.Proof{Channel: "web", Presenter: "/agree", Session: "s1", Agent: "a1"}}, at(1))
	e := agreement()
	e.Proof.Session, e.Proof.Address = "s2", "n1"
	apply(t, &r, e, at(2))
	want := consent.Proof{Channel: "web", Presenter: "/agree", Action: consent.Checkbox, Session: "s2", Address: "n1", Agent: "a1"}
	if diff := cmp.Diff(want, r.Proof); diff != "" {
		t.Error(diff)
	}
}

// TestFollow gives or refuses a consent of a person who had another token under the previous
// key, and checks what becomes of an older consent.
func TestFollow(t *testing.T) {
	t.Parallel()
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
