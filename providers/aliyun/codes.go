package aliyun

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The sources of the rows. Where a page does not state something, the source says what was
// inferred.
const (
	infoCheck = "Aliyun cloudauth, return codes of information verification"
	openAPI   = "Aliyun OpenAPI, common errors"
	eKYC      = "Alibaba Cloud eKYC, documentation of Id2MetaVerifyIntl"
	dytnsAPI  = "Aliyun dytnsapi, documentation of "

	chargeInferred = "; charge inferred"
	groupInferred  = "Aliyun cloudauth, documentation of BankMetaVerify; inferred which BizCode a SubCode comes with, and from it the verdict and the charge"
)

// openAPICodes returns the errors of the layer that all APIs of the vendor share.
func openAPICodes() []idv.CodeRow {
	return []idv.CodeRow{
		providers.AccountRow(providers.FailureRow("SignatureDoesNotMatch", idv.BadCredentials, idv.NotCharged, "Specified signature is not matched with our calculation.", openAPI)),
		providers.AccountRow(providers.FailureRow("InvalidAccessKeyId.NotFound", idv.BadCredentials, idv.NotCharged, "the AccessKey ID does not exist", openAPI+chargeInferred)),
		providers.FailureRow("InvalidTimeStamp.Expired", idv.BadCredentials, idv.NotCharged, "the time of the call is more than 15 minutes off", openAPI+chargeInferred),
		providers.FailureRow("SignatureNonceUsed", idv.BadCredentials, idv.ChargeUnknown, "the call was sent before", openAPI),
		providers.FailureRow("Throttling", idv.Throttled, idv.NotCharged, "Request was denied due to flow control.", openAPI+chargeInferred),
		providers.FailureRow("Throttling.Api", idv.Throttled, idv.NotCharged, "Request was denied due to API flow control.", openAPI+chargeInferred),
		providers.FailureRow("Throttling.User", idv.Throttled, idv.NotCharged, "Request was denied due to user flow control.", openAPI),
		providers.FailureRow("ServiceUnavailable", idv.Unavailable, idv.ChargeUnknown, "The request has failed due to a temporary failure of the server.", openAPI),
	}
}

// cloudauthCodes returns rows of a product with the errors that all of cloudauth share.
func cloudauthCodes(own ...idv.CodeRow) []idv.CodeRow {
	return append(append(own,
		providers.FailureRow("400", idv.InvalidInput, idv.NotCharged, "参数不能为空", infoCheck),
		providers.FailureRow("401", idv.InvalidInput, idv.NotCharged, "参数非法", infoCheck),
		providers.FailureRow("402", idv.Unavailable, idv.NotCharged, "权威源服务异常；也可能被安全策略拦截或无权限", infoCheck),
		providers.FailureRow("403", idv.SubjectLimited, idv.NotCharged, "异常重复调用", infoCheck),
		providers.FailureRow("410", idv.BadCredentials, idv.NotCharged, "未开通服务", infoCheck),
		providers.FailureRow("411", idv.BadCredentials, idv.NotCharged, "RAM无权限", infoCheck),
		providers.AccountRow(providers.FailureRow("412", idv.QuotaExhausted, idv.NotCharged, "欠费中", infoCheck)),
		providers.FailureRow("500", idv.Unavailable, idv.ChargeUnknown, "系统错误", infoCheck),
	), openAPICodes()...)
}

func verificationCodes(action string, more ...idv.CodeRow) []idv.CodeRow {
	source := "Aliyun cloudauth, documentation of " + action + "; charge inferred from the bank, Standard and international pages"
	return cloudauthCodes(append([]idv.CodeRow{
		providers.VerdictRow("200/1", idv.Match, idv.Charged, "核验一致", source),
		providers.VerdictRow("200/2", idv.Mismatch, idv.Charged, "核验不一致", source),
		providers.VerdictRow("200/3", idv.NoRecord, idv.NotCharged, "查无记录", source),
	}, more...)...)
}

func mobileSimpleCodes() []idv.CodeRow {
	return verificationCodes("Mobile3MetaSimpleVerify", providers.FailureRow("405", idv.Unsupported, idv.NotCharged, "手机号段不支持", infoCheck))
}

func mobileDetailCodes() []idv.CodeRow {
	const source = "Aliyun cloudauth, documentation of Mobile3MetaDetailVerify"
	return cloudauthCodes(
		providers.VerdictRow("200/1/101", idv.Match, idv.Charged, "验证通过", source),
		providers.VerdictRow("200/2/201", idv.Mismatch, idv.Charged, "手机号与姓名、身份证号均不一致", source),
		providers.VerdictRow("200/2/202", idv.Mismatch, idv.Charged, "姓名一致，身份证号不一致", source),
		providers.VerdictRow("200/2/203", idv.Mismatch, idv.Charged, "身份证号一致，姓名不一致", source),
		providers.VerdictRow("200/2/204", idv.Mismatch, idv.Charged, "其他不一致", source),
		providers.VerdictRow("200/3/301", idv.NoRecord, idv.NotCharged, "查无记录", source),
	)
}

// mobileDetailFields returns what the reasons say about the claims. The register is that of
// the carriers, by mobile number.
func mobileDetailFields() map[string]idv.Fields {
	compared := func(name, number idv.Comparison) idv.Fields {
		return idv.Fields{idv.ClaimName: name, idv.ClaimIDNumber: number}
	}
	return map[string]idv.Fields{
		"200/2/201": compared(idv.FieldMismatched, idv.FieldMismatched),
		"200/2/202": compared(idv.FieldMatched, idv.FieldMismatched),
		"200/2/203": compared(idv.FieldMismatched, idv.FieldMatched),
	}
}

func bankCodes() []idv.CodeRow {
	rows := []idv.CodeRow{providers.VerdictRow("200/1/101", idv.Match, idv.Charged, "验证通过", groupInferred)}
	for _, reason := range []struct{ code, text string }{
		{"201", "持卡人信息有误"},
		{"202", "未开通无卡支付"},
		{"203", "该卡已过期"},
		{"204", "受限制的卡"},
		{"205", "此卡被没收"},
		{"206", "无效卡号"},
		{"207", "此卡无对应发卡行"},
		{"208", "该卡未初始化或睡眠卡"},
		{"209", "作弊卡、吞卡"},
		{"210", "此卡已挂失"},
		{"211", "密码错误次数超限"},
		{"212", "发卡行不支持此交易"},
		{"213", "卡片状态不正确"},
		{"214", "未预留手机号"},
		{"215", "密码、有效期、CVN2错误"},
		{"216", "其他卡片问题"},
	} {
		rows = append(rows, providers.VerdictRow("200/2/"+reason.code, idv.Mismatch, idv.Charged, reason.text, groupInferred))
	}
	for _, reason := range []struct{ code, text string }{
		{"301", "银行卡不支持"},
		{"302", "银行拒绝，请联系发卡行"},
		{"303", "不支持手机号验证"},
		{"304", "卡号错误"},
		{"305", "其他"},
		{"306", "验证次数超限"},
	} {
		rows = append(rows, providers.VerdictRow("200/3/"+reason.code, idv.NoRecord, idv.NotCharged, reason.text, groupInferred))
	}
	return cloudauthCodes(rows...)
}

// internationalCodes keys on the codes alone: two pages of the vendor give the HTTP statuses
// of InvalidParameter and Forbidden.ExceptionRepeatedInvoke the other way round.
func internationalCodes() []idv.CodeRow {
	return append([]idv.CodeRow{
		providers.VerdictRow("Success/1", idv.Match, idv.Charged, "校验一致(计费)", eKYC),
		providers.VerdictRow("Success/2", idv.Mismatch, idv.Charged, "校验不一致(计费)", eKYC),
		providers.VerdictRow("Success/3", idv.NoRecord, idv.NotCharged, "查无记录(不计费)", eKYC),
		providers.FailureRow("MissingParameter", idv.InvalidInput, idv.NotCharged, "参数不能为空", eKYC),
		providers.FailureRow("InvalidParameter", idv.InvalidInput, idv.NotCharged, "非法参数", eKYC),
		providers.FailureRow("Forbidden.ExceptionRepeatedInvoke", idv.SubjectLimited, idv.NotCharged, "异常重复调用次数超限", eKYC),
		providers.AccountRow(providers.FailureRow("Forbidden.AccountAccessDenied", idv.BadCredentials, idv.NotCharged, "未开通或欠费", eKYC)),
		providers.FailureRow("Forbidden.RAMUserAccessDenied", idv.BadCredentials, idv.NotCharged, "RAM用户无权限", eKYC),
		providers.FailureRow("Forbidden.ExceptionDataSource", idv.Unavailable, idv.NotCharged, "权威源服务异常", eKYC),
	}, openAPICodes()...)
}

// dytnsCodes returns the rows of an action of dytnsapi. It says 0 for a mismatch, where most
// vendors say it for a match. Billed is Code OK with another result than 2.
func dytnsCodes(action string, more ...idv.CodeRow) []idv.CodeRow {
	source := dytnsAPI + action
	rows := append([]idv.CodeRow{
		providers.VerdictRow("OK/1", idv.Match, idv.Charged, "一致", source),
		providers.VerdictRow("OK/0", idv.Mismatch, idv.Charged, "不一致", source),
		providers.VerdictRow("OK/2", idv.NoRecord, idv.NotCharged, "查无", source),
		providers.FailureRow("InvalidParameter", idv.InvalidInput, idv.NotCharged, "a parameter is invalid", source),
		providers.FailureRow("AuthCodeNotExist", idv.BadCredentials, idv.NotCharged, "The authorization code does not exist.", source),
		providers.FailureRow("AuthCodeIllegal", idv.BadCredentials, idv.NotCharged, "the authorization code is invalid", source),
		providers.FailureRow("RequestFrequencyLimit", idv.SubjectLimited, idv.NotCharged, "the carrier forbids frequent queries of the same number", source),
		providers.FailureRow("OperatorLimit", idv.Unsupported, idv.NotCharged, "the carrier does not allow the query", source),
		providers.FailureRow("RequestTimeout", idv.Timeout, idv.ChargeUnknown, "Request supplier timed out", source),
		providers.FailureRow("RequestSupplierError", idv.Unavailable, idv.ChargeUnknown, "the supplier failed", source),
		providers.FailureRow("SystemError", idv.Unavailable, idv.ChargeUnknown, "the service failed", source),
	}, more...)
	return append(rows, openAPICodes()...)
}

func dytnsMobileCodes() []idv.CodeRow {
	const action = "ThreeElementsVerification"
	return dytnsCodes(action,
		providers.InvalidRow("MobileNumberIllegal", idv.FieldMobile, idv.NotCharged, "the mobile number is invalid", dytnsAPI+action),
		providers.InvalidRow("CertCodeIllegal", idv.FieldIDNumber, idv.NotCharged, "the ID number is invalid", dytnsAPI+action),
	)
}
