package main

import (
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// refusal is the JSON of a request that was not put to anybody.
type refusal struct {
	Failure string `json:"failure"`
	Field   string `json:"field,omitempty"`
	Rule    string `json:"rule,omitempty"`
	Message string `json:"message"`
}

// refuse tells of a request that ended before any call: 4 if it is the request's
// fault or forbidden, 70 if it is heyan's.
func (t *tool) refuse(err error, asJSON bool) error {
	e := idv.AsError(err)
	code := refusalCode(e.Failure)
	message := t.refusalText(e)
	if asJSON {
		t.out.JSON(map[string]refusal{"error": {e.Failure.String(), e.Field.String(), e.Code, message}})
		return silent(code)
	}
	where := e.Failure.String()
	for _, part := range []string{flagOf(e.Field), e.Code} {
		if part != "" {
			where += ", " + part
		}
	}
	frame := words.Text{EN: "refused before any call, nothing was paid (%s): %s", ZH: "未发起任何调用，未产生费用（%s）：%s"}
	if e.Sent != idv.NotSent {
		frame = words.Text{EN: "no result (%s): %s", ZH: "没有结果（%s）：%s"}
	}
	return &ending{code: code, err: fmt.Errorf(frame.In(t.lang), where, message)}
}

// refusalCode returns 4 for what the request or a limit is the cause of, else 70.
func refusalCode(f idv.Failure) int {
	switch f {
	case idv.InvalidInput, idv.Unsupported, idv.Denied, idv.SubjectLimited, idv.QuotaExhausted:
		return exitRefused
	default:
		return exitInternal
	}
}

// refusalText says what is wrong and what to do: by the local rule if one was
// broken, else by the failure.
func (t *tool) refusalText(e *idv.Error) string {
	if help := identity.Reason(e.Code).Help(); e.Failure == idv.InvalidInput && help.EN.Cause != "" {
		return words.Text{
			EN: help.EN.Cause + " " + help.EN.Remedy,
			ZH: help.ZH.Cause + help.ZH.Remedy,
		}.In(t.lang)
	}
	help := e.Failure.Help()
	return words.Text{EN: help.CauseEN + " " + help.RemedyEN, ZH: help.CauseZH + help.RemedyZH}.In(t.lang)
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
