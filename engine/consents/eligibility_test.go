package consents_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
)

// TestUselessConsentIsNotDrafted: a consent that the engine would refuse later is refused
// before a person reads a notice.
func TestUselessConsentIsNotDrafted(t *testing.T) {
	t.Parallel()
	purposes, err := policy.NewPurposes([]policy.Purpose{
		{Name: "open", Apps: []string{"app"}}, {Name: "adults", Minors: policy.MinorsDeny},
		{Name: "duty", Basis: policy.ByStatutoryDuty, Reference: "art. 1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		spoil func(*consents.Draft)
		want  string
	}{
		{"listed", func(*consents.Draft) {}, ""},
		{"a purpose that is not listed", func(d *consents.Draft) { d.Purpose = "opne" }, policy.RulePurpose},
		{"another app's", func(d *consents.Draft) { d.App = "game" }, policy.RulePurposeOfApp},
		{"another basis", func(d *consents.Draft) { d.Purpose = "duty" }, "another basis in law"},
		{"a child where the purpose excludes minors", func(d *consents.Draft) {
			d.Purpose, d.Subject.IDNumber = "adults", idv.NewSensitive("110105202001010015")
			d.Guardian = &consents.Guardian{Subject: enginetest.Person(), Relation: "母亲"}
		}, policy.RuleMinor},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, d := newFixture(t), draft()
			b.Purposes = purposes
			test.spoil(&d)
			_, err := b.Draft(t.Context(), d)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// alarms counts events.
type alarms map[abuse.Dimension]int

func (a alarms) Alarm(e abuse.Event) { a[e.Dimension]++ }

// TestHoneytokenInDraft: a draft raises the alarm for a honeytoken, also for one that the
// local check rejects.
func TestHoneytokenInDraft(t *testing.T) {
	t.Parallel()
	for name, number := range map[string]string{"well-formed": "110105199003070113", "a date of birth in the future": "110101203001010014"} {
		t.Run(name, func(t *testing.T) {
			b, d, raised := newFixture(t), draft(), alarms{}
			honeytokens, err := abuse.NewHoneytokens(b.ring, map[idv.Tenant][]idv.Sensitive{d.Tenant: {idv.NewSensitive(number)}})
			if err != nil {
				t.Fatal(err)
			}
			if b.Abuse, err = abuse.New(abuse.Config{Indexer: b.ring, Honeytokens: honeytokens, Alarms: raised}); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Draft(t.Context(), d); err != nil {
				t.Fatalf("another person: %v", err)
			}
			d.Subject.IDNumber = idv.NewSensitive(number)
			if _, err := b.Draft(t.Context(), d); idv.FailureOf(err) != idv.SubjectLimited || raised[abuse.HoneytokenUsed] != 1 {
				t.Errorf("%v, alarms %v", err, raised)
			}
		})
	}
}
