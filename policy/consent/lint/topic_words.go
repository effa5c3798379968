package lint

// Here are patterns that go by the topic. The ways to say something unlawful have no
// end, while a lawful notice speaks of each topic in few ways: so whoever speaks of it
// otherwise is found. Each pattern therefore ends in long lists of what is lawful.

// aboutWithdrawal: whoever says "not", "must" or "costs" about a withdrawal, and neither
// that you may nor that it changes nothing.
func aboutWithdrawal() []string {
	const (
		lawful = " ! {您} + 可|可以|有权|得|能|可随时|随时|也可|仍可|均可|都可以 .. {撤回}" +
			" ! 随时|不影响|不收|免费|无需|无须|不必|不用|不需|毋需|毋须|不因|不以|不会|不得因|不得以|绝不|停止|不再|删除|销毁|自由|不问|字样|不另收|可以联系|可在|时可|并非|并不是|请先|设置|继续办理|一并终止|同时终止|被撤销|依法|法定|不产生|不构成|不是|登录|无法继续|可能无法|无法为您|其他服务|不再为您|核实|没有权利" +
			" ! 撤回前|撤回之前|撤销前|前撤回|前撤销|之前已|此前已|方法|方式|申请撤回的权"
		open = " ! you may withdraw|you may revoke|you can|may revoke|may withdraw|can withdraw|can revoke|can be withdrawn|can be revoked|may be withdrawn|may be revoked|may take back|right to withdraw|right to revoke|free to" +
			" ! any time|anytime|any moment|whenever|free of charge|no charge|no fee|without giv|not affect|unaffected|no effect|without consequ|without charge|need not|not have to|no reason|no penalt|never refuse|cannot refuse|no form|no longer" +
			" ! we stop|we delete|is deleted|nobody|no one|will not|at once|free|easy|how to|not cost|nothing|not true|not irrevocable|is not_"
	)
	return []string{
		"{撤回}|取消授权|停止授权|解除授权|终止授权|取消同意 & 不|无|未|非|须|需|先|除|罚|扣|费|赔|视为|丧失|失去|承担|违 & {授权}|您|本人|用户" + lawful,
		"{withdraw} & _not_|_no_|never|only|unless|subject|must|require|until|fee_|penal|cost|lose_|forfeit|refus|ignor|discretion|n't" + open,
	}
}

// aboutChange: whoever changes what was agreed to, and does not ask.
func aboutChange() []string {
	const lawful = " ! 重新|另行|再次|单独|取得|征得|通知|告知您|告诉|经您|经本人|您同意|同意后|不得|不会|无权|不能|不可|不变|绝不|询问|提示您|征求|签字|确认|更正|您可|您有权|请及时|请您" +
		" ! 改变主意|取消授权|撤回|您的姓名|手机号|证件|地址|名称|时间|电话|户名"
	return []string{
		"{变更} & 目的|用途|范围|处理方式|接收方|条款|授权|核验项目|规则|本书|字段|声明|告知书|政策|服务商 & {公司}|{授权}|生效|有效|适用|及于|约束" + lawful,
		"今后|以后|将来|未来|后续|日后|嗣后|往后|此后 & 用途|目的|项目|事项|核验|查询|处理|业务|使用 & 涵盖|包括|覆盖|及于|适用|有效|均|都|一切|任何|全部|所有" +
			lawful + " ! 不再|不",
	}
}

// aboutEnds: whoever speaks of the end of a relation and of the consent, and does not
// say that both end.
func aboutEnds() []string {
	const (
		lawful = " ! 同时|一并|随即|即行|即止|停止|删除|销毁|终止核验|不再|不得|可以在|可在|可随时|任何时候|随时可|您可|您仍可|您还可|您有权|我们不|公司不|学校不|无权|不会|重新|返还|当日|为止|之日止|不影响您|到期前|保存" +
			" ! 没有了|就没了|也没了|也结束|授权失效|授权终止|授权自动|自动失效|撤回授权|撤回同意|撤回本|不同意|拒绝授权|不签|分别签"
		keeps = " ! withdraw|revok|delete|we stop|we no longer|no longer check|ends too|also ends|end too|lapses|expires|ends with|ends when|at the same time|you may|you can|refus|deposit|copy of" +
			" ! not survive|not outlive|not continue|no life|may not|must not|cannot|no more|never_|goes with|over when|stops with|stop with|not renewed|not irrevocable"
	)
	return []string{
		"{结束关系}|合同|业务|协议|服务|账号|账户|贷款|会员|关系|申请|交易|保单 ~ {结束} & 授权|同意|许可|核验|查验|查询|声明|委托 & 仍|还|照|继续|无关|独立|有效|保留|存续|不|未|无" + lawful,
		"{结束关系} & 授权|同意|许可|核验|查验|查询|委托 & 仍|还|照|继续|无关|独立|有效|保留|存续|不|未|无" + lawful,
		"{ends} & consent|authori|permission|mandate|right to check|right to verify & remain|continue|still|survive|stays|unaffected|regardless|in force|outlive|persist|intact|even if|goes on|go on|keep|not end|not cancel|not terminate|not lapse|not expire|not stop|not affect|not disappear|independent" + keeps,
	}
}

// aboutAdverse: whoever reports what is adverse, and does not say that he tells first.
func aboutAdverse() []string {
	const (
		lawful = " ! 事先|提前|预先|先行|之前|以前|前,|前通知|前告知|会先|应先|须先|先书面|不会|不得|绝不|从不|不报送|不上报|不查询|不提供|不涉及|无关|不读取|更正|异议|错误|您可|您有权|不把|不将|没有|不用于|不包括|不记|不列|无权"
		first  = " ! not_|never|before|in advance|first|nobody|no one|cannot|correct|dispute|you may|you can|you will be told|we tell|we will tell|neither|nor_|no arrears|no missed|nothing"
	)
	return []string{
		"{不良} & 报送|上报|录入|入库|报给|推送|上征信|公示|公开|通报|共享|发布|列入|写入|记入|挂网|抄送|曝光|登记|提供给|传给|披露|发给|通知同行|告诉|转给|征集" + lawful,
		"{bad} & report|pass_|passed|send|sent|disclos|share|filed|file_|submit|transmit|forward|publish|registered|listed|circulat|notified to|made known|pushed|uploaded|fed" + first,
	}
}

// aboutOtherUse: whoever names another purpose, and does not say that it is left to you.
func aboutOtherUse() []string {
	const (
		lawful = " ! 不|无|未|单独|另行|自愿|拒绝|退订|选择|关闭|分别|征得|您可|您有权|禁止|勿|仅|只|请|可以自"
		free   = " ! not_|never|no_|nor_|separate|optional|refus|decline|unsubscribe|opt_|opting|free to|without|nothing|only_|unless|may ask|cannot|neither|n't|your choice|you can|please"
	)
	return []string{
		"{他用} & 信息|资料|数据|核验|认证|授权|照片|结果|同意|签署|点击|勾选" + lawful,
		"{purposes} & data|information|details|identity|_id_|photo|results|verif|check|agree|accept|consent|sign_" + free,
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
