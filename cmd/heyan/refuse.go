package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// refusal is the JSON of a request that was not put to anybody.
type refusal struct {
	Failure string          `json:"failure"`
	Field   string          `json:"field,omitempty"`
	Rule    string          `json:"rule,omitempty"` // the first of Rules, or the local rule of a claim
	Message string          `json:"message"`
	Rules   []policy.Reason `json:"rules,omitempty"`               // of policy, which denied it
	Retry   int64           `json:"retry_after_seconds,omitempty"` // if it may be asked again later
}

// refuse tells of a request that ended before any call: 4 if it is the request's
// fault or forbidden, 70 if it is heyan's.
func (t *tool) refuse(err error, asJSON bool) error {
	frame := words.Text{EN: "refused before any call, nothing was paid (%s): %s", ZH: "未发起任何调用，未产生费用（%s）：%s"}
	e := idv.AsError(err)
	if e.Delivery != idv.NotSent {
		frame = words.Text{EN: "no result (%s): %s", ZH: "没有结果（%s）：%s"}
	}
	return t.tellRefusal(err, frame, flagOf(e.Field), asJSON)
}

// tellRefusal prints a refusal, to people in a frame that takes where and why. The
// flag is the one that sets the field at fault.
func (t *tool) tellRefusal(err error, frame words.Text, flag string, asJSON bool) error {
	e, reasons := idv.AsError(err), api.Reasons(err)
	code := refusalCode(e.Failure)
	message := t.refusalText(e, reasons)
	if asJSON {
		retry := int64((e.Retry + time.Second - 1) / time.Second)
		t.out.JSON(map[string]refusal{"error": {e.Failure.String(), e.Field.String(), e.Code, message, reasons, retry}})
		return silent(code)
	}
	where := e.Failure.String()
	for _, part := range append([]string{flag}, ruleIDs(e, reasons)...) {
		if part != "" {
			where += ", " + part
		}
	}
	if e.Retry > 0 {
		message += fmt.Sprintf(words.Text{EN: " It may be asked again in %s.", ZH: "%s后可再次提出。"}.In(t.lang), e.Retry.Round(time.Second))
	}
	return &ending{code: code, err: fmt.Errorf(frame.In(t.lang), where, message)}
}

// ruleIDs names the rules that refused.
func ruleIDs(e *idv.Error, reasons []policy.Reason) []string {
	if len(reasons) == 0 {
		return []string{e.Code}
	}
	var ids []string
	for _, r := range reasons {
		ids = append(ids, r.Rule)
	}
	return ids
}

// refusalCode returns 4 for what the request or a limit is the cause of, else 70.
func refusalCode(f idv.Failure) int {
	switch f {
	case idv.InvalidInput, idv.Unsupported, idv.Denied, idv.SubjectLimited, idv.Throttled, idv.QuotaExhausted:
		return exitRefused
	default:
		return exitInternal
	}
}

// refusalText says what is wrong and what to do: by the rules of policy that denied,
// by the local rule that was broken, or else by the failure.
func (t *tool) refusalText(e *idv.Error, reasons []policy.Reason) string {
	if len(reasons) > 0 {
		return t.reasonTexts(e, reasons)
	}
	if help := identity.Reason(e.Code).Help(); e.Failure == idv.InvalidInput && help.Cause.EN != "" {
		return words.Text{
			EN: help.Cause.EN + " " + help.Remedy.EN,
			ZH: help.Cause.ZH + help.Remedy.ZH,
		}.In(t.lang)
	}
	if e.Failure == idv.InvalidInput && e.Origin == idv.OriginCaller && e.Detail != "" {
		return e.Detail
	}
	help := e.Failure.Help()
	return words.Text{EN: help.Cause.EN + " " + help.Remedy.EN, ZH: help.Cause.ZH + help.Remedy.ZH}.In(t.lang)
}

// reasonTexts joins the reasons. Of a consent that lacks something only the detail
// says what.
func (t *tool) reasonTexts(e *idv.Error, reasons []policy.Reason) string {
	var texts []string
	for _, r := range reasons {
		texts = append(texts, words.Text{EN: r.EN, ZH: r.ZH}.In(t.lang))
	}
	if e.Code == consent.RulePrefix+string(consent.Incomplete) {
		texts = append(texts, e.Detail)
	}
	return strings.Join(texts, " ")
}

// flagOf returns the field with the flag that sets it.
func flagOf(f idv.Field) string {
	switch f {
	case idv.NoField:
		return ""
	case idv.FieldIDNumber:
		return "id_number (--id)"
	case idv.FieldConsentID:
		return "consent_id (--consent)"
	default:
		return f.String() + " (--" + strings.ReplaceAll(f.String(), "_", "-") + ")"
	}
}

// checkList lists the checks for help and errors.
func checkList() string {
	var list []string
	for _, c := range idv.Checks() {
		list = append(list, c.String())
	}
	return strings.Join(list, ", ")
}
