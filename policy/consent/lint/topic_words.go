package lint

// Here are patterns that go by the topic. The ways to say something unlawful have no
// end, while a lawful notice speaks of each topic in few ways: so whoever speaks of it
// otherwise is found. Each pattern therefore ends in long lists of what is lawful.

// aboutChange: whoever changes what was agreed to, and does not ask.
func aboutChange() []string {
	const lawful = " ! 重新|另行|再次|单独|取得|征得|通知|告知您|告诉|经您|经本人|您同意|同意后|不得|不会|无权|不能|不可|不变|绝不|询问|提示您|征求|签字|确认|更正|您可|您有权|请及时|请您" +
		" ! 改变主意|取消授权|撤回|您的姓名|手机号|证件|地址|名称|时间|电话|户名"
	return []string{
		"{变更} & 目的|用途|范围|处理方式|接收方|条款|授权|核验项目|规则|本书|字段|声明|告知书|政策|服务商 & {公司}|{授权}|生效|有效|适用|及于|约束" + lawful,
	}
}

// aboutAdverse: whoever reports what is adverse, and does not say that he tells first.
func aboutAdverse() []string {
	const (
		lawful = " ! 事先|提前|预先|先行|之前|以前|前,|前通知|前告知|会先|应先|须先|先书面|不会|不得|绝不|从不|不报送|不上报|不查询|不提供|不涉及|无关|不读取|更正|异议|错误|您可|您有权|不把|不将|没有|不用于|不包括|不记|不列|无权"
		first  = " ! not_|never|before|in advance|first|nobody|no one|cannot|correct|dispute|you may|you can|you will be told|we tell|we will tell|neither|nor_|no arrears|no missed|nothing"
	)
	return []string{
		"{不良} & 报送|上报|录入|入库|报给|推送|上征信|公示|公开|通报|共享|发布|列入|写入|记入|挂网|抄送|曝光|登记|提供给|传给|披露|发给|通知同行|告诉|转给|征集|同步|推给|公布|上传|挂网" + lawful,
		"{bad} & report|pass_|passed|send|sent|disclos|share|filed|file_|submit|transmit|forward|publish|registered|listed|circulat|notified to|made known|pushed|uploaded|fed" + first,
	}
}

// aboutOtherUse: whoever names another purpose, and does not say that it is left to you.
func aboutOtherUse() []string {
	const lawful = " ! 不|无|未|单独|另行|自愿|拒绝|退订|选择|关闭|分别|征得|您可|您有权|禁止|勿|仅|只|请|可以自|分开|开启|如想|自由"
	return []string{
		"{他用} & 信息|资料|数据|核验|认证|授权|照片|结果|同意|签署|点击|勾选" + lawful,
	}
}

// aboutLiability: whoever says "not" about what the company answers for.
func aboutLiability() []string {
	const lawful = " ! 不免|不排除|不减轻|不推|不得|不限制|不会因|不影响|不放弃|不妨碍|我们承担|公司承担|依法|您无|您不|由我们|由本公司|负责到底|无效|请|不必您|不让您|不要求您"
	return []string{
		"{我方}|公司|平台|机构|银行|乙方|甲方|学校|房东 .. 不|无|概|恕|免 ~ 责任|担责|负责|赔偿|赔付|补偿|买单|救济|保证准确|义务赔|过失" + lawful,
		"不提供|不给予|不予|拒绝|不作|没有|无 ~ 救济|赔偿|补偿|补救|赔付 & {损失}|影响" + lawful,
		"独自|自行|自己|独立|自 + 面对|解决|消化|处理|想办法|善后|化解|买单|负责|承受|承担|担待|扛|兜 & {损失}|影响|责任" + lawful,
		"责任|赔偿|赔付|补偿|赔 .. 为限|封顶|不超过|上限|最高|至多|最多 ! 不设|没有上限|无上限|不受|撤回|实际损失|法律|法定|核验|查询",
		"liabilit|compensat|damages|responsib .. not exceed|limited to|capped|cap of|maximum of|at most|no more than|restricted to ! not limit|not capped|nothing|not be limited|actual loss",
		"not|never|nor ~ our|the company's|its|ours|the bank's|the platform's|their ~ responsib|fault|problem|concern|liabil|business|look-out|lookout ! not limit|not exclude|not waive|not affect|not reduce|not release|nothing|not escape",
		"alone|personally|solely|yourself|himself|herself ~ answer|answers|bear|bears|carry|carries|responsible|liable|accountable|face|cope|deal with ! we_|not_|company alone|provider alone",
	}
}
