package lint

import "slices"

// Here are the rules over what is done with data, and over who answers for it.

func unnamedRecipients() words {
	const nobody = " ! _no partner|_no supplier|_no vendor|_no third|_no other|_no affiliate|_no company|_none of|_nobody|_no one_"
	const not = " ! 未经 .. 不 ! 名单以外|全部第三方|征得您|取得您|您的单独同意"
	return words{id: "unnamed-recipients", finds: []string{
		"{转交} .. {泛指}" + not,
		"{泛指} .. {转交}" + not,
		"{转交} .. {自选}",
		"{自选} .. {转交}",
		"接收方|接受方|收件方|提供对象|共享对象 ~ {泛指}|等 ! 名单",
		"提供给|发给|交给|转给|开放给|共享给|披露给|传给|给到|推送给 .. 等 + 。|,|使用|查询|处理|机构|单位|各|查看|取用|方|平台" + not,
		"、 .. 等 + {转交}|共享|使用" + not + " ! 等信息",
		"{转交} .. {泛定} + {机构类}" + not,
		"{泛定} + {机构类} .. {转交}" + not,
		"{泛定} ~ {机构类} .. {转交}" + not,
		"我们|公司|我方|平台|我行|学校|甲方|乙方|自行|自主 ~ 挑选|选择|选定|指定|委任|安排|聘请|雇用|找来|认可|信任 + 的|之 ~ {机构类}|人|方|供应" + not,
		"为|替|给|帮|与|和|跟 + 我们|本公司|公司|平台|我行|甲方|乙方|学校 .. 服务|工作|办事|干活|合作|往来 ~ 的|之 ~ {机构类}|人|方 & {转交}" + not,
		"给|向|由|供|让|委托|授权 .. 的机构|的单位|的公司|的企业|的组织|的主体|的商家|的供应商|的团队|的人士|之机构|之单位|之人 & {转交}|核验 ! 您的|您所在|本告知书|上述|列明|以下|下列|前述|名单|附件|载明|写明|不|您工作|同意后|单独同意|先征|如需|逐一 ! 我们的公司" + not,
		"与|同|给|向|由|和 + 合作|关联|相关|外部|关系 ~ {转交}" + not,
		"{转交} .. {泛定} ~ {机构类}" + not,
		"接收方|接受方|受托|合作|服务商|机构|单位|对象|公司|{泛指} .. 名单|名称|身份|清单|是谁|哪家|哪些 .. 不|恕|无法|保密|秘密|机密 ~ 列|公布|公开|公示|告知|透露|披露|列示|提供|罗列|写明|载明|逐一|奉告|说明 ! 我们会|可以|您的姓名",
		"商业秘密|商业机密|保密原因|保密需要|商业保密|内部资料 & 名单|名称|接收|合作方|哪家|哪些",
		"机构|方|对象|单位|主体|人员|服务商|公司 .. 由 ~ {公司}|{我方} ~ 指定|选定|决定|确定|选择|安排|委任|物色|挑选|另定 ! 由您|您选择|您指定|不得",
		"被授权方|被授权人|被授权单位|接收方|接受方|受托方|受托人|查询方|使用方|处理者|收件人|受让人|提供对象|使用人 + :|为|是|包括|: .. 及其|以及|及|和|或|等 ~ {泛指}|{泛定} ! 不",
		"not publish|not disclose|not name|not reveal|not identify|not say|not specif|not tell|not stated|not named|confidential|trade secret ~ list|names|name_|identity|who_|which & recipient|partner|compan|receiv|supplier|vendor|provider ! you_may|nobody|we will tell",
		"such ~ as .. may|shall|from time to time ~ appoint|select|choose|designate|determine|nominate|engage|think|deem|see fit|decide ! you",
		"{转交} .. 等 + {机构类}|方|各|人士|有关|相关" + not + " ! 等信息",
		"哪家|哪些|哪个|谁|几家|哪一家 .. 不一定|不确定|不固定|说不准|视情况|看情况|会变|不好说|随机|轮换 ! 您",
		"机构|方|公司|单位|供应商|名单|接收 .. 另行公告|另行公布|另行公示|另行告示|另行确定|待定|未定|暂不确定|后补 ! 取得您|征得|同意",
		"包括但不限于|不限于 .. {泛指} ! 不得|不会|不向",
		"被授权人|被授权方|受托人|接收方|第三方|使用方|对象|所称 .. 泛指|是指|系指|指|即|包括 .. 一切|任何|所有|各|{泛指} ! 不|名单",
		"包括但不限于 & 接收方|提供给|共享|接收者|收件",
		"对外 + 提供|披露|共享|公开|转让|发布 ! 不对外|不会|不得|同意后|单独同意",
		"提供给谁|交给谁|给谁|传给谁|由谁处理 .. 由|凭|视 ~ {公司}|掌握|决定|情况",
		"名单|具体单位|具体名称|成员|合作方 ~ 以实际|恕不|不公示|随时|不逐一|不另列|不予公布|不便",
		"{transfer} .. {anybody}" + nobody,
		"{anybody} .. {transfer}" + nobody,
	}, unless: []string{
		"不向|不会向|不会把|不会将|不把|不将|不与|不会与|绝不|不得向|不提供|不共享|不披露|不转让|不委托|不交给|不会交|从不|不得把|不得将|禁止向|严禁|不再向|不对外",
		"不会|不得|从未|没有 ~ {转交}",
		"{泛指} ~ 无法|不能|不得|无权|不会|均不|无从",
		"{泛定} + {机构类} ~ 无法|不能|不得|无权|不会|均不|无从",
		"not to ~ share|disclose|pass|give|sell|use",
		"未经 .. 不",
		"除上述|名单以外|全部第三方",
		"请勿|切勿|不要|别把|别将|谨防|请不要",
		"征得|取得 .. 同意",
		"您|你|求职者|用户|本人|租客|家长|学生 + 可以|有权|可|能 ~ 要求|询问|查询|知道|了解|随时|向|拒绝|请求|查看|投诉|选择",
		"我们|我行|平台 ~ 先|会先 + 告|通知",
		"not share|not disclose|never|not be shared|not be disclosed|no third party|no other|nobody|not pass|not give|not sell|not send|not hand|no partner|no one|none of",
		"do not|does not|don't ~ {transfer}|have|use|employ|let|allow|permit",
		"only to_|only recipient",
		"you may ask|you can ask|list of every",
		"may not ~ {transfer}",
	}}
}

func excessData() words {
	const (
		face  = " ! 只用于|仅用于|只用来|仅限|删除|销毁|单独|自愿|选择|线下|柜台|窗口|人工|其他方式|替代|拒绝|不愿|改用|不是必|不强制"
		faces = " ! only|optional|delet|eras|instead|refus|counter|desk|separate|destroy|alternative|you may|you can|not_|never|no_"
	)
	const not = " ! 不得收集|不得查询|不要求|不留取|举报|报警|警惕|有权拒绝|可以拒绝|可拒绝|可以不|可不提供|不提供也|谨防|诈骗"
	return words{id: "excess-data", finds: []string{
		"{收集} .. {敏感}" + not,
		"{敏感} .. {取用} ! 您可以|您可|代您" + not,
		// A face is what some services compare: then the notice says so, and what else is open.
		"{收集} .. 人脸|面部|脸部|面容|刷脸" + not + face,
		"人脸|面部|脸部|面容 .. {取用}" + not + face,
		"{gather} .. facial|your face|face image|face template|face scan" + faces,
		"facial|your face|face image|face template|face scan .. {gathered}" + faces,
		"除 ~ 姓名|身份证|证件 .. 外|之外|以外 .. {敏感}" + not,
		"需|须|要|想|得 ~ 知悉|知道|知晓|了解|掌握|弄清|问清 .. {敏感}" + not,
		"应|须|需|要|必须|还要|都要 ~ 告知|说明|申报|报告|陈述|交代|写明|讲清 .. {敏感} ! 我们|我方|公司应|公司须" + not,
		"{收集} .. 一切|所有|任何|全部|其他|其它|各种|各类|更多|等 ~ 信息|资料|数据 & 认为|觉得|需要|有助|有用|必要|相关|有关|不限于 ! 不|您可|您有权|加密|保密|保护|删除|更正|仅|只",
		"一切|所有|任何|全部|其他|其它|各种|凡 .. 信息|资料|数据 .. {取用}|之列|{收集}范围 & 认为|觉得|需要|有助|有用|必要|相关|有关|不限于|凡 ! 不|您可|您有权|加密|保密|保护|删除|更正|仅|只",
		"认为|觉得 ~ 必要|需要|有用|有关|相关|有助 ~ 信息|资料|数据|材料 ! 不|您认为|您觉得",
		"any other|any additional|all other|any further|whatever|all_|any_|everything|anything ~ data|information|details|documents|material|records .. deem|consider|useful|wish|see fit|think|may need|relevant|ask you for ! before|not|never|no_|you may|you can|delete",
		"consent to|agree to|agrees to|allow|allows|permit|permits|authorise|authorize .. {private} ! not|never|without|no_|nor|refuse",
		"{gather} .. {private} ! unaffected|not affected|not affect|no credit|may refuse|can refuse|please do not|nobody|no one",
		"{private} .. {gathered} ! will not|do not|does not|never|need not|without",
	}, unless: []string{
		"不|无需|无须|毋需|不必|不用|不会|不要|从不|绝不|不再|不得|未|拒绝|不应|请勿|勿|不需|禁止|严禁|不需要|不愿|没有|没 + {收集}|看|问|要|碰|存|拿|取|管|过问|关心",
		"不涉及|不包括|不包含|不属于|不要求|不用于|不进入|不关联",
		"不会|从不|不得|绝不|无权|禁止|严禁|拒绝|不要求|无需|无须|不必 ~ {收集}",
		"损失|损害|泄露|冒用|侵害|保障|安全责任",
		"不 ~ 也不|和不",
		"不要|请勿|切勿 ~ {收集}",
		"与 ~ {敏感} ~ 无关",
		"不在|不属于|未列入|不列入|不纳入 .. 范围|之列|之内",
		"不是|并非|不属于|并不是 ~ 前提|条件|必需|必须|必要|必填",
		"变更|有变 .. 通知|告诉|更新",
		"您|你|本人|用户 + 可以|有权|可 ~ 查阅|查看|要求|向|拒绝|不",
		"查询|查阅 ~ 您 ~ 自己",
		"not collect|never collect|not process|not access|not use|not obtain|harm|damage|leak",
		"not_ask|never ask|not read|not need|not require|not request|not look|not check|not store|not take|not have to|not gather|no need|without access|nor_|not be asked|not scan|not record|not be required|may refuse|not touch|neither|not involve|not include|no biometric|rather not",
	}}
}

func adverseData() words {
	const not = " ! 不得报送|不得上报|不得提供|不得用于|不得录入|不会报送|不报送|会事先|会提前|会先|我们先告|我们先通|我们先书|我们先行|须先|应当事先|应事先|应提前|先行告知您|先书面"
	return words{id: "adverse-data", pairs: []string{
		"{不良} & {不知}" + not,
		"{bad} & {untold} ! before|in advance|first",
	}, finds: append(aboutAdverse(),
		"{不良} & {不知}"+not,
		"{不良} & {不知}"+not,
		"已|视为已|视同已 ~ 提前|事先|事前|收到|获|知悉 .. 通知|告知|提示 & {不良}"+not,
		"{不良} .. 不 ~ 告知|告诉|通知|知会|提醒|提示|声明|说明|说"+not,
		"{不良} .. 直接|自动|自行|径行|径直|随时|一律|即|可以|立刻|马上 ~ {上报}"+not,
		"{不知}|自行|直接|自动 .. {上报} .. {不良}"+not,
		"视为|视作|等于|相当于 ~ 事先告知|事前告知|告知|通知 & {不良}"+not,
		"{不良} & 不得|无权|不可|不会|不能|不提 ~ 以未|要求事先|要求提前|要求通知|异议"+not,
		"{不良} .. 上征信|入征信|进征信|挂网"+not,
		"信用|征信 .. 不知情|不告知|不提醒|悄悄|不通知 & {不良}"+not,
		"不利|负面|消极|有害 ~ 信用|记录|信息|情报|资料|评价 & {不知}"+not,
		"视为|视作|等于|即 .. 已 ~ 告知|通知|尽到 & {不良}"+not,
		"{bad} & {untold}",
		"{bad} & without ~ knowledge|knowing|notice|aware|telling|told|consult|warning|inform",
		"{bad} & not required|no duty|under no duty|not obliged|no obligation|need not|not bound|not have to|nobody|no one|never|will not|won't ~ warn|tell|told|alert|inform_|informed|informing|notif|contact|advis|consult|write|hear|learn|remind ! unless|until|before|in advance",
		"{untold} .. {bad}",
		"waive|without notice|without telling .. {bad}",
		"{bad} .. not be ~ advised|told|informed|notified|warned|contacted",
	), unless: []string{
		"会提前|会事先|会先告知|会先通知|不报送|不会报送|不提供您的不良|不得用于|不涉及",
		"不会|不得|绝不|从不 + {上报}",
		"不报送|不上报|不查询|不提供|不录入",
		"未|没有 ~ 告知|通知 .. 不得|不",
		"not report|never report|not pass|you in advance of|notify you in advance|inform you in advance|tell you in advance|we will write|we will tell|we will first|not be reported|not without|never without|nothing adverse|no adverse",
		"may not|must not|cannot ~ report|pass|record",
	}}
}

func bundledPurposes() words {
	const apart = " ! 不代表|不等于|分别|分开|单独征|另行征|重新征|再次征|不勾选也|拒绝也|不影响"
	return words{id: "bundled-purposes", pairs: []string{
		"信息|资料|数据|照片|结果 & 拿来做什么|做什么|用途|目的|用来|用于|用作 & {他用} ! 不|无|另行|单独|您可|仅|只",
	}, finds: append(aboutOtherUse(),
		"{用于} .. {他用} ! 不受影响|其他服务不"+apart,
		"{他用} .. {用于}"+apart,
		"信息|资料|数据|照片 .. 拿来|来|做 ~ 分析|研究|推销|赚钱|变现|牟利|出售 ! 不会|绝不|不拿|不得|不能",
		"信息|资料|数据|图像|照片|结果|影像 .. 拿去|用来|用以|用于|供 .. {他用}|分析|设计",
		"同意 ~ 同时 ~ 接受|同意",
		"用途|目的 ~ 包括但不限于|不限于",
		"即同意|即视为|即表示|即代表|即为|视为|视同|一并|同时|也同意|即接受|等于同意|默认|表示您|表示你|表示同意|自动|就同意|就等于|均一并 .. 同意|接受|签署|适用|订阅|加入|开通|授权|开启|参加|勾选|领取 .. 协议|政策|条款|信息|短信|广告|推送|章程|计划|服务|活动|通知|推广|群|会员|营销|保险|贷款|游戏"+apart,
		"即同意|即视为同意|一并同意|同时同意|也同意|即接受|等于同意|视为同意|视为接受|表示您接受|表示您同意|表示同意 .. 协议|政策|条款|信息|短信|广告|推送"+apart,
		"视为|视同|等于|即为 ~ 对 .. 的接受|的同意|的认可|的签署 ! 不视为|不等于",
		"一并授权|一并同意|一并签署|一并生效 ! 不",
		"用于|以及|及|和 ~ 其他 .. 事项|用途|目的|业务|需要|活动|场合 & 用于|用途|目的 ! 不用于|不得用于|不作|另行|单独|不会",
		"效力|同意|签名|签字|授权 ~ 及于|亦及于|延伸至|覆盖|同时适用于|一体适用 .. 协议|章程|条款|揭示书|政策|规则|附件|合同 ! 不",
		"对 .. 均|都|一并|全部|已 ~ 同意|接受|认可|签署 & 协议|附件|章程|条款|政策 ! 不|分别|单独|另行",
		"deemed|taken|treated|considered|regarded ~ accepted|agreed|signed|joined|subscribed .. all|other|also|terms|agreements|polic|programme|program ! not|never",
		"点击|勾选|签署|签字|同意|完成|认证|核验|登录|注册 .. 即|就|便|也|等于|等同|视为|一并|同时|自动|并 ~ 开通|加入|订阅|注册成为|申请|开立|参加|购买|激活|签署 ! 不|另行|单独|可以选择|您可"+apart,
		"{视为}|一并|同时|等同于 ~ 签署|接受|同意|确认|授权 .. 各项协议|协议|附件|条款|章程|服务 & 签署|点击|勾选|授权|认证|完成|同意 ! 不|另行|单独",
		"改进|优化|改善|提升|完善|升级|迭代|调优|提高 ~ 算法|产品|模型|体验|系统|业务|运营|效率|精度|识别率|服务质量 & 用|供|于|拿 & 信息|数据|资料|照片|结果|影像|图像 ! 不|单独|另行",
		"合并授权|合并为一|合并签署|打包|一揽子|捆绑|不可拆分|不得拆分|不可分割|不得择一|不可单独|不能单独|不得单独|不可分别|不分别|不再分别|一键授权|一次勾选|全部协议|任选其一 & {授权}|同意|签署|协议",
		"不愿|不想|不肯|不同意|不勾选|未勾选|拒绝|不接受|不加入|不订阅|不开通|不参加|关闭 .. {他用} .. 无法|不能|不予|不得|将|拒绝 ! 不会因|不影响|也可以|不得以|不因|仍可|不会以",
		"须|必须|需 ~ 同意|勾选|接受 .. {他用} .. 才|方可|方能",
		"refuse|decline|reject|opt out|without|unless ~ {purposes} .. cannot|can't|will not|won't|not be|no_ ~ verif|check|proceed|complete|continue|served ! not affect|still|no effect|separate",
		"{usage} .. {purposes}",
		"{purposes} .. {usage}",
		"purpose ~ include but|not limited to",
		"by agreeing|one click|one tap|one signature|single consent|by ticking|by accepting|by signing|by consenting|by continuing|by verifying|completing verification|signature below|this box|confirms your identity .. also|all other|terms|policies|policy|joins|together with|signs you up|switches on|enrol|subscrib|as well as|both",
		"also|additionally|at the same time|automatically|simultaneously ~ open|activat|start|creat|regist|join|subscrib|appl .. account|card|plan|subscription|member|loan|insurance ! not",
		"accept|agree|tick|sign|consent|register ~ means|implies|also|includes .. terms|polic|rules|newsletter|offers|other",
		"serves both|counts both|as consent to .. and as|and also as",
		"may not be verified unless|no verification unless|cannot be verified unless|verification requires ~ {purposes}|agree|subscrib",
	), unless: []string{
		"另行|单独|自愿|自由 ~ 订阅|同意|征得|选择|勾选|开通",
		"不 .. 捆绑|打包|合并",
		"想 ~ 收到|领取|参加|加入|了解",
		"如需|如您愿意|愿意|若需|如想|如您想|想要",
		"不提供|不给|不向|不发|不卖|不交|不透露|不做|不搞|不拿",
		"{他用} .. 与 .. 无关|没有关系|没关系|不相干",
		"互不打通|分库|隔离|互不相关|不相关|互相独立|各自独立|互不影响",
		"与 ~ {他用} ~ 无关|没有关系|没关系",
		"由您|您自己 ~ 决定|选择",
		"saying no|has no effect on|without having to",
		"不会用于|不用于|不得用于|不等于|不与其他|不会向您|绝不用于|不用作|不用来|不作|不得作|从不用于|不会用来|不包括|不再用于|不做|不涉及|禁止用于|严禁用于|不将",
		"不会|不得|绝不|从不|拒绝|退订|关闭 ~ {他用}",
		"您|你|用户|本人 + 可以|有权|可 ~ 拒绝|关闭|退订|不",
		"may refuse|can refuse|could refuse|free to refuse|right to refuse|even if|may decline|can decline|decline and still|refuse and still|refuse it|say no|optional|separate consent|ask you separately|free to",
		"not used for|never use|not use|does not mean|never for|not be used|nor_|not for_|never_|no marketing|no advert|not send|opt out|not mean|nothing else|without accepting|separately|not a condition|unsubscribe|not share",
	}}
}

func allConsequences() words {
	const ours = " ! 我们承担|我公司承担|我司承担|本公司承担|我们依法|我公司依法|公司依法承担|我们负责|不影响您|您不承担|您不必|您无需|不会免除|不免除|不排除|不减轻|我们会赔|我们赔|要求我们|依法承担责任|依法承担相应|依法赔偿"
	return words{id: "all-consequences", finds: slices.Concat(aboutLiability(), consequencesInEnglish(), []string{
		"{承担}|自负 ~ {全部} ! 我们 ~ 承担 ! 由我|由本公司|我公司|我司依法|受托方|依法承担",
		"{全部}|{损失} .. 由|归|概由|悉由|均由|皆由|全由|让|应由|须由 ~ {您} ~ {承担}" + ours,
		"{您} .. {承担} ~ {损失}|后果|风险" + ours + "|向您|为您|对您|给您",
		"{您} ~ 愿意承担|自愿承担|独自承担|独立承担|自行承担|自己承担|完全承担|全部承担|自行负责|自己负责|自己扛|自行负担|自行解决|自行处理|负全责|并负全责|自认倒霉|自己兜着|自己买单|负责到底|担全责" + ours,
		"一切|全部|所有|任何|风险|损失|后果|结果 .. 由|本人|您|用户|授权人|签署人|自行 ~ 承担|担负|负责|自负|自行" + ours,
		"{不赔} .. 责任|负责|追究|赔偿|补偿|损失|后果|风险|义务|道歉 ! 您不承担|您不必|您无需|不排除|不会免除|不减轻|不影响您|您无须",
		"不予 + 补偿|赔偿|赔付|负责|理赔",
		"均不负责|概不负责|不负责任|一律不负责",
		"{损失}|责任|出事|出了事|有事 ~ 自负|自担|自理",
		"不担责|免于追责",
		"免责|自担|自担风险|自担责任|风险自担|责任自负|后果自负|风险自负|盈亏自负|自负其责|自认倒霉|自求多福|自行负担|概不认账|恕不负责|别来找|与人无尤|不得归责|免负 ! 不免责",
		"我们|我方|平台|公司|乙方|甲方|本校|本社|我行|我司|房东|中介 ~ 不赔|不管|不负责|不认账|不背|不担|不买单|没责任|没有责任|无责",
		"责任|赔偿 ~ 为零|上限为零|以零为限|零元|均为零|为0|不超过",
		"是|算|归|属|成了 ~ {您} ~ 自己的事|的事|的问题|的责任|自找|自己的锅 ! 不是|不算",
		"最多|至多|上限|顶多|仅|只 ~ 赔|补偿|退还 & {损失}|错误|责任 ! 核验",
		"责任|问题|过错 ~ 在|都在|归|属于|算 + {您}",
		"{您} .. 赔偿|补偿 ~ {我方}|平台|公司 ! 有权|可以|要求|请求|向",
		"不赔付|不予赔付|不理赔|拒绝赔付|一分钱不赔|分文不赔|一概不赔|概不赔偿|不赔偿|不予赔偿|不赔的|公司不赔",
		"不对 .. 承担|负责|保证" + ours,
		"与|跟|和|同 ~ {公司}|本号|我们 ~ {无关} ! 无关的信息|无关的数据",
		"{公司}|本号 + {无关}",
		"{损失} .. {无关} ! 与核验无关|与本次|信息",
		"由我|我自己|我本人|我愿意|我自愿|我一人|我独自 ~ {承担}|认|担",
		"{不可} .. 要求|让|叫|使|请求|令 ~ {公司} .. {承担}|赔|责任|道歉|补 ! 我们不得|公司不得|不得要求您|您可",
		"均与|概与|皆与 ~ {公司} .. {无关}",
		"不得|不就|放弃|不会|不向|不能|不可|无权|不再|承诺不|抛弃|保证不|不因|永不|绝不 .. {追究} ! 我们不得|我方不得|公司不得|不影响您|不会因您",
		"不受 ~ 追索|追究|追责|索赔",
		"接受|承受|明白|知悉|理解 ~ {全部} ~ {损失}|后果",
		"接受|承受 .. 全部|一切|所有 ~ 风险|后果",
		"不可抗力 & {损失}",
		"不作任何保证|不作任何担保|不提供任何保证|不作保证|按现状提供",
	}), unless: []string{
		"由我们承担|我们承担|由我们负责|我们负责|由本公司承担|我们依法承担|由公司承担",
		"由|应由|须由|归 + {我方} .. {承担}|赔偿",
		"由 + 受托方|过错方|处理者|服务商|供应商 .. {承担}",
		"依法 ~ 承担|赔偿|负责",
		"约定|条款|声明 .. 无效|不适用|不发生|没有效力",
		"不因 .. 放弃", "不放弃|并不放弃|不会放弃", "您不承担|您不必|您无需承担|不会免除|不免除|不减轻|不影响您|不排除",
		"{我方} ~ 依法|应当|会|须|应|愿意 ~ 承担|赔偿|负责",
		"我们|我方|公司 + 不得|不会|不能|也不会 ~ 以|要求您|让您|拒绝|推",
		"您|你|本人|用户 + 不承担|无需|不必|不用|无须|可以|有权",
		"我们 ~ 放弃|免除",
		"you are not|you are never|you will not|you do not|you're not",
		"company|bank|school|employer|landlord|platform|hospital|insurer|provider|operator|_we + bear|_bears|_pays|_answers|_compensates|_assumes|_carries|_is liable|_is responsible|_accepts full",
		"we bear|borne by us|we are liable|not release|you do not bear|not bear|we will compensate|we compensate|we pay|we are responsible|nothing in this|not limit|not exclude|not waive|need not|not have to|you may claim|not bear",
	}}
}

// consequencesInEnglish are the same in English.
func consequencesInEnglish() []string {
	return []string{
		"no claim|no claims|no action|no suit|no lawsuit|no complaint .. against|be made|be brought|lie_|lies|be raised|be asserted ! not",
		"hold|holds|blame|blames ~ no one|nobody|no person|no party ~ responsib|liable|account",
		"own account|own expense|at your expense|at your cost|your own cost|yours to carry|down to you|up to you to bear|your loss ! not|never",
		"will not|won't|shall not|not|never|refuse to ~ compensate|indemnify|reimburse|pay damages|make good|refund|answer for ! you will not|not limit|may not",
		"entirely yours|yours entirely|all yours|yours only|solely yours|yours to bear|on your head|your own lookout",
		"i|user|applicant|tenant|employee|borrower|seller|candidate|customer|client|member|undersigned ~ will not|won't|shall not|never|agree not ~ sue|complain|claim|seek|pursue|hold|blame|bring ! you against|we will not|we never",
		"assumes all|assume all|assumes the risk|assume the risk|assumes any|lies solely|rests solely|lie solely|not make any claim|not bring any claim|make no claim",
		"neither .. nor .. answers|liable|responsible",
		"assume full resp|assumes full resp|full responsibility|sole risk|for the account of the|exclude any liab|exclude liab|excludes all|excludes any|exclude every ! we accept full|we take full|we assume full|not exclude|accepts full",
		"bear all|bears all|bears every|bears any|bear the|bears the|bear every|bear full|bears full|borne by|all consequences|all risks|every risk|no liability|not liable|not responsible|hold harmless|harmless|own risk|indemnif|disclaim|hold the company|hold us|exclude all liab|alone is responsible|alone responsible|alone are responsible|solely responsible|sole responsibility|no responsibility|not be liable|not be held|not be responsible|cannot be held|without recourse|no recourse|have no claim|has no claim|be responsible for an|accept no|accepts no|no compensation|no warrant|as is_|not accept any responsib|not answer for|not be answerable|not our problem|not our fault|not to blame|not at fault|own affair|own matter|lies with|rests with the|falls to the|falls on the|the user's problem|own responsibility|that's on you|on you_|that is on you|your own problem|your problem|no claim against|nothing to do with us|entirely with you|limited to zero|liability is nil",
		"waive|release|renounce|give up|gives up|forgo|surrender|discharge|agree not to|agrees not to|promise not to|covenant not .. claim|liabilit|sue|action|damages|compensation|recourse",
		"liabilit ~ excluded|is excluded|are excluded|nil|zero|disclaimed|limited to",
		"liability .. is excluded|excluded to|excluded even|are excluded",
		"in no event|under no circumstance|in no case|at no time|no circumstances .. liable|responsible|owe|compensat|pay|answer",
		"never|not|nor ~ owe|compensate you|pay compensation|be liable",
		"consequences|losses|loss|damage|risk .. yours alone|solely|for you to bear|fall on|falls on|rest with you|lies with you|rests with ! us_",
	}
}
