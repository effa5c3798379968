package lint

import "github.com/heyan-id/heyan/policy/consent"

// text makes a text in both languages.
func text(zh, en string) consent.Text { return consent.Text{ZH: zh, EN: en} }

// pipl names an article of the Personal Information Protection Law.
func pipl(zh, en string) consent.Text {
	return text("《个人信息保护法》"+zh, "PIPL "+en)
}

// clauseTexts are the rules of what may not stand in a notice.
func clauseTexts() []Rule {
	return []Rule{
		{
			"irrevocable", Conflict, pipl("第十五条", "art. 15"),
			text("个人有权撤回同意，处理者须提供便捷的撤回方式；约定不可撤回没有效力。", "A person may withdraw consent, and must be given an easy way; a clause that forbids it has no effect."),
			text("您可以随时撤回同意，方式：……；撤回之前已经完成的核验不受影响。", "You may withdraw your consent at any time by …; checks that were done before stay valid."),
		},
		{
			"unlimited", Conflict, pipl("第六条、第十九条", "art. 6 and 19"),
			text("处理须限于实现目的的最小范围，保存须为最短时间；没有次数或者期限的授权超出这一范围。", "Processing is limited to the least that the purpose needs, and to the shortest time; an authorization without a number or an end goes beyond it."),
			text("本同意最多用于1次核验，自同意之日起30天内有效，到期自动失效。", "This consent covers 1 check at most and counts for 30 days from the day it is given."),
		},
		{
			"unnamed-recipients", Conflict, text("《个人信息保护法》第二十三条；《网络数据安全管理条例》第二十一条", "PIPL art. 23; Network Data Security Regulation art. 21"),
			text("向他人提供个人信息须告知接收方的名称、联系方式、目的、方式和信息种类，并取得单独同意；“合作方”“第三方”等泛称不算告知。", "Each recipient must be told by name, contact, purpose, method and data, with a separate consent; words as partners or third parties tell nobody."),
			text("只有下列接收方会得到您的信息：（全称，联系方式，用途，处理方式，信息种类）。", "Only these recipients get your data: (legal name, contact, purpose, method, data)."),
		},
		{
			"no-further-consent", Conflict, pipl("第十四条、第二十三条", "art. 14 and 23"),
			text("目的、方式、种类或者接收方变更的，须重新告知并取得同意，不能事先一次免除。", "A change of purpose, method, data or recipient needs a new notice and a new consent, which cannot be given away beforehand."),
			text("增加或者更换接收方，或者改变目的的，我们会先重新征得您的同意。", "Before we add a recipient or change the purpose, we ask you again."),
		},
		{
			"excess-data", Conflict, text("《个人信息保护法》第六条；《征信业管理条例》第十四条", "PIPL art. 6; Credit-Reporting Regulation art. 14"),
			text("核验姓名与号码用不到征信、财产、收入、行踪等信息；收集与目的无关的信息违反最小必要原则。", "Comparing a name and a number needs no credit, property, income or location data; to collect what the purpose does not need is forbidden."),
			text("本次核验只用到姓名和居民身份证号码，其他信息一概不收集。", "This check uses the name and the resident ID number only; nothing else is collected."),
		},
		{
			"adverse-data", Conflict, text("《征信业管理条例》第十五条", "Credit-Reporting Regulation art. 15"),
			text("提供个人不良信息须事先告知本人，不能约定免除；身份核验也用不到不良信息。", "Adverse data may be passed on only after the person was told, and this cannot be waived; an identity check needs none of it."),
			text("本次核验不涉及任何不良信息。（删除本条）", "This check has nothing to do with adverse data. (Delete the clause.)"),
		},
		{
			"bundled-purposes", Conflict, text("《个人信息保护法》第六条、第十四条；《网络数据安全管理条例》第六十二条", "PIPL art. 6 and 14; Network Data Security Regulation art. 62"),
			text("单独同意只能针对一项具体处理；把核验与营销、评估或者其他协议放在一起，同意不是自愿、明确的。", "A separate consent is for one processing; together with marketing, scoring or other agreements it is neither free nor explicit."),
			text("我们核验的目的只有一个：……。其他用途另行征得您的同意。", "The check has one purpose: …. For any other use we ask you separately."),
		},
		{
			"all-consequences", Conflict, text("《个人信息保护法》第六十九条；《民法典》第四百九十七条", "PIPL art. 69; Civil Code art. 497"),
			text("处理者造成损害的须承担责任，并自证没有过错；以格式条款把后果全部推给个人的无效。", "Who processes data answers for damage and must prove not to be at fault; a standard term that puts everything on the person is void."),
			text("因我们处理您的信息造成损害的，我们依法承担责任。", "If our processing harms you, we are liable by law."),
		},
		{
			"independence", Conflict, pipl("第十五条、第四十七条", "art. 15 and 47"),
			text("目的已实现、业务终止或者同意撤回后须停止处理并删除；同意不能脱离业务单独存续。", "When the purpose is reached, the service ends or the consent is withdrawn, processing must stop and data be deleted; a consent cannot outlive its business."),
			text("业务终止或者未能办理的，本同意同时失效，我们删除您的信息。", "If the business ends or does not come about, this consent ends too and we delete your data."),
		},
	}
}

// formTexts are the rules of how a notice looks.
func formTexts() []Rule {
	return []Rule{
		{
			"leftover-blank", Conflict, pipl("第十四条、第十七条", "art. 14 and 17"),
			text("留有空白的文本没有告知任何内容，事后还可能被他人填写。", "A text with open blanks informs of nothing, and anybody may fill them later."),
			text("填入具体内容，或者删除该处。", "Fill it in, or delete the place."),
		},
		{
			"fine-print", Doubt, pipl("第十七条", "art. 17"),
			text("告知须显著、清晰、易懂；过长的句子和看不清的文字等于没有告知。", "A notice must be conspicuous, clear and plain; sentences without end and print that cannot be seen inform nobody."),
			text("拆成短句，使用与正文相同的字号和颜色。", "Cut it into short sentences, in the size and colour of the rest."),
		},
	}
}
