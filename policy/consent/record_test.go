package consent_test

import (
	"errors"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// start is when the drafts of the tests are made.
func start() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) }

// at is so many seconds after the draft.
func at(seconds int) time.Time { return start().Add(time.Duration(seconds) * time.Second) }

// draft is a whole draft: an hour long valid, good for two verifications.
func draft() consent.Record {
	return consent.Record{
		ID: "c1", Tenant: "bank", App: "app", Subject: "k1:someone", Purpose: "account",
		Notice: consent.Notice{Name: "letter", Version: "3", Language: "zh-CN", Template: "sha256:aa", Text: "sha256:bb"},
		Items:  []idv.Claim{idv.ClaimName, idv.ClaimIDNumber},
		Recipients: []consent.Party{
			{Name: "甲方数据有限公司", Contact: "a@example.com"}, {Name: "乙方数据有限公司", Contact: "b@example.com"},
		},
		Controller: consent.Party{Name: "某银行", Contact: "95000"},
		MaxUses:    2, Valid: time.Hour, State: consent.Drafted, DraftedAt: start(),
	}
}

// given is a draft that was presented at second 1 and agreed to at second 2.
func given(t *testing.T) consent.Record {
	t.Helper()
	r := draft()
	apply(t, &r, consent.Event{Kind: consent.Present, Proof: consent.Proof{Channel: "web"}}, at(1))
	apply(t, &r, agreement(), at(2))
	return r
}

func agreement() consent.Event {
	return consent.Event{Kind: consent.Give, Text: "sha256:bb", Proof: consent.Proof{Action: consent.Checkbox}}
}

func apply(t *testing.T, r *consent.Record, e consent.Event, now time.Time) {
	t.Helper()
	if err := r.Apply(e, now); err != nil {
		t.Fatalf("%s: %v", e.Kind, err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*consent.Record)
		ok    bool
	}{
		{"whole", func(*consent.Record) {}, true},
		{"no id", func(r *consent.Record) { r.ID = "" }, false},
		{"presented already", func(r *consent.Record) { r.State = consent.Presented }, false},
		{"no subject", func(r *consent.Record) { r.Subject = "" }, false},
		{"no purpose", func(r *consent.Record) { r.Purpose = "" }, false},
		{"no text", func(r *consent.Record) { r.Notice.Text = "" }, false},
		{"no template", func(r *consent.Record) { r.Notice.Template = "" }, false},
		{"no data", func(r *consent.Record) { r.Items = nil }, false},
		{"no recipient", func(r *consent.Record) { r.Recipients = nil }, false},
		{"nameless recipient", func(r *consent.Record) { r.Recipients = []consent.Party{{Contact: "a"}} }, false},
		{"recipient out of reach", func(r *consent.Record) { r.Recipients = []consent.Party{{Name: "a"}} }, false},
		{"nameless controller", func(r *consent.Record) { r.Controller.Name = "" }, false},
		{"controller out of reach", func(r *consent.Record) { r.Controller.Contact = "" }, false},
		{"unlimited uses", func(r *consent.Record) { r.MaxUses = 0 }, false},
		{"unlimited time", func(r *consent.Record) { r.Valid = 0 }, false},
		{"no time", func(r *consent.Record) { r.DraftedAt = time.Time{} }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := draft()
			test.spoil(&r)
			err := r.Validate()
			if (err == nil) != test.ok {
				t.Fatalf("got %v, want whole %v", err, test.ok)
			}
			var e *idv.Error
			if err != nil && (!errors.As(err, &e) || e.Code != "consent.incomplete" || e.Failure != idv.InvalidInput) {
				t.Errorf("got %#v, want an invalid input with the code consent.incomplete", err)
			}
		})
	}
}

func TestReplaces(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*consent.Record)
		want  bool
	}{
		{"the same matter", func(*consent.Record) {}, true},
		{"itself", func(r *consent.Record) { r.ID = "c2" }, false},
		{"another tenant", func(r *consent.Record) { r.Tenant = "shop" }, false},
		{"another person", func(r *consent.Record) { r.Subject = "k1:other" }, false},
		{"another app", func(r *consent.Record) { r.App = "other" }, false},
		{"another purpose", func(r *consent.Record) { r.Purpose = "loan" }, false},
		{"withdrawn", func(r *consent.Record) { r.State = consent.Withdrawn }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			newer, older := draft(), given(t)
			newer.ID = "c2"
			test.spoil(&older)
			if got := newer.Replaces(&older); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	t.Run("without a subject", func(t *testing.T) {
		newer, older := draft(), given(t)
		newer.ID, newer.Subject, older.Subject = "c2", "", ""
		if newer.Replaces(&older) {
			t.Error("two erased consents are not known to be one person's")
		}
	})
}

func TestForbids(t *testing.T) {
	t.Parallel()
	refused := draft()
	apply(t, &refused, consent.Event{Kind: consent.Present}, at(1))
	apply(t, &refused, consent.Event{Kind: consent.Refuse}, at(2))
	tests := []struct {
		name  string
		spoil func(old, next *consent.Record)
		pause time.Duration
		now   time.Time
		want  bool
	}{
		{"within the pause", func(_, _ *consent.Record) {}, time.Minute, at(61), true},
		{"after the pause", func(_, _ *consent.Record) {}, time.Minute, at(62), false},
		{"no pause", func(_, _ *consent.Record) {}, 0, at(3), false},
		{"not refused", func(old, _ *consent.Record) { old.State = consent.Withdrawn }, time.Minute, at(3), false},
		{"under a new key of the ring", func(old, next *consent.Record) {
			next.Subject, next.Older = "k2:someone", []idv.SubjectToken{old.Subject}
		}, time.Minute, at(61), true},
		{"another person", func(_, next *consent.Record) { next.Subject = "k1:other" }, time.Minute, at(3), false},
		{"another tenant", func(_, next *consent.Record) { next.Tenant = "shop" }, time.Minute, at(3), false},
		{"another app", func(_, next *consent.Record) { next.App = "other" }, time.Minute, at(3), false},
		{"another purpose", func(_, next *consent.Record) { next.Purpose = "loan" }, time.Minute, at(3), false},
		{"without a subject", func(old, next *consent.Record) { old.Subject, next.Subject = "", "" }, time.Minute, at(3), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			old, next := refused, draft()
			test.spoil(&old, &next)
			if got := old.Forbids(&next, test.pause, test.now); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestModeWords(t *testing.T) {
	t.Parallel()
	for _, mode := range []consent.Mode{consent.Required, consent.External, consent.Off} {
		if got, ok := consent.ParseMode(mode.String()); !ok || got != mode {
			t.Errorf("%s: got %v, %v", mode, got, ok)
		}
	}
	if got, ok := consent.ParseMode("OFF"); ok || got != consent.Required {
		t.Errorf("an unknown word gives %v, %v; want the cautious mode and false", got, ok)
	}
	if got := consent.Mode(9).String(); got != "invalid" {
		t.Errorf("got %q, want invalid", got)
	}
}

func TestFaultsAreDenied(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range consent.Faults() {
		help := f.Help()
		if help.ZH == "" || help.EN == "" || seen[help.EN] {
			t.Errorf("%s: its help is missing or another's", f)
		}
		seen[help.EN] = true
		var e *idv.Error
		if !errors.As(f, &e) {
			t.Fatalf("%s is no *idv.Error", f)
		}
		if e.Failure != idv.Denied || e.Delivery != idv.NotSent || e.Charge != idv.NotCharged || e.Code != "consent."+string(f) || e.Field != idv.FieldConsentID {
			t.Errorf("%s: got %+v", f, *e)
		}
	}
	if len(seen) != 23 {
		t.Errorf("%d faults are listed, want 23", len(seen))
	}
}

func TestNamesOfRecipients(t *testing.T) {
	t.Parallel()
	r := draft()
	for _, name := range r.RecipientNames() {
		if !r.Names(name) {
			t.Errorf("%s is listed and not named", name)
		}
	}
	if r.Names("") || r.Names("甲方数据") {
		t.Error("a part of a name, or none, is a recipient's")
	}
}
