package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

func FuzzPerson(f *testing.F) {
	for _, seed := range []string{
		`{"name":"张三","id_number":"11010519491231002X"}`, `{"name":"测试","id_number":"1","guardian":{"name":"张三","id_number":"2","relation":"母亲"}}`,
		`{"name":"张三","values":{"branch":"x"}}`, `{"name":"张三","guardian":{"name":"李四","name":"张三"}}`, `{"guardian":[]}`, `{"values":{"a":1}}`,
		"\ufeff{}", `{}`, `[]`, `{"name":"\ud800"}`, `{"mobile":"1"}`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := decodePerson(text)
		if err == nil {
			return
		}
		if !reflect.DeepEqual(p, person{}) {
			t.Error("a person beside an error")
		}
		_, same := decodePerson([]byte("x"))
		if err.Error() != same.Error() {
			t.Errorf("the error depends on the input: %v", err)
		}
	})
}

func TestSameName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, typed, given string
		want               bool
	}{
		{"the same", "张三", "张三", true},
		{"with spaces", " 张 三 ", "张三", true},
		{"another dot", "买买提.吐尔逊", "买买提·吐尔逊", true},
		{"another", "张", "张三", false},
		{"empty", "", "", false},
		{"no name", "yes1", "yes1", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := sameName(idv.NewSensitive(test.typed), idv.NewSensitive(test.given)); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestGuardianDecides: for a child the guardian's name gives consent, the child's does not.
func TestGuardianDecides(t *testing.T) {
	t.Parallel()
	child, mother := idv.NewSensitive("测试"), idv.NewSensitive("张三")
	d := consents.Draft{Subject: idv.Subject{Name: child}}
	if !decidingName(&d).Equal(child) {
		t.Error("an adult does not decide alone")
	}
	d.Guardian = &consents.Guardian{Subject: idv.Subject{Name: mother}}
	if !decidingName(&d).Equal(mother) {
		t.Error("the child decides")
	}
}

// TestExpiredIsShown: a consent is shown as expired also before the store records it.
func TestExpiredIsShown(t *testing.T) {
	t.Parallel()
	given := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	r := consent.Record{ID: "con_1", State: consent.Given, PresentedAt: given.Add(-time.Minute), DecidedAt: given, Valid: 24 * time.Hour}
	c, out := printing(words.EN)
	c.printConsent(&r)
	if !strings.HasPrefix(out.String(), "con_1: expired; no verification may use it\n") || !strings.Contains(out.String(), "valid until 2026-03-02 18:00:00+08:00") {
		t.Errorf("got\n%s", out)
	}
}

// TestEveryStateHasWords fails for a state that was added without a text.
func TestEveryStateHasWords(t *testing.T) {
	t.Parallel()
	for _, s := range []consent.State{
		consent.Drafted, consent.Presented, consent.Given, consent.Refused, consent.Withdrawn, consent.Expired, consent.Superseded,
	} {
		if text := stateText(s); text.EN == "" || text.ZH == "" {
			t.Errorf("%s has no text", s)
		}
	}
}
