package engine

import "github.com/heyan-id/heyan/engine/idv"

// verdictAdvice returns the next steps after a verdict, in neutral words. The guide of idcert
// names nine innocent causes of a missing record (a moved household, military service, a
// new name, a late report of the local police …), so no record is never worded as a
// failure of the person.
func verdictAdvice(v idv.Verdict) []idv.Advice {
	switch v {
	case idv.Mismatch:
		return []idv.Advice{
			{Code: "check_spelling", ZH: "请核对姓名与证件号码是否与证件一致后再提交。", EN: "Compare name and number with the document, then submit again."},
			{Code: "manual_review", ZH: "如确认无误，请走人工核验。", EN: "If both are right, review the document manually."},
		}
	case idv.NoRecord:
		return noRecordAdvice()
	case idv.MismatchOrNoRecord:
		return append([]idv.Advice{{
			Code: "check_spelling", ZH: "该数据源无法区分不一致与库无，请先核对所填信息。",
			EN: "This source cannot tell a mismatch from a missing record; compare what was entered first.",
		}}, noRecordAdvice()...)
	}
	return nil
}

func noRecordAdvice() []idv.Advice {
	return []idv.Advice{
		{
			Code: "no_record_is_neutral",
			ZH:   "数据源暂无可比对的记录，这不代表信息有误。常见原因：户口迁移、现役或刚退役军人、更名、证件换发等尚未更新。",
			EN: "The register holds no record to compare with. This is not a sign of wrong data: a moved household, military service, " +
				"a new name or a renewed card may not have been reported yet.",
		},
		{Code: "retry_later", ZH: "可在数周后重试。", EN: "Try again in a few weeks."},
		{Code: "manual_review", ZH: "可改用人工核验或其他证明材料。", EN: "Offer a manual review, or accept other documents."},
	}
}

// failureAdvice returns the next steps when there is no verdict.
func failureAdvice(f idv.Failure) []idv.Advice {
	switch f {
	case idv.InvalidInput:
		return []idv.Advice{{Code: "check_spelling", ZH: "数据源认为姓名或证件号码格式不正确，请核对后再提交。", EN: "The source does not accept the form of the name or the number; compare them with the document."}}
	case idv.Maintenance, idv.Unavailable, idv.Timeout, idv.Throttled, idv.QuotaExhausted, idv.BadCredentials:
		return []idv.Advice{{Code: "retry_later", ZH: "核验服务暂不可用，与您提交的信息无关，请稍后再试。", EN: "The service cannot answer now; this has nothing to do with the data. Try again later."}}
	case idv.Garbled, idv.FailureUnknown, idv.Internal:
		return []idv.Advice{{Code: "contact_operator", ZH: "本次核验未得到可信结果，请联系运营方并提供核验编号。", EN: "There is no reliable result; report the id of the verification to the operator."}}
	case idv.Denied:
		return []idv.Advice{{Code: "ask_consent", ZH: "授权在核验过程中失效，未再调用其他供应商；如需继续，请重新取得本人同意。", EN: "The consent ended during the verification, so no other provider was called; obtain a new consent to continue."}}
	case idv.SubjectLimited:
		return []idv.Advice{{Code: "retry_tomorrow", ZH: "该证件今日核验次数已达上限，请明天再试。", EN: "The limit of verifications of this person is reached for today; try again tomorrow."}}
	}
	return nil
}
