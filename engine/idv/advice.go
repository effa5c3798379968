package idv

import (
	"slices"
	"time"
)

// Advice is a next step for the caller or the person, in neutral words.
type Advice struct {
	Code string
	ZH   string
	EN   string
	At   time.Time // when the step can help; zero if unknown
	Date string    // the first day on which the step can help, as 2026-12-28 in China; "" for any
}

// ConsentForRetry is the advice that follows RetryLater if the consent does not last for a
// verification then.
func ConsentForRetry() Advice {
	return Advice{
		Code: "ask_consent", ZH: "本次授权届时已失效或次数已用完，重新核验前请再次取得本人同意。",
		EN: "The consent will have ended or been used up by then; obtain a new one before that verification.",
	}
}

// RetryLater is the code of the advice to try again later.
const RetryLater = "retry_later"

// AdviceRow says what is advised after an outcome. docs/errors.md is printed from the rows.
type AdviceRow struct {
	Verdict  Verdict      // of the verification, or
	Failures []Failure    // one of which is why it has none
	Skipped  []SkipReason // the row counts if a provider of the route cannot be called for one of these reasons; empty: always
	Advice   []Advice
}

// AdviceRows returns the rows in their order. The first one that fits an outcome counts.
//
// A step is advised only where it can help: "try again later" not where every provider
// waits for the operator, and no one asks the person to correct data that no provider of
// the route takes.
func AdviceRows() []AdviceRow {
	return append(append(verdictRows(), obstacleRows()...),
		AdviceRow{Failures: []Failure{InvalidInput}, Advice: []Advice{{
			Code: "check_spelling", ZH: "数据源认为姓名或号码格式不正确，请核对后再提交。",
			EN: "The source does not accept the form of the name or a number; compare them with the document or card.",
		}}},
		AdviceRow{Failures: []Failure{Denied}, Advice: []Advice{{
			Code: "ask_consent", ZH: "授权在核验过程中失效，未再调用其他供应商；如需继续，请重新取得本人同意。",
			EN: "The consent ended during the verification, so no other provider was called; obtain a new consent to continue.",
		}}},
		AdviceRow{Failures: []Failure{SubjectLimited}, Advice: []Advice{{
			Code: "retry_tomorrow", ZH: "该证件今日核验次数已达上限，请明天再试。",
			EN: "The limit of verifications of this person is reached for today; try again tomorrow.",
		}}},
		AdviceRow{Failures: []Failure{PartialMatch}, Advice: []Advice{
			{
				Code: "check_fields", ZH: "部分要素与数据源一致，部分不一致或未比对；请按 fields 核对后再提交。",
				EN: "Some of the claims agree with the register, others differ or were not compared; check those that fields names, then submit again.",
			},
			{Code: "manual_review", ZH: "如确认无误，请走人工核验。", EN: "If all are right, review the document manually."},
		}},
		AdviceRow{Failures: []Failure{Canceled}, Advice: []Advice{{
			Code: "same_key", ZH: "请求已取消；如需结果，请使用相同的 Idempotency-Key 重新请求。",
			EN: "The request was canceled; repeat it with the same Idempotency-Key to get its result.",
		}}},
		AdviceRow{Failures: []Failure{Garbled, FailureUnknown, Internal}, Advice: []Advice{{
			Code: "contact_operator", ZH: "本次核验未得到可信结果，请联系运营方并提供核验编号。",
			EN: "There is no reliable result; report the id of the verification to the operator.",
		}}},
	)
}

// obstacleRows returns the rows of failures of the vendors. What helps depends on why the
// providers cannot be called, the most hopeful reason first.
func obstacleRows() []AdviceRow {
	f := []Failure{Maintenance, Unavailable, Timeout, Throttled, QuotaExhausted, BadCredentials, Unsupported}
	return []AdviceRow{
		{Failures: f, Skipped: []SkipReason{SkipNone, SkipMaintenance, SkipScheduledMaintenance, SkipThrottled, SkipBreakerOpen, SkipTrialRunning, SkipBusy, SkipRecovering, SkipDrained, SkipPluginNotReady}, Advice: []Advice{{
			Code: RetryLater, ZH: "核验服务暂不可用，与您提交的信息无关，请稍后再试。",
			EN: "The service cannot answer now; this has nothing to do with the data. Try again later.",
		}}},
		{Failures: f, Skipped: []SkipReason{SkipNotConsented}, Advice: []Advice{{
			Code: "ask_consent", ZH: "能够核验的供应商不在本人同意的接收方之列；如需继续，请就其取得本人同意。",
			EN: "The consent does not name the recipients that could answer; obtain a consent that names them.",
		}}},
		{Failures: f, Skipped: []SkipReason{SkipQuotaExhausted, SkipCredentials, SkipPolicy, SkipAlreadyAsked}, Advice: []Advice{{
			Code: "contact_operator", ZH: "核验服务须由运营方处理后才能恢复，与您提交的信息无关；在此之前重试没有作用。",
			EN: "The operator must put the service in order first; this has nothing to do with the data, and trying again does not help before.",
		}}},
		{Failures: f, Skipped: []SkipReason{SkipUnsupportedName}, Advice: []Advice{{
			Code: "give_full_name", ZH: "数据源分别比对名与姓；请按证件填写完整的名和姓，并以空格分开。",
			EN: "The source compares given and family name apart; give both as on the document, with a space between.",
		}}},
		{Failures: f, Skipped: []SkipReason{SkipUnsupportedScript}, Advice: []Advice{{
			Code: "verify_manually", ZH: "没有供应商支持姓名中的字符（如生僻字）；请改用人工核验。",
			EN: "No provider can read the characters of the name; verify it manually.",
		}}},
		{Failures: f, Skipped: []SkipReason{SkipUnsupportedDocument}, Advice: []Advice{{
			Code: "other_document", ZH: "没有供应商支持此类证件；请改用其他证件，或改用人工核验。",
			EN: "No provider takes this kind of document; use another document, or verify it manually.",
		}}},
		{Failures: f, Skipped: []SkipReason{SkipUnsupportedCheck}, Advice: []Advice{{
			Code: "other_check", ZH: "没有供应商支持此核验项；请改用其他核验项，或联系运营方添加供应商。",
			EN: "No provider answers this check; use another check, or ask the operator to add a provider.",
		}}},
	}
}

func verdictRows() []AdviceRow {
	var rows []AdviceRow
	for _, v := range []Verdict{Match, Mismatch, NoRecord, MismatchOrNoRecord} {
		rows = append(rows, AdviceRow{Verdict: v, Advice: verdictAdvice(v)})
	}
	return rows
}

// verdictAdvice returns the next steps after a verdict. The guide of idcert names nine
// innocent causes of a missing record (a moved household, military service, a new name, a
// late report of the local police …), so no record is never worded as a failure of the person.
func verdictAdvice(v Verdict) []Advice {
	switch v {
	case Mismatch:
		return []Advice{
			{Code: "check_spelling", ZH: "请核对所填信息是否与证件、银行卡一致后再提交。", EN: "Compare name and number with the document or card, then submit again."},
			{Code: "manual_review", ZH: "如确认无误，请走人工核验。", EN: "If both are right, review the document manually."},
		}
	case NoRecord:
		return []Advice{
			{
				Code: "no_record_is_neutral",
				ZH:   "数据源暂无可比对的记录，这不代表信息有误。常见原因：户口迁移、现役或刚退役军人、更名、证件换发等尚未更新。",
				EN: "The register holds no record to compare with. This is not a sign of wrong data: a moved household, military service, " +
					"a new name or a renewed card may not have been reported yet.",
			},
			{Code: RetryLater, ZH: "可在数周后重试。", EN: "Try again in a few weeks."},
			{Code: "manual_review", ZH: "可改用人工核验或其他证明材料。", EN: "Offer a manual review, or accept other documents."},
		}
	case MismatchOrNoRecord:
		return append([]Advice{{
			Code: "check_spelling", ZH: "现有答复无法区分不一致与库无，请先核对所填信息。",
			EN: "What the sources answer does not tell a mismatch from a missing record; compare what was entered first.",
		}}, verdictAdvice(NoRecord)...)
	}
	return nil
}

// Advise returns the next steps after a verdict, or after a failure if the verdict is
// Undetermined. obstacles holds for each provider of the route why it cannot be called
// now, and SkipNone for one that can.
func Advise(v Verdict, f Failure, obstacles []SkipReason) []Advice {
	if v != Undetermined {
		return verdictAdvice(v)
	}
	for _, row := range AdviceRows() {
		if row.Verdict == Undetermined && slices.Contains(row.Failures, f) && row.fits(obstacles) {
			return row.Advice
		}
	}
	return nil
}

func (r *AdviceRow) fits(obstacles []SkipReason) bool {
	if len(r.Skipped) == 0 {
		return true
	}
	for _, o := range obstacles {
		if slices.Contains(r.Skipped, o) {
			return true
		}
	}
	return false
}

// NoCall returns why a verification has no verdict if no provider of its route could be
// called: Unsupported if none of them answers this check or takes this document, else
// Unavailable.
func NoCall(obstacles []SkipReason) Failure {
	for _, o := range obstacles {
		if o != SkipUnsupportedCheck && o != SkipUnsupportedDocument {
			return Unavailable
		}
	}
	if len(obstacles) == 0 {
		return Unavailable
	}
	return Unsupported
}

// CodeNameParts is the code of a call that was not sent since the vendor takes given and
// family name apart and the name has one word.
const CodeNameParts = "given_and_family_name"

// Obstacle returns why the provider of a failed call cannot be called again now, see
// [Failure.Obstacle].
func (a *Attempt) Obstacle() SkipReason {
	if a.Failure == Unsupported && a.VendorCode == CodeNameParts && a.Origin == OriginEngine {
		return SkipUnsupportedName
	}
	return a.Failure.Obstacle()
}

// Obstacle returns why a provider whose call failed cannot be called again now: the reason
// that its gate closes for, SkipUnsupportedDocument if it does not take the document, else
// SkipNone.
func (f Failure) Obstacle() SkipReason {
	switch f {
	case Maintenance:
		return SkipMaintenance
	case QuotaExhausted:
		return SkipQuotaExhausted
	case BadCredentials:
		return SkipCredentials
	case Throttled:
		return SkipThrottled
	case Unsupported:
		return SkipUnsupportedDocument
	}
	return SkipNone
}
