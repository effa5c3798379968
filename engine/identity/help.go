package identity

// Help is what people are told about a reason.
type Help struct{ ZH, EN HelpText }

// HelpText is a help in one language. Both sentences are constants and hold
// nothing of the input.
type HelpText struct {
	Cause  string
	Remedy string
}

// Reasons lists every reason that a check can give, rejections first, in the order
// of the tests. The docs are printed from it.
func Reasons() []Reason {
	list := make([]Reason, len(helps))
	for i, row := range helps {
		list[i] = row.reason
	}
	return list
}

// Help returns the cause of a reason and what to do about it; empty texts for a
// word that is no reason.
func (r Reason) Help() Help {
	for _, row := range helps {
		if row.reason == r {
			return Help{HelpText{row.causeZH, row.remedyZH}, HelpText{row.causeEN, row.remedyEN}}
		}
	}
	return Help{}
}

var helps = []struct {
	reason            Reason
	causeZH, remedyZH string
	causeEN, remedyEN string
}{
	{ReasonEmpty, "没有填写。", "请填写后重试。",
		"Nothing was given.", "Give the value."},
	{ReasonLength, "长度不对。", "请对照证件逐位核对；若来自电子表格，请改用文本格式重新导出。",
		"The length is wrong.", "Compare it with the document; if it came from a spreadsheet, export the column as text."},
	{ReasonCharset, "含有不允许的字符。", "请对照证件重新输入，注意字母 O 与数字 0、形近字母与 X。",
		"It has a character that does not belong there.", "Type it anew from the document; look for the letter O in place of 0 and for letters that look like X."},
	{ReasonProvince, "省级代码不存在，或与证件种类不符。", "请核对开头的数字和所选的证件种类。",
		"The province part does not exist or does not fit the kind of document.", "Compare the first digits and the kind of document chosen."},
	{ReasonBirthDate, "出生日期在日历中不存在。", "请对照证件核对出生日期各位。",
		"The calendar does not have the date of birth.", "Compare the digits of the date of birth with the document."},
	{ReasonFuture, "出生日期晚于今天。", "请对照证件核对出生年份；若确实无误，请检查系统时间。",
		"The date of birth is after today.", "Compare the year of birth with the document; if it is right, look at the system's clock."},
	{ReasonTooOld, "按出生日期计算已超过 130 岁。", "请对照证件核对出生年份。",
		"The date of birth would make the person older than 130.", "Compare the year of birth with the document."},
	{ReasonCheckDigit, "校验位不符，多半是某一位输错或两位颠倒。", "请对照证件逐位核对；若来自电子表格且末尾为 000，原始数据已丢失，请重新取得。",
		"The check digit does not fit, most likely because a digit is wrong or two are swapped.", "Compare every digit with the document; if it came from a spreadsheet and ends in 000, the data is lost and must be asked for anew."},
	{ReasonUnsupported, "暂不支持该证件或该核验种类。", "请改用居民身份证等受支持的证件。",
		"This kind of document or check is not supported.", "Use a document that is, such as the resident identity card."},
	{ReasonEncoding, "文字编码已损坏。", "请检查上游系统的字符编码（应为 UTF-8），并重新取得姓名。",
		"The text was damaged by a wrong character encoding.", "Look at the encoding of the system it came from (want UTF-8), and take the name from there anew."},
	{ReasonDotPosition, "间隔号的位置不对。", "间隔号只能单独出现在两个汉字之间，请对照证件核对。",
		"A separator stands where none can.", "It stands alone between two Han characters; compare the name with the document."},
	{ReasonPUAUnmapped, "姓名含有系统自造字，其他系统无法识别。", "请用标准输入法重新输入该字。",
		"The name has a private-use character that no other system can read.", "Type the character anew with a current input method."},
	{ReasonMobileRange, "不是中国大陆手机号码。", "请填写以 13 至 19 开头的 11 位手机号码。",
		"It is not a mobile number of mainland China.", "Give the 11 digits that begin with 13 to 19."},
	{ReasonOK, "格式正确。", "无需处理。",
		"The form is right.", "Nothing is to be done."},
	{ReasonOKLegacy15, "格式正确，但为 15 位旧号码，没有校验位。", "核验时按 18 位发送；请尽量取得现行证件上的号码。",
		"The form is right, but it is an old number of 15 digits without a check digit.", "It is sent as 18 digits; ask for the number on the current card where possible."},
	{ReasonOKAddressAbolished, "格式正确，但地址码在出生之前已经停用。", "无需处理；若核验不一致，请先核对前六位。",
		"The form is right, but the address code ended before the birth.", "Nothing is to be done; if the check does not match, compare the first six digits."},
	{ReasonOKAddressLater, "格式正确，但地址码在出生之后才启用。", "无需处理；若核验不一致，请先核对前六位。",
		"The form is right, but the address code began after the birth.", "Nothing is to be done; if the check does not match, compare the first six digits."},
	{ReasonOKAddressUnlisted, "格式正确，但地址码不在代码表中。", "无需处理，真实证件也有此情况；若核验不一致，请先核对前六位。",
		"The form is right, but the address code is in no list.", "Nothing is to be done, real cards have such codes; if the check does not match, compare the first six digits."},
	{ReasonOKSequenceZero, "格式正确，但顺序码为 000。", "无需处理；若核验不一致，请先核对末四位。",
		"The form is right, but the sequence number is 000.", "Nothing is to be done; if the check does not match, compare the last four characters."},
	{ReasonOKFullwidth, "全角字符已转为半角。", "无需处理。",
		"Full-width characters were made ASCII.", "Nothing is to be done."},
	{ReasonOKLowerX, "末位小写 x 已转为大写。", "无需处理。",
		"The last x was made a capital.", "Nothing is to be done."},
	{ReasonOKUpper, "小写字母已转为大写。", "无需处理。",
		"Small letters were made capitals.", "Nothing is to be done."},
	{ReasonOKRomanTen, "末位罗马数字 Ⅹ 已转为字母 X。", "请检查输入来源。",
		"The Roman numeral Ⅹ was made the letter X.", "Look at where the input comes from."},
	{ReasonOKSpaces, "空格已去除。", "无需处理。",
		"Spaces were removed.", "Nothing is to be done."},
	{ReasonOKInvisible, "不可见字符已去除。", "请检查输入来源。",
		"Invisible characters were removed.", "Look at where the input comes from."},
	{ReasonOKHyphens, "连字符已去除或统一。", "无需处理。",
		"Hyphens were removed or brought into one form.", "Nothing is to be done."},
	{ReasonOKBrackets, "括号已去除。", "无需处理。",
		"Brackets were removed.", "Nothing is to be done."},
	{ReasonOKNormalized, "已转为统一写法。", "无需处理；具体改动见 changes。",
		"It was brought into one form.", "Nothing is to be done; changes names what was done."},
}
