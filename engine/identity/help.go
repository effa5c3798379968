package identity

import "github.com/heyan-id/heyan/engine/idv"

// Reasons lists every reason, rejections first, in the order of the tests. docs/errors.md
// is generated from it.
func Reasons() []Reason {
	list := make([]Reason, len(helps))
	for i, row := range helps {
		list[i] = row.reason
	}
	return list
}

// Help returns the cause of a reason and its remedy: constant sentences that contain
// nothing of the input. A word that is no reason has empty texts.
func (r Reason) Help() idv.Help {
	for _, row := range helps {
		if row.reason == r {
			return row.help
		}
	}
	return idv.Help{}
}

var helps = []struct {
	reason Reason
	help   idv.Help
}{
	{ReasonEmpty, idv.Help{
		Cause:  idv.Text{EN: "Nothing was given.", ZH: "没有填写。"},
		Remedy: idv.Text{EN: "Give the value.", ZH: "请填写后重试。"},
	}},
	{ReasonLength, idv.Help{
		Cause:  idv.Text{EN: "The length is wrong.", ZH: "长度不对。"},
		Remedy: idv.Text{EN: "Compare it with the document; if it came from a spreadsheet, export the column as text.", ZH: "请对照证件逐位核对；若来自电子表格，请改用文本格式重新导出。"},
	}},
	{ReasonCharset, idv.Help{
		Cause:  idv.Text{EN: "It has a character that does not belong there.", ZH: "含有不允许的字符。"},
		Remedy: idv.Text{EN: "Type it anew from the document; look for the letter O in place of 0 and for letters that look like X.", ZH: "请对照证件重新输入，注意字母 O 与数字 0、形近字母与 X。"},
	}},
	{ReasonProvince, idv.Help{
		Cause:  idv.Text{EN: "The province part does not exist or does not fit the kind of document.", ZH: "省级代码不存在，或与证件种类不符。"},
		Remedy: idv.Text{EN: "Compare the first digits and the kind of document chosen.", ZH: "请核对开头的数字和所选的证件种类。"},
	}},
	{ReasonBirthDate, idv.Help{
		Cause:  idv.Text{EN: "The calendar does not have the date of birth.", ZH: "出生日期在日历中不存在。"},
		Remedy: idv.Text{EN: "Compare the digits of the date of birth with the document.", ZH: "请对照证件核对出生日期各位。"},
	}},
	{ReasonFuture, idv.Help{
		Cause:  idv.Text{EN: "The date of birth is after today.", ZH: "出生日期晚于今天。"},
		Remedy: idv.Text{EN: "Compare the year of birth with the document; if it is right, look at the system's clock.", ZH: "请对照证件核对出生年份；若确实无误，请检查系统时间。"},
	}},
	{ReasonTooOld, idv.Help{
		Cause:  idv.Text{EN: "The date of birth would make the person older than 130.", ZH: "按出生日期计算已超过 130 岁。"},
		Remedy: idv.Text{EN: "Compare the year of birth with the document.", ZH: "请对照证件核对出生年份。"},
	}},
	{ReasonCheckDigit, idv.Help{
		Cause:  idv.Text{EN: "The check digit does not fit, most likely because a digit is wrong or two are swapped.", ZH: "校验位不符，多半是某一位输错或两位颠倒。"},
		Remedy: idv.Text{EN: "Compare every digit with the document; if it came from a spreadsheet and ends in 000, the data is lost and must be asked for anew.", ZH: "请对照证件逐位核对；若来自电子表格且末尾为 000，原始数据已丢失，请重新取得。"},
	}},
	{ReasonRepeated, idv.Help{
		Cause:  idv.Text{EN: "All digits are the same; no person has such a number.", ZH: "各位数字全部相同，不会是任何人的号码。"},
		Remedy: idv.Text{EN: "Type the number from the document.", ZH: "请按证件填写号码。"},
	}},
	{ReasonUnsupported, idv.Help{
		Cause:  idv.Text{EN: "This kind of document or check is not supported.", ZH: "暂不支持该证件或该核验种类。"},
		Remedy: idv.Text{EN: "Use a document that is, such as the resident identity card.", ZH: "请改用居民身份证等受支持的证件。"},
	}},
	{ReasonEncoding, idv.Help{
		Cause:  idv.Text{EN: "The text was damaged by a wrong character encoding.", ZH: "文字编码已损坏。"},
		Remedy: idv.Text{EN: "Look at the encoding of the system it came from (want UTF-8), and take the name from there anew.", ZH: "请检查上游系统的字符编码（应为 UTF-8），并重新取得姓名。"},
	}},
	{ReasonDotPosition, idv.Help{
		Cause:  idv.Text{EN: "A separator stands where none can.", ZH: "间隔号的位置不对。"},
		Remedy: idv.Text{EN: "It stands alone between two Han characters; compare the name with the document.", ZH: "间隔号只能单独出现在两个汉字之间，请对照证件核对。"},
	}},
	{ReasonPUAUnmapped, idv.Help{
		Cause:  idv.Text{EN: "The name has a private-use character that no other system can read.", ZH: "姓名含有系统自造字，其他系统无法识别。"},
		Remedy: idv.Text{EN: "Type the character anew with a current input method.", ZH: "请用标准输入法重新输入该字。"},
	}},
	{ReasonLineBreak, idv.Help{
		Cause:  idv.Text{EN: "The name has a line break or a tab inside, so it may be two names.", ZH: "姓名中间有换行或制表符，可能是两个人的姓名。"},
		Remedy: idv.Text{EN: "Give the name of one person, on one line.", ZH: "请只填写一个人的姓名，且写在一行内。"},
	}},
	{ReasonLetterO, idv.Help{
		Cause:  idv.Text{EN: "The name has a letter O, a digit 0 or a circle, which may stand for the character 〇.", ZH: "姓名中有字母 O、数字 0 或圆圈符号，可能是“〇”字。"},
		Remedy: idv.Text{EN: "Compare it with the document; if that shows 〇 (líng, U+3007), type this character.", ZH: "请对照证件核对；若证件上为“〇”（líng），请输入该字。"},
	}},
	{ReasonIsNumber, idv.Help{
		Cause:  idv.Text{EN: "A number was given as the name.", ZH: "姓名栏填写的是号码。"},
		Remedy: idv.Text{EN: "Check whether the fields of the name and of the number are swapped.", ZH: "请检查姓名与证件号码是否填反。"},
	}},
	{ReasonPassport, idv.Help{
		Cause:  idv.Text{EN: "It has the form of a passport number. Passports are not supported.", ZH: "号码为护照号码格式，暂不支持护照。"},
		Remedy: idv.Text{EN: "Use the number of a resident identity card, a residence permit or a travel permit of a Hong Kong, Macau or Taiwan resident.", ZH: "请改用居民身份证、港澳台居民居住证或来往内地（大陆）通行证的号码。"},
	}},
	{ReasonDocument, idv.Help{
		Cause: idv.Text{EN: "It has the form of a number that does not tell its document: CPF, PAN, NIN, DNI or NIE.", ZH: "号码为 CPF、PAN、NIN、DNI 或 NIE 格式，仅凭号码无法判断证件种类。"},
		Remedy: idv.Text{EN: "Name the document in subject.document: br_cpf, in_pan, ng_nin, es_dni or es_nie. heyan verify has the flag --document.",
			ZH: "请在 subject.document 中注明证件种类：br_cpf、in_pan、ng_nin、es_dni 或 es_nie；heyan verify 使用 --document。"},
	}},
	{ReasonExitPermit, idv.Help{
		Cause:  idv.Text{EN: "It has the form of a mainland resident's permit for travel to Hong Kong, Macau or Taiwan (往来港澳通行证, 往来台湾通行证). These permits are not supported.", ZH: "号码为内地居民往来港澳或往来台湾通行证格式，暂不支持该证件。"},
		Remedy: idv.Text{EN: "Use the number of the holder's resident identity card.", ZH: "请改用持证人的居民身份证号码。"},
	}},
	{ReasonMilitaryID, idv.Help{
		Cause:  idv.Text{EN: "It has the form of a military document (军官证, 士兵证). Military documents are not supported.", ZH: "号码为军官证、士兵证等军人证件格式，暂不支持军人证件。"},
		Remedy: idv.Text{EN: "Use the resident identity card; if the person has none, verify the document manually.", ZH: "请改用居民身份证；没有身份证的，请人工核验。"},
	}},
	{ReasonCreditCode, idv.Help{
		Cause:  idv.Text{EN: "It has the form of a unified social credit code (统一社会信用代码), which names an organization and not a person.", ZH: "号码为统一社会信用代码格式，对应单位而不是个人。"},
		Remedy: idv.Text{EN: "Give the number of the person's identity card.", ZH: "请填写个人的身份证号码。"},
	}},
	{ReasonDrivingFile, idv.Help{
		Cause:  idv.Text{EN: "It has the form of the file number on a driving licence (档案编号), which is not supported.", ZH: "号码为驾驶证档案编号格式，暂不支持该号码。"},
		Remedy: idv.Text{EN: "The licence number (证号) on the same licence is the holder's resident identity number; give that one.", ZH: "同一驾驶证上的“证号”即本人的身份证号码，请填写证号。"},
	}},
	{ReasonMRZLine1, idv.Help{
		Cause:  idv.Text{EN: "It is the upper line of a passport's machine-readable zone, which holds the name.", ZH: "这是护照机读区的第一行，只含姓名。"},
		Remedy: idv.Text{EN: "Give the lower line, which holds the number.", ZH: "请填写含号码的第二行。"},
	}},
	{ReasonIsMobile, idv.Help{
		Cause: idv.Text{EN: "It has the form of a mobile number and is no document number.", ZH: "这是手机号码格式，不是证件号码。"},
		Remedy: idv.Text{EN: "Give the number of the document; the mobile number belongs in its own field. If it is a CPF or a NIN, name the document in subject.document (br_cpf, ng_nin).",
			ZH: "请填写证件号码；手机号码请填入手机号一栏。若确为 CPF 或 NIN，请在 subject.document 中注明证件种类（br_cpf、ng_nin）。"},
	}},
	{ReasonIsBankCard, idv.Help{
		Cause:  idv.Text{EN: "It has the form of a bank card number and is no document number.", ZH: "这是银行卡号格式，不是证件号码。"},
		Remedy: idv.Text{EN: "Give the number of the document; the card number belongs in its own field.", ZH: "请填写证件号码；银行卡号请填入银行卡一栏。"},
	}},
	{ReasonIsName, idv.Help{
		Cause:  idv.Text{EN: "A name or another text was given as the number.", ZH: "号码栏填写的是姓名或其他文字。"},
		Remedy: idv.Text{EN: "Check whether the fields of the name and of the number are swapped.", ZH: "请检查姓名与证件号码是否填反。"},
	}},
	{ReasonMobileRange, idv.Help{
		Cause:  idv.Text{EN: "It is not a mobile number of mainland China.", ZH: "不是中国大陆手机号码。"},
		Remedy: idv.Text{EN: "Give the 11 digits that begin with 13 to 19.", ZH: "请填写以 13 至 19 开头的 11 位手机号码。"},
	}},
	{ReasonMobileCountry, idv.Help{
		Cause:  idv.Text{EN: "The mobile number has no country code, or a foreign one where a mainland number is needed.", ZH: "手机号码缺少国家代码；或须为中国大陆号码，却带有其他国家代码。"},
		Remedy: idv.Text{EN: "For a document of another country give the international form, such as +34 and the number; with other documents a mainland number.", ZH: "其他国家的证件请按国际格式填写，例如 +34 加号码；其余证件须使用中国大陆手机号码。"},
	}},
	{ReasonOK, idv.Help{
		Cause:  idv.Text{EN: "The form is right.", ZH: "格式正确。"},
		Remedy: idv.Text{EN: "Nothing is to be done.", ZH: "无需处理。"},
	}},
	{ReasonOKLegacy15, idv.Help{
		Cause:  idv.Text{EN: "The form is right, but it is an old number of 15 digits without a check digit.", ZH: "格式正确，但为 15 位旧号码，没有校验位。"},
		Remedy: idv.Text{EN: "It is sent as 18 digits; ask for the number on the current card where possible.", ZH: "核验时按 18 位发送；请尽量取得现行证件上的号码。"},
	}},
	{ReasonOKAddressAbolished, idv.Help{
		Cause:  idv.Text{EN: "The form is right, but the address code ended before the birth.", ZH: "格式正确，但地址码在出生之前已经停用。"},
		Remedy: idv.Text{EN: "Nothing is to be done; if the check does not match, compare the first six digits.", ZH: "无需处理；若核验不一致，请先核对前六位。"},
	}},
	{ReasonOKAddressLater, idv.Help{
		Cause:  idv.Text{EN: "The form is right, but the address code began after the birth.", ZH: "格式正确，但地址码在出生之后才启用。"},
		Remedy: idv.Text{EN: "Nothing is to be done; if the check does not match, compare the first six digits.", ZH: "无需处理；若核验不一致，请先核对前六位。"},
	}},
	{ReasonOKAddressUnlisted, idv.Help{
		Cause:  idv.Text{EN: "The form is right, but the address code is in no list.", ZH: "格式正确，但地址码不在代码表中。"},
		Remedy: idv.Text{EN: "Nothing is to be done, real cards have such codes; if the check does not match, compare the first six digits.", ZH: "无需处理，真实证件也有此情况；若核验不一致，请先核对前六位。"},
	}},
	{ReasonOKSequenceZero, idv.Help{
		Cause:  idv.Text{EN: "The form is right, but the sequence number is 000.", ZH: "格式正确，但顺序码为 000。"},
		Remedy: idv.Text{EN: "Nothing is to be done; if the check does not match, compare the last four characters.", ZH: "无需处理；若核验不一致，请先核对末四位。"},
	}},
	{ReasonOKFullwidth, idv.Help{
		Cause:  idv.Text{EN: "Full-width characters were made ASCII.", ZH: "全角字符已转为半角。"},
		Remedy: idv.Text{EN: "Nothing is to be done.", ZH: "无需处理。"},
	}},
	{ReasonOKLowerX, idv.Help{
		Cause:  idv.Text{EN: "The last x was made a capital.", ZH: "末位小写 x 已转为大写。"},
		Remedy: idv.Text{EN: "Nothing is to be done.", ZH: "无需处理。"},
	}},
	{ReasonOKUpper, idv.Help{
		Cause:  idv.Text{EN: "Small letters were made capitals.", ZH: "小写字母已转为大写。"},
		Remedy: idv.Text{EN: "Nothing is to be done.", ZH: "无需处理。"},
	}},
	{ReasonOKRomanTen, idv.Help{
		Cause:  idv.Text{EN: "The Roman numeral Ⅹ or ⅹ was made the letter X.", ZH: "末位罗马数字 Ⅹ 或 ⅹ 已转为字母 X。"},
		Remedy: idv.Text{EN: "Look at where the input comes from.", ZH: "请检查输入来源。"},
	}},
	{ReasonOKSpaces, idv.Help{
		Cause:  idv.Text{EN: "Spaces were removed.", ZH: "空格已去除。"},
		Remedy: idv.Text{EN: "Nothing is to be done.", ZH: "无需处理。"},
	}},
	{ReasonOKInvisible, idv.Help{
		Cause:  idv.Text{EN: "Invisible characters were removed.", ZH: "不可见字符已去除。"},
		Remedy: idv.Text{EN: "Look at where the input comes from.", ZH: "请检查输入来源。"},
	}},
	{ReasonOKHyphens, idv.Help{
		Cause:  idv.Text{EN: "Hyphens were removed or brought into one form.", ZH: "连字符已去除或统一。"},
		Remedy: idv.Text{EN: "Nothing is to be done.", ZH: "无需处理。"},
	}},
	{ReasonOKBrackets, idv.Help{
		Cause:  idv.Text{EN: "Brackets were removed.", ZH: "括号已去除。"},
		Remedy: idv.Text{EN: "Nothing is to be done.", ZH: "无需处理。"},
	}},
	{ReasonOKNormalized, idv.Help{
		Cause:  idv.Text{EN: "It was brought into one form.", ZH: "已转为统一写法。"},
		Remedy: idv.Text{EN: "Nothing is to be done; changes names what was done.", ZH: "无需处理；具体改动见 changes。"},
	}},
}
