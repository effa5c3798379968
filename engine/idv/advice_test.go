package idv_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// A step is advised only where it can help.
func TestAdvise(t *testing.T) {
	t.Parallel()
	type skips = []idv.SkipReason
	tests := []struct {
		name      string
		verdict   idv.Verdict
		failure   idv.Failure
		obstacles skips
		want      string // the first step, "" for none
	}{
		{"match", idv.Match, 0, nil, ""},
		{"mismatch", idv.Mismatch, 0, nil, "check_spelling"},
		{"no record", idv.NoRecord, 0, nil, "no_record_is_neutral"},
		{"mismatch or no record", idv.MismatchOrNoRecord, 0, nil, "check_spelling"},
		{"one in maintenance", 0, idv.Maintenance, skips{idv.SkipMaintenance}, "retry_later"},
		{"one in maintenance, one used up", 0, idv.Unavailable, skips{idv.SkipQuotaExhausted, idv.SkipMaintenance}, "retry_later"},
		{"one used up, another not asked", 0, idv.QuotaExhausted, skips{idv.SkipQuotaExhausted, idv.SkipNone}, "retry_later"},
		{"used up", 0, idv.QuotaExhausted, skips{idv.SkipQuotaExhausted}, "contact_operator"},
		{"refused keys", 0, idv.BadCredentials, skips{idv.SkipCredentials, idv.SkipUnsupportedDocument}, "contact_operator"},
		{"barred by a rule", 0, idv.Unavailable, skips{idv.SkipPolicy, idv.SkipUnsupportedDocument}, "contact_operator"},
		{"not a recipient of the consent", 0, idv.Unavailable, skips{idv.SkipNotConsented, idv.SkipQuotaExhausted}, "ask_consent"},
		{"no document", 0, idv.Unsupported, skips{idv.SkipUnsupportedDocument, idv.SkipUnsupportedCheck}, "other_document"},
		{"no check", 0, idv.Unsupported, skips{idv.SkipUnsupportedCheck}, "other_check"},
		{"a timeout", 0, idv.Timeout, skips{idv.SkipNone}, "retry_later"},
		{"withdrawn", 0, idv.Denied, skips{idv.SkipNone}, "ask_consent"},
		{"limited", 0, idv.SubjectLimited, nil, "retry_tomorrow"},
		{"garbled", 0, idv.Garbled, nil, "contact_operator"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if list := idv.Advise(tt.verdict, tt.failure, tt.obstacles); len(list) > 0 {
				got = list[0].Code
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Every outcome has a row, whatever stands in the way, with texts in both languages.
func TestEveryOutcomeIsAdvised(t *testing.T) {
	t.Parallel()
	reasons := []idv.SkipReason{
		idv.SkipNone, idv.SkipUnsupportedCheck, idv.SkipUnsupportedDocument, idv.SkipMaintenance, idv.SkipQuotaExhausted, idv.SkipCredentials,
		idv.SkipThrottled, idv.SkipBreakerOpen, idv.SkipTrialRunning, idv.SkipBusy, idv.SkipRecovering, idv.SkipUnsupportedScript, idv.SkipDrained, idv.SkipPluginNotReady, idv.SkipNotConsented, idv.SkipPolicy, idv.SkipAlreadyAsked,
	}
	for _, f := range idv.Failures() {
		for _, reason := range reasons {
			list := idv.Advise(idv.Undetermined, f, []idv.SkipReason{reason})
			if len(list) == 0 {
				t.Errorf("%v with %q has no next step", f, reason)
			}
			for _, a := range list {
				if a.Code == "" || a.ZH == "" || a.EN == "" {
					t.Errorf("%v with %q: %+v lacks a text", f, reason, a)
				}
			}
		}
	}
}

func TestNoCall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		obstacles []idv.SkipReason
		want      idv.Failure
	}{
		{"no provider", nil, idv.Unavailable},
		{"no check", []idv.SkipReason{idv.SkipUnsupportedCheck}, idv.Unsupported},
		{"no document or check", []idv.SkipReason{idv.SkipUnsupportedCheck, idv.SkipUnsupportedDocument}, idv.Unsupported},
		{"one used up", []idv.SkipReason{idv.SkipUnsupportedDocument, idv.SkipQuotaExhausted}, idv.Unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := idv.NoCall(tt.obstacles); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
