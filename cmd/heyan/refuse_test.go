package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
	"github.com/heyan-id/heyan/policy/rules"
)

// printing is a tool that prints into a buffer.
func printing(lang words.Lang) (*tool, *bytes.Buffer) {
	var out bytes.Buffer
	return &tool{out: terminal.NewPrinter(&out), stderr: &out, lang: lang}, &out
}

// TestEveryFaultOfAConsentIsTold: from the gate in the store it comes as an *idv.Error,
// from policy as a denial; the reader is told the same.
func TestEveryFaultOfAConsentIsTold(t *testing.T) {
	for _, fault := range consent.Faults() {
		var gate *idv.Error
		if !errors.As(fault.Unwrap(), &gate) {
			t.Fatal("a fault is no *idv.Error")
		}
		denial := &policy.Denial{Failure: idv.Denied, Field: idv.FieldConsentID, Decision: policy.Deny(policy.Reason{
			Rule: consent.RulePrefix + string(fault), ZH: fault.Help().ZH, EN: fault.Help().EN,
		})}
		for lang, want := range map[words.Lang]string{words.EN: fault.Help().EN, words.ZH: fault.Help().ZH} {
			for name, err := range map[string]error{"gate": gate, "policy": denial, "desk": fault} {
				tool, _ := printing(lang)
				told := tool.refuse(err, false)
				var e *ending
				if !errors.As(told, &e) || e.code != exitRefused || !strings.Contains(e.Error(), want) || !strings.Contains(e.Error(), "consent."+string(fault)) {
					t.Errorf("%s: %s: %v", name, fault, told)
				}
			}
		}
	}
}

func TestRefusalCode(t *testing.T) {
	refused := map[idv.Failure]bool{
		idv.InvalidInput: true, idv.Unsupported: true, idv.Denied: true, idv.SubjectLimited: true, idv.Throttled: true, idv.QuotaExhausted: true,
	}
	for _, f := range idv.Failures() {
		want := exitInternal
		if refused[f] {
			want = exitRefused
		}
		if got := refusalCode(f); got != want {
			t.Errorf("%v: %d, want %d", f, got, want)
		}
	}
}

func TestRefuseDesk(t *testing.T) {
	incomplete := (&consent.Record{}).Validate()
	for _, test := range []struct {
		name string
		err  error
		code int
		want string
	}{
		{"unknown id", fmt.Errorf("store: %w", consent.ErrNotFound), exitUsage, "there is no such consent"},
		{"text gone", consents.ErrText, exitUsage, "cannot be made again"},
		{"erased", consent.ErrErased, exitRefused, "consent.erased): Its person was erased"},
		{"blanks", notice.Faults{{Blank: "branch", Message: "is missing"}, {Blank: "desk", Message: "is missing"}}, exitRefused, "branch: is missing\ndesk: is missing"},
		{"a part is missing", incomplete, exitRefused, "the consent lacks id and state"},
		{"the caller's draft", &idv.Error{Failure: idv.InvalidInput, Origin: idv.OriginCaller, Code: "consent_draft", Detail: "say so"}, exitRefused, "say so"},
		{"the store", store.ErrUnwritable, exitInternal, "the store cannot write"},
		{"heyan's own", &idv.Error{Failure: idv.Internal, Detail: "it broke"}, exitInternal, "it broke"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tool, _ := printing(words.EN)
			told := tool.refuseDesk(test.err, false)
			var e *ending
			if !errors.As(told, &e) || e.code != test.code || !strings.Contains(e.Error(), test.want) {
				t.Errorf("got %v, want code %d and %q", told, test.code, test.want)
			}
		})
	}
}

// TestReusedAnswersSaySo: a result that nobody was asked for must not look like one
// that somebody was.
func TestReusedAnswersSaySo(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.Local)
	v := idv.Verification{ID: "ver_2", Verdict: idv.Match, Basis: "contract", Reused: &idv.Reuse{Verification: "ver_1", At: at, Until: at.Add(time.Hour)}}
	for lang, want := range map[words.Lang][]string{
		words.EN: {"re-used     nobody was asked: the answer of ver_1, given at 2026-03-01 10:00:00, stands until 2026-03-01 11:00:00", "legal basis contract"},
		words.ZH: {"未发起调用：沿用 ver_1 的结果", "法律依据    contract"},
	} {
		tool, out := printing(lang)
		tool.printVerification(v)
		for _, text := range want {
			if !strings.Contains(out.String(), text) {
				t.Errorf("not told %q:\n%s", text, out)
			}
		}
	}
}

func TestFaultsOf(t *testing.T) {
	own := config.Faults{{Path: "listen", Message: "is taken"}, {Path: "grace", Message: "is short"}}
	ruled := rules.Faults{{File: "a.yaml", Line: 3, Column: 12, Message: "wrong"}}
	noticed := notice.Faults{{File: "b.md", Line: 1, Column: 2, Message: "wrong"}}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"none", nil, ""},
		{"one", own[:1], "listen: is taken"},
		{"two", own, "\nlisten: is taken\ngrace: is short"},
		{"of files, in joins", errors.Join(fmt.Errorf("policy.rules: %w", ruled), errors.Join(fmt.Errorf("x: %w", noticed), own[:1])),
			"\npolicy.rules: a.yaml:3:12: wrong\npolicy.consent.notices: b.md:1:2: wrong\nlisten: is taken"},
		{"of the surroundings", fmt.Errorf("store: %w", errors.Join(errors.New("a"), errors.New("b"))), "store: a\nb"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := faultLines(test.err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
