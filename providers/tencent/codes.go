package tencent

import (
	"strconv"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The sources of the rows.
const (
	document = "Tencent Cloud faceid, documentation of the action, lists of billed and unbilled results"
	errs     = "Tencent Cloud, error codes of faceid and common error codes"
	errsOpen = errs + "; charge not stated"
)

func idCardCodes() []idv.CodeRow {
	return []idv.CodeRow{
		providers.VerdictRow("0", idv.Match, idv.Charged, "姓名和身份证号一致", document),
		providers.VerdictRow("-1", idv.Mismatch, idv.Charged, "姓名和身份证号不一致", document),
		providers.InvalidRow("-2", idv.FieldIDNumber, idv.NotCharged, "非法身份证号", document),
		providers.InvalidRow("-3", idv.FieldName, idv.NotCharged, "非法姓名", document),
		providers.FailureRow("-4", idv.Unavailable, idv.NotCharged, "证件库服务异常", document),
		providers.VerdictRow("-5", idv.NoRecord, idv.NotCharged, "证件库中无此身份证记录", document),
		providers.FailureRow("-6", idv.Maintenance, idv.NotCharged, "权威比对系统升级中", document),
		providers.FailureRow("-7", idv.SubjectLimited, idv.NotCharged, "认证次数超过当日限制（同一姓名每日 500 次，同一证件号每日 1000 次）", document),
	}
}

func phoneCodes() []idv.CodeRow {
	return []idv.CodeRow{
		providers.VerdictRow("0", idv.Match, idv.Charged, "认证通过", document),
		providers.VerdictRow("-4", idv.Mismatch, idv.Charged, "信息不一致", document),
		providers.InvalidRow("-6", idv.FieldMobile, idv.NotCharged, "手机号码不合法", document),
		providers.InvalidRow("-7", idv.FieldIDNumber, idv.NotCharged, "身份证号码有误", document),
		providers.InvalidRow("-8", idv.FieldName, idv.NotCharged, "姓名校验不通过", document),
		providers.VerdictRow("-9", idv.NoRecord, idv.NotCharged, "没有记录", document),
		providers.FailureRow("-11", idv.Unavailable, idv.NotCharged, "验证中心服务繁忙", document),
		providers.FailureRow("-12", idv.SubjectLimited, idv.NotCharged, "认证次数超过当日限制", document),
		providers.FailureRow("-13", idv.Unsupported, idv.NotCharged, "该号段暂不支持查询", document),
	}
}

func bankCard2Codes() []idv.CodeRow { return bankCodes(idv.FieldName, idv.FieldBankCard) }

func bankCard3Codes() []idv.CodeRow {
	return bankCodes(idv.FieldName, idv.FieldIDNumber, idv.FieldBankCard)
}

// bankCard4Codes has two rows behind the numbers that the bank card products share.
func bankCard4Codes() []idv.CodeRow {
	return append(bankCodes(idv.FieldName, idv.FieldIDNumber, idv.FieldBankCard, idv.FieldMobile),
		providers.FailureRow("-20", idv.Unsupported, idv.NotCharged, "暂不支持的证件类型", document),
		providers.VerdictRow("-21", idv.Mismatch, idv.Charged, "卡状态异常/卡号错误", document),
	)
}

// bankCodes returns the table of a bank card product. After 0 and -1 the products count on:
// first the invalid fields, one for each claim, then the states of the card, then "busy" and
// the limit. So each number after -3 means something else in each of them.
//
// The states are charged: the issuer has answered that the card is not, or no longer, one
// that belongs to these claims.
func bankCodes(fields ...idv.Field) []idv.CodeRow {
	rows := []idv.CodeRow{
		providers.VerdictRow("0", idv.Match, idv.Charged, "认证通过", document),
		providers.VerdictRow("-1", idv.Mismatch, idv.Charged, "认证未通过", document),
	}
	next := func() string { return strconv.Itoa(-len(rows)) }
	for _, f := range fields {
		rows = append(rows, providers.InvalidRow(next(), f, idv.NotCharged, invalidText(f), document))
	}
	for _, state := range cardStates() {
		rows = append(rows, providers.VerdictRow(next(), idv.Mismatch, idv.Charged, state, document))
	}
	rows = append(rows, providers.FailureRow(next(), idv.Unavailable, idv.NotCharged, "验证中心服务繁忙", document))
	return append(rows, providers.FailureRow(next(), idv.SubjectLimited, idv.NotCharged, "认证次数超过当日限制（每个要素的同一取值每日 500 次）", document))
}

func invalidText(f idv.Field) string {
	switch f {
	case idv.FieldName:
		return "姓名校验不通过"
	case idv.FieldIDNumber:
		return "身份证号码有误"
	case idv.FieldMobile:
		return "手机号码不合法"
	}
	return "银行卡号码有误"
}

func cardStates() []string {
	return []string{
		"持卡人信息有误", "未开通无卡支付", "此卡被没收", "无效卡号", "此卡无对应发卡行", "该卡未初始化或睡眠卡",
		"作弊卡、吞卡", "此卡已挂失", "该卡已过期", "受限制的卡", "密码错误次数超限", "发卡行不支持此交易",
	}
}

// commonCodes returns the errors of the layer in front of the actions. The vendor's list is
// longer; an error that is not listed here has an unknown meaning and an unknown charge.
func commonCodes() []idv.CodeRow {
	account, failed := providers.AccountRow, providers.FailureRow
	return []idv.CodeRow{
		account(failed("AuthFailure.SecretIdNotFound", idv.BadCredentials, idv.NotCharged, "The SecretId is not found.", errs)),
		account(failed("AuthFailure.SignatureExpire", idv.BadCredentials, idv.NotCharged, "The provided signature is expired.", errs)),
		account(failed("AuthFailure.SignatureFailure", idv.BadCredentials, idv.NotCharged, "The provided credentials could not be validated.", errs)),
		account(failed("UnauthorizedOperation.Arrears", idv.QuotaExhausted, idv.NotCharged, "帐号已欠费。", errs)),
		failed("UnauthorizedOperation.Nonactivated", idv.BadCredentials, idv.NotCharged, "未开通服务。", errs),
		failed("UnauthorizedOperation.ChargeStatusException", idv.QuotaExhausted, idv.NotCharged, "计费状态异常。", errs),
		failed("RequestLimitExceeded", idv.Throttled, idv.NotCharged, "您的请求频率过高", errs),
		failed("FailedOperation.UnKnown", idv.Unavailable, idv.NotCharged, "内部未知错误。", errs),
		failed("InternalError", idv.Unavailable, idv.NotCharged, "内部错误", errs),
		failed("InvalidParameterValue", idv.InvalidInput, idv.NotCharged, "参数取值错误。", errs),
		failed("ResourceUnavailable", idv.Unavailable, idv.NotCharged, "资源不可用。", errs),

		account(failed("AuthFailure.InvalidSecretId", idv.BadCredentials, idv.ChargeUnknown, "the SecretId is not one of a cloud API key", errsOpen)),
		account(failed("AuthFailure.TokenFailure", idv.BadCredentials, idv.ChargeUnknown, "the token of a temporary key is wrong", errsOpen)),
		failed("AuthFailure.UnauthorizedOperation", idv.BadCredentials, idv.ChargeUnknown, "the key may not call the action", errsOpen),
		failed("UnauthorizedOperation.NonAuthorize", idv.BadCredentials, idv.ChargeUnknown, "the account is not authorized", errsOpen),
		account(failed("IpInBlacklist", idv.BadCredentials, idv.ChargeUnknown, "the caller's address is on the block list", errsOpen)),
		account(failed("IpNotInWhitelist", idv.BadCredentials, idv.ChargeUnknown, "the caller's address is not on the allow list", errsOpen)),
		failed("LimitExceeded", idv.QuotaExhausted, idv.ChargeUnknown, "a quota is exceeded", errsOpen),
		failed("FailedOperation.RequestLimitExceeded", idv.Throttled, idv.ChargeUnknown, "too many calls", errsOpen),
		account(failed("RequestLimitExceeded.IPLimitExceeded", idv.Throttled, idv.ChargeUnknown, "too many calls from one address", errsOpen)),
		account(failed("RequestLimitExceeded.UinLimitExceeded", idv.Throttled, idv.ChargeUnknown, "too many calls of the account", errsOpen)),
	}
}
