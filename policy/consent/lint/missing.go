package lint

import (
	"regexp"
	"slices"
)

// concept is something that every notice must say. It says it in a block that holds one
// of has and none of unless, and each of the forms.
type concept struct {
	id          string
	has, unless []string
	forms       []*regexp.Regexp
	groups      [][]string // so many more of these must be there
	least       int
}

var (
	reachForm  = regexp.MustCompile(`[a-z0-9._+-]+@[a-z0-9-]+\.[a-z]+|https?:/|(^|[^0-9a-z])([0-9]{3,4}-?[0-9]{3,4}-?[0-9]{3,4}|9[56][0-9]{3}|1[0-9]{4}|\+[0-9][0-9 -]{7,})($|[^0-9a-z])`)
	periodForm = regexp.MustCompile(`([0-9]+|[一二两三四五六七八九十半]+)个?(年|月|日|天|小时|周|工作日)|([0-9]+|one|two|three|four|five|six|seven|ten|twelve|thirty|ninety) (hour|day|week|month|year)|` +
		`(核验完成|完成核验|比对完成|核验结束|办结|完成后|结束后).{0,24}(删除|销毁|清除)|不保存|不留存|(deleted|erased) (as soon as|immediately|right after|once)|(as soon as|immediately|once) .{0,40}(delete|erase)`)
	legalForm = regexp.MustCompile(`[\p{Han}()]{4,}(公司|中心|研究所|研究院|银行|委员会|管理局|协会)|[a-z]+,? (co\.|ltd|limited|inc\b|llc|gmbh|corp|plc)`)
)

// concepts are what PIPL art. 17, 23, 30 and 31 want a notice to say.
func concepts() []concept {
	return []concept{
		{
			id: "missing-purpose",
			has: []string{
				"目的|用于|用途|为了|以便|用来 .. 核验|核对|确认|验证|核实|比对|实名|开立|开户|办理|签约|注册|入职|登记",
				"purpose|in order to|so that|used to|use it to|use them to .. verif|confirm|check|compar|open|identif|regist",
			},
			unless: []string{"接收方|处理方式|联系方式|次核验|最多用于|不会用于|不得用于|不用于", "receives|at most"},
		},
		{
			id: "missing-contact", has: []string{"联系|电话|邮箱|邮件|热线|客服|咨询|投诉|contact|call|email|e-mail|phone|write to|reach"},
			unless: []string{"接收方|用途|处理方式", "recipient|receives|in order to"}, forms: []*regexp.Regexp{reachForm},
		},
		{
			id: "missing-retention", has: []string{"保存|保留|留存|存储|删除|销毁|清除|delet|kept|keep|retain|store|erase"},
			unless: []string{"撤回", "withdraw"}, forms: []*regexp.Regexp{periodForm},
		},
		{
			id: "missing-rights", has: []string{"可以|有权|可向|权利|请求|要求|_may_|_can_|right"}, least: 2,
			groups: [][]string{{"查阅|访问|复制|副本|access|a copy|see your"}, {"更正|补充|修改|correct|rectif"}, {"删除|delet|erase"}},
		},
		{
			id: "missing-withdrawal", least: 1,
			has: []string{"撤回|收回|撤销|withdraw|revoke"}, unless: []string{"不可|不得|不能|无法 ~ 撤回|撤销|收回", "may not|cannot ~ withdraw|revoke"},
			groups: [][]string{{"点击|页面|按钮|电话|拨打|邮件|邮箱|客服|窗口|柜台|书面|设置|发送|回复|联系我们|方式:", "press|click|page|button|_call|phone|write|email|e-mail|counter|settings|reply|_form_"}},
		},
		{
			id: "missing-necessity",
			has: []string{
				"所必需|必不可少|必要性|缺少|缺一不可", "离开|没有|不提供 .. 无法|不能", "才能 .. 比对|核验|完成", "否则无法",
				"necessary|need each|needs each|without one|without any of|required for|required to|no result|essential|indispensable",
			},
			unless: []string{"期限|时间|除外|之外", "as long as"},
		},
		{
			id: "missing-impact", has: []string{"泄露|冒用|滥用|冒名|诈骗|盗用|歧视|名誉|财产|人身|利用|leak|misuse|pretend|fraud|theft|harm|damage|discriminat"}, least: 1,
			groups: [][]string{{"可能|影响|风险|后果|损害|损失|could|_may_|might|risk|effect|impact"}}, unless: []string{"不会 ~ 泄露|滥用"},
		},
		{
			id: "missing-recipients", has: []string{"接收方|用途|提供给|交给|交由|发送给|传送给|委托|比对|recipient|receives|sent to|provided to|in order to|compar"},
			forms: []*regexp.Regexp{legalForm, reachForm},
		},
	}
}

// guardianConcept is wanted of a notice for guardians, and of one that speaks of minors.
func guardianConcept() concept {
	return concept{
		id: "missing-guardian", has: []string{"监护人|父母 .. 同意", "guardian|parent .. consent|agree", "consent of .. guardian|parent"}, unless: []string{"视为|默认", "deemed"},
	}
}

const minorWords = "未成年|儿童|孩子|14周岁|十四周岁|14岁|十四岁|青少年|少年|中小学生|minors|a minor_|child|under 14|under the age of 14|younger than 14|below 14"

// missing returns what the text does not say.
func (d *document) missing() []Finding {
	var list []Finding
	for _, c := range concepts() {
		if !d.says(c) {
			list = append(list, Finding{Rule: rule(c.id)})
		}
	}
	minors := d.guardian || slices.ContainsFunc(d.blocks, func(b string) bool { return anyOf(b, []string{minorWords}) })
	if minors && !d.says(guardianConcept()) {
		list = append(list, Finding{Rule: rule("missing-guardian")})
	}
	return list
}

func (d *document) says(c concept) bool { return slices.ContainsFunc(d.blocks, c.in) }

func (c concept) in(block string) bool {
	if !anyOf(block, c.has) || anyOf(block, c.unless) {
		return false
	}
	for _, form := range c.forms {
		if !form.MatchString(block) {
			return false
		}
	}
	n := 0
	for _, group := range c.groups {
		if anyOf(block, group) {
			n++
		}
	}
	return n >= c.least
}
