package identity

import "github.com/heyan-id/heyan/engine/idv"

// HelpFor returns the help of a reason for a field. A reason such as charset means another
// mistake in a name than in a number. For other fields it is [Reason.Help].
func (r Reason) HelpFor(field idv.Field) idv.Help {
	for _, row := range FieldHelps() {
		if row.Field == field && row.Reason == r {
			return row.Help
		}
	}
	return r.Help()
}

// FieldHelp is the help of a reason for one field.
type FieldHelp struct {
	Field  idv.Field
	Reason Reason
	Help   idv.Help
}

// FieldHelps lists the helps that differ from [Reason.Help]. docs/errors.md is generated
// from it.
func FieldHelps() []FieldHelp {
	return []FieldHelp{
		{idv.FieldName, ReasonCharset, idv.Help{
			Cause: idv.Text{EN: "The name has a character that no name on a document has, such as a digit, a bracket or a punctuation mark.",
				ZH: "姓名含有证件姓名中不会出现的字符，例如数字、括号或标点。"},
			Remedy: idv.Text{EN: "Give the name alone, as the document shows it, without a title, a remark or a second name.",
				ZH: "请按证件只填写姓名，不要带称谓、备注或第二个姓名。"},
		}},
		{idv.FieldName, ReasonLength, idv.Help{
			Cause:  idv.Text{EN: "The name is longer than 50 characters.", ZH: "姓名超过 50 个字符。"},
			Remedy: idv.Text{EN: "Give the name alone, as the document shows it.", ZH: "请按证件只填写姓名。"},
		}},
		{idv.FieldMobile, ReasonCharset, idv.Help{
			Cause:  idv.Text{EN: "The mobile number has a character that is no digit.", ZH: "手机号码含有数字以外的字符。"},
			Remedy: idv.Text{EN: "Give the 11 digits of one mobile number.", ZH: "请填写一个 11 位手机号码。"},
		}},
		{idv.FieldMobile, ReasonLength, idv.Help{
			Cause:  idv.Text{EN: "The mobile number does not have 11 digits.", ZH: "手机号码不是 11 位。"},
			Remedy: idv.Text{EN: "Give the 11 digits of one mobile number of mainland China.", ZH: "请填写一个 11 位的中国大陆手机号码。"},
		}},
		{idv.FieldBankCard, ReasonCharset, idv.Help{
			Cause:  idv.Text{EN: "The bank card number has a character that is no digit.", ZH: "银行卡号含有数字以外的字符。"},
			Remedy: idv.Text{EN: "Give the digits on the card.", ZH: "请填写卡面上的数字。"},
		}},
		{idv.FieldBankCard, ReasonLength, idv.Help{
			Cause:  idv.Text{EN: "The bank card number does not have 12 to 19 digits.", ZH: "银行卡号不是 12 至 19 位。"},
			Remedy: idv.Text{EN: "Compare it with the card; if it came from a spreadsheet, export the column as text.", ZH: "请对照卡面核对；若来自电子表格，请改用文本格式重新导出。"},
		}},
		{idv.FieldBankCard, ReasonCheckDigit, idv.Help{
			Cause:  idv.Text{EN: "The check digit of the bank card number does not fit, most likely because a digit is wrong or two are swapped.", ZH: "银行卡号校验位不符，多半是某一位输错或两位颠倒。"},
			Remedy: idv.Text{EN: "Compare every digit with the card.", ZH: "请对照卡面逐位核对。"},
		}},
	}
}
