package engine_test

import (
	"context"
	"testing"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
)

// TestConsentBindsTheName: a consent covers the name that the notice showed, in every
// spelling of it, and no other name of the same number.
func TestConsentBindsTheName(t *testing.T) {
	t.Parallel()
	const agreed = "阿卜杜拉·买买提"
	for _, test := range []struct {
		name, bound, sent, want string
	}{
		{"the same", agreed, agreed, ""},
		{"another dot", agreed, "阿卜杜拉•买买提", ""},
		{"a wide dot and spaces", agreed, " 阿卜杜拉\u3000・ 买买提 ", ""},
		{"invisible characters", agreed, "阿卜杜拉·\u200b买买提", ""},
		{"full width and small letters", "JOHN SMITH", "Ｊｏｈｎ  smith", ""},
		{"another name", agreed, "测试", "consent.other_name"},
		{"a part of it", agreed, "阿卜杜拉", "consent.other_name"},
		{"one character more", "张三", "张三三", "consent.other_name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGuarded(t, nil)
			r := enginetest.Request()
			r.Subject.Name = idv.NewSensitive(test.bound)
			record := enginetest.Draft(g.ring, r, "a Ltd", "b Ltd")
			r.ConsentID = enginetest.Give(t, g.store, record)
			r.Subject.Name = idv.NewSensitive(test.sent)
			if _, err := g.Explain(t.Context(), r); rule(err) != test.want {
				t.Errorf("Explain: %v, want %q", err, test.want)
			}
			v, err := g.Verify(t.Context(), r)
			if rule(err) != test.want || test.want == "" && (err != nil || v.Verdict != idv.Match) {
				t.Errorf("Verify: %v, %v, want %q", v.Verdict, err, test.want)
			}
			if p := engine.ProblemOf(err); test.want != "" && (g.asked() != 0 || p.Failure != idv.Denied || p.Field != idv.FieldConsentID || p.Called) {
				t.Errorf("%d calls, problem %+v", g.asked(), p)
			}
		})
	}
}

// TestUnboundConsent: a consent of a version that did not bind the name stays valid for its
// number.
func TestUnboundConsent(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, nil)
	r := enginetest.Request()
	record := enginetest.Draft(g.ring, r, "a Ltd", "b Ltd")
	record.Name = ""
	r.ConsentID = enginetest.Give(t, g.store, record)
	for _, name := range []string{"张三", "测试"} {
		r.Subject.Name = idv.NewSensitive(name)
		if v, err := g.Verify(t.Context(), r); err != nil || v.Verdict != idv.Match {
			t.Errorf("%v, %v", v.Verdict, err)
		}
	}
	r.Subject.IDNumber = idv.NewSensitive(others[0])
	if _, err := g.Verify(t.Context(), r); rule(err) != string("consent."+consent.OtherPerson) {
		t.Errorf("another number: %v", err)
	}
}

// TestNameOfConsentIsNotGuessed: a refusal says whether the name is that of the consent, so
// names that are tried count as enumeration.
func TestNameOfConsentIsNotGuessed(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(context.Context, *guarded, idv.Request) error{
		"Verify":  func(ctx context.Context, g *guarded, r idv.Request) error { _, err := g.Verify(ctx, r); return err },
		"Explain": func(ctx context.Context, g *guarded, r idv.Request) error { _, err := g.Explain(ctx, r); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			heard := siren{}
			g := watched(t, heard, abuse.Config{})
			r := g.agreed(t)
			told := 0
			for _, name := range []string{"测一", "测二", "测三", "测四", "测五", "测六", "测七", "测八", "测九", "测十"} {
				r.Subject.Name = idv.NewSensitive(name)
				switch err := ask(t.Context(), g, r); {
				case rule(err) == "consent.other_name":
					told++
				case idv.FailureOf(err) != idv.SubjectLimited:
					t.Errorf("%v", err)
				}
			}
			if told == 0 || told > 5 || heard[abuse.NamesPerNumber] == 0 || g.asked() != 0 {
				t.Errorf("%d names were refused as other names, alarms %v, %d calls", told, heard, g.asked())
			}
		})
	}
}
