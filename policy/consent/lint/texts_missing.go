package lint

// missingTexts are the rules of what a notice must say.
func missingTexts() []Rule {
	return []Rule{
		{
			"missing-purpose", Conflict, pipl("第十七条", "art. 17"),
			text("没有写明具体的处理目的；“业务需要”“合法用途”不是目的。", "It names no definite purpose; business needs and lawful purposes are none."),
			text("我们核验的目的只有一个：确认您的姓名与证件号码相符，以便办理……。", "The check has one purpose: to confirm that your name and number belong together, for …."),
		},
		{
			"missing-contact", Conflict, pipl("第十七条", "art. 17"),
			text("没有写明处理者的联系方式（电话、邮箱或者网址）。", "It does not say how to reach the body that asks: a phone number, a mail address or a page."),
			text("（全称），联系方式：（电话或者邮箱）。", "(legal name), contact: (phone or mail)."),
		},
		{
			"missing-retention", Conflict, pipl("第十七条、第十九条", "art. 17 and 19"),
			text("没有写明保存多久；“必要期限”“按规定”不能让人知道何时删除。", "It does not say how long data is kept; as long as necessary tells nobody when it is deleted."),
			text("核验完成后立即删除原文，核验记录保存三年。", "The data is deleted as soon as the check is done; the record of the check is kept for three years."),
		},
		{
			"missing-rights", Conflict, pipl("第十七条、第四十四条至第五十条", "art. 17, 44 to 50"),
			text("没有写明查阅、复制、更正、删除等权利和行使方式。", "It does not tell the rights to access, copy, correct and delete, and how to use them."),
			text("您可以向我们查阅、复制、更正或者删除您的信息，请使用下文的联系方式。", "You may ask us for access to your data, for a copy, and to have it corrected or deleted; the contact is below."),
		},
		{
			"missing-withdrawal", Conflict, pipl("第十五条", "art. 15"),
			text("没有写明撤回同意的便捷方式。", "It tells no easy way to withdraw."),
			text("您可以随时撤回同意，方式：在“隐私”页面点击撤回，或者拨打客服电话。", "You may withdraw at any time: press Withdraw on the page My privacy, or call us."),
		},
		{
			"missing-necessity", Conflict, pipl("第三十条", "art. 30"),
			text("没有说明处理敏感个人信息的必要性。", "It does not say why the sensitive data is necessary."),
			text("上述信息是比对所必需的，缺少任何一项都无法得出结果。", "The comparison needs each of these items; without one of them there is no result."),
		},
		{
			"missing-impact", Conflict, pipl("第三十条", "art. 30"),
			text("没有说明处理敏感个人信息对个人权益的影响。", "It does not say what processing the sensitive data may do to the person."),
			text("这些信息一旦泄露，可能有人冒用您的身份，使您的财产或者名誉受到损害。", "If this data leaks, somebody could pretend to be you, and harm your property or your good name."),
		},
		{
			"missing-recipients", Conflict, text("《个人信息保护法》第二十三条；《网络数据安全管理条例》第二十一条", "PIPL art. 23; Network Data Security Regulation art. 21"),
			text("没有以全称和联系方式列明接收方。", "It names no recipient by legal name and contact."),
			text("接收方：（全称）（联系方式：……），用途：……，处理方式：……，信息种类：……。", "- (legal name) (contact: …), receives: …, in order to: …, method: …"),
		},
		{
			"missing-guardian", Conflict, pipl("第三十一条", "art. 31"),
			text("涉及未成年人，却没有写明未满十四周岁须由监护人同意。", "It concerns minors, and does not say that a guardian must consent for a child under 14."),
			text("未满十四周岁的，须由父母或者其他监护人阅读监护人版后表示同意。", "If you are under 14, a parent or other guardian must read the guardian's version and give consent."),
		},
	}
}
