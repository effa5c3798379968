package lint

// words are what a rule looks for in a clause: one of finds, and none of unless.
type words struct {
	id            string
	finds, unless []string
}

const (
	verbsZH   = "提供|共享|分享|委托|披露|转让|转交|交给|交由|交换|传输|传送|发送|同步|透露|公开|处理|查询|收集|核实|使用|转给|流转|传递|移交|递交|报送|互通|交予"
	readZH    = "收集|采集|查询|获取|读取|记录|调取|提供|处理|保存|整理|包括|访问|授权|同意|需要|查看|同步|掌握|上传|检索|调阅"
	askZH     = "授权|同意|通知|告知|征求|征得|确认|询问|再问|问本人|提示|征询|过问"
	companyZH = "公司|我们|贵司|我司|本司|平台|你方|我方|本行|机构"
	// waivers are how a clause says that something need not be done.
	waiversZH = "无需|无须|毋需|毋须|不需|不必|不用|免于|免除|不另行|恕不|无另行|用不着|不经|不再另行|不再提前|不再通知|不再征|不作|不予|不在告知|不告知|不通知"
)

// clauseWords are the rules over clauses: the words of lawyers and of people who hope
// that nobody reads. A new wording is a new word here and a line in testdata.
func clauseWords() []words { return append(agreementWords(), dataWords()...) }

// agreementWords are of what makes of an agreement more than it may be.
func agreementWords() []words {
	return []words{
		{"irrevocable", []string{
			"不可|不得|不能|无法|无权|不予|不会|不再|不支持|不允许|不许|禁止|放弃|承诺不|保证不|不要求 ~ 撤销|撤消|撤回|收回|取消|反悔|解除|回收",
			"保证|承诺|同意 .. 不撤回|不撤销|不收回|不取消", "撤回|撤销|收回 ~ 须征得|须经|需经|应经 ~ 同意|批准", "不可逆|终局性|最终性", "不得单方|不能单方 ~ 终止|解除|撤回", "不设|没有|不提供 ~ 撤回|撤销", "only be withdrawn with|withdrawn only with|only withdraw with", "binding and final|final and binding", "no way to|no option to ~ withdraw|revoke", "irrevocabl", "non-revocable|nonrevocable|unrevocable",
			"may not|cannot|can not|can't|not to_|shall not|will not|must not|unable to|no right to|not entitled to|never ~ withdraw|revoke|take back|taken back|cancel|rescind",
			"waive|give up|relinquish .. withdraw|revoke|cancel",
		}, []string{
			"我们不会|我们绝不|我们不|我们也不会 ~ 要求", "不因您撤回|不会因撤回|不会因您撤回", "条款 .. 不适用|无效", "可以|有权|可|能 ~ 随时撤回|随时收回|随时取消|随时撤销",
			"_can|_may ~ withdraw|revoke .. at any time", "withdraw at any time", "not affect|be affected", "nobody|no one .. cannot|may not",
		}},
		{"unlimited", []string{
			"无次数|无限次|不限次|任意次|不限时|不限期|无限期|无期限|无固定期限|期限:长期|有效期:长期|至永远|永远|不设期限|不设截止|永久|终身|长期有效|持续有效|始终有效|一直有效|永远有效|没有有效期|无有效期|不设有效期|没有期限|没有次数",
			"次数|期限 ~ 不受|没有限制|不限|不作限制|无限制", "次数 ~ 由公司|由贵公司|由我们|由贵司|为准|另行决定", "按需多次|多次调用|不限制次数", "直至 ~ 另行通知",
			companyZH + " ~ 随时|任何时候|任何时间|无论何时|多次|反复|持续 ~ 查询|查验|核验|核查|核对|收集|采集|使用|验证|调用|调取",
			"无论何时|任何时候|任何时间|随时 ~ " + companyZH + " .. 查询|查验|核验|核查|核对|收集|采集|验证", "反复查询|反复核验",
			"unlimited|without limit|indefinite|perpetual|no expiry|no expiration|never expire|does not expire|not expire|no end date|no time limit|permanent|forever|as often as|any number of times|until further notice|has no end|without end|no cap|no limit|multiple times|whenever we|whenever it|until you die|from time to time|for as long as we",
			"_we_|company|platform|vendor .. check|query|verify|access .. at any time",
		}, []string{"您可以随时|您有权随时|你可以随时|您可随时|本人可以随时", "向我们|向公司 .. 查询|查阅", "not valid indefinitely|not indefinite|not unlimited|not permanent"}},
		{"unnamed-recipients", []string{
			verbsZH + " .. " + receiversZH, receiversZH + " .. 获取|" + verbsZH,
			"receiv|share|disclos|provid|pass_|transfer|send|made available|make available|give_|forward|transmit|exchang|hand|releas|circulat|convey|suppl|shared .. " + receiversEN, receiversEN + " .. receiv|obtain|get_",
		}, []string{
			"不向|不会向|不会把|不会将|不把|不将|不与|不会与|绝不|不得向|不提供|不共享|不披露|不转让|不委托", "未经 .. 不", "除上述|名单以外",
			"not share|not disclose|never|do not_|does not_|not be shared|not be disclosed|no third party|nobody|not pass|not give", "征得|取得 .. 同意",
		}},
		{"no-further-consent", []string{
			waiversZH + " .. " + askZH, "不会 ~ 另行|再次|再行 ~ " + askZH, "视为 ~ 同意|接受|认可", "单方修改|单方面修改|自动生效|免问|不再征询|不再逐一|不再询问|不再提示", "修订|变更|修改|更新 ~ 生效", "变更|修改|调整|新增 .. 公告为准|对您生效|自动适用|自公布|即时生效|即生效", "不告知您|不在告知",
			"no further|no additional|no new|no other|no separate .. consent|authori|permission|approval|notice",
			"not need|need not|no need|not required|not be required|not have to .. consent|authori|permission|ask_|inform",
			"without asking|without notice|without informing|without notifying|without further|without prior notice|without telling|without obtaining|without notif", "future uses", "_may|_can .. without your consent",
			"continued use|deemed to|counts as consent|sole discretion|agree in advance|consent in advance|no requirement to", "reserve the right|reserves the right ~ change|modify|amend", "unilateral",
		}, []string{"未经 .. 不", "不视为|不算同意|不得视为", "not without|never without"}},
	}
}

// dataWords are of what is done with data, and of who answers for it.
func dataWords() []words {
	return []words{
		{"excess-data", []string{
			readZH + " .. " + excessZH, excessZH + " ~ " + readZH,
			"collect|obtain|access|quer|retriev|process|read_|_use_|_used|information on|gather|request|track|look at|record|monitor .. " + excessEN,
			excessEN + " .. collect|obtain|accessed|queried|retrieved|process|_used|gathered|recorded|monitored|tracked",
		}, []string{
			"不收集|不会收集|不采集|不会采集|不涉及|不查询|不会查询|不读取|不获取|不会获取|不记录|不使用|不处理|无需提供|不要求|不用于",
			"损失|损害|泄露|冒用", "not collect|never collect|not process|not access|not use|not obtain|harm|damage|leak",
		}},
		{"adverse-data", []string{
			adverseZH + " .. " + untoldZH, untoldZH + " .. " + adverseZH, adverseZH + " .. 不 ~ 告知|通知",
			adverseEN + " .. without|waive|not be notified|no advance|no prior|no notice|not notify|not inform", "waive|without notice|without telling .. " + adverseEN,
		}, []string{"会提前|会事先|会先告知|会先通知|不报送|不会报送|不提供您的不良", "not report|never report|not pass"}},
		{"bundled-purposes", []string{
			"用于|用途|目的|为了|适用于|向您|用来|接收|开展|进行|帮助 .. " + purposesZH, purposesZH + " .. 查询|收集|使用|核对|用途|目的", "同意 ~ 同时 ~ 接受|同意", "用途|目的 ~ 包括但不限于|不限于",
			"即同意|即视为同意|一并同意|同时同意|也同意|即接受|等于同意|视为同意|视为接受|表示您接受|表示您同意|表示同意 .. 协议|政策|条款|信息|短信|广告|推送",
			"used|_use_|purpose|verif|process|helps us .. " + purposesEN, "purpose ~ include but|not limited to",
			"by agreeing|one click|by ticking|by accepting|by signing|by consenting|by continuing .. also|all other|terms|policies|policy",
		}, []string{"不会用于|不用于|不得用于|不等于|不与其他|不会向您|绝不用于", "not used for|never use|not use|does not mean|never for"}},
		{"all-consequences", []string{
			"承担|担负|自负 ~ 一切|全部|所有|任何", "一切|全部|所有|任何|风险|损失|后果|结果 .. 由|本人|您|用户|授权人|签署人|自行 ~ 承担|担负|负责|自负|自行",
			"不承担|不因此承担|无须承担|无需承担|不会承担|不负|概不|免除|放弃|免 ~ 责任|负责|追究", "接受|承受 .. 全部|一切|所有 ~ 风险|后果", "免责|自担风险|风险自担|责任自负|后果自负", "您|本人|授权人|用户 ~ 自行解决|自行处理", "不对 .. 承担|负责", "与公司无关|与我们无关|与我方无|与平台无关|均与我方",
			"不得|不就|放弃|不会|不向 .. 赔偿|索赔|追责|追偿",
			"bear all|bears all|borne by|all consequences|all risks|no liability|not liable|not responsible|hold harmless|at your own risk|indemnif|disclaim|hold the company|hold us|exclude all liab|solely responsible|no responsibility|not be liable|not be held|cannot be held|without recourse",
			"waive|release ~ claim|liabilit",
		}, []string{
			"由我们承担|我们承担|由我们负责|我们负责|由本公司承担|我们依法承担|由公司承担", "您不承担|您不必|您无需承担|不会免除|不免除|不减轻|不影响您",
			"we bear|borne by us|we are liable|not release|you do not bear|not bear",
		}},
		{"independence", []string{
			"效力 ~ 独立|不以", "不随 .. 终止|失效|消灭|解除", "相互分离|相互独立|互不影响", "severable|stands alone|stand alone", "not end|not terminate ~ this consent|consent|authori", "单独有效|独立有效|具有独立性", "授权|同意|本书|条款 ~ 独立于",
			"合同|业务|协议|服务|账号|帐号|销户|贷款|申请|注销|结清 .. 继续有效|仍然有效|依然有效|仍有效|均有效|都有效|不失效|不终止|约束力|仍可继续|继续使用|依然具有|仍具有",
			"合同|业务|协议|服务|账号|销户 .. 无效|解除|终止|撤销|结束|注销 .. 不影响", "不因 .. 合同|业务|条款|协议 .. 无效|失效|终止|撤销",
			"surviv .. terminat|contract|agreement|account|service", "independent of|independently of|regardless of whether|irrespective of .. contract|agreement|account|service",
			"contract|agreement|account|service|terminat|consent|permission|authori .. remain valid|remains valid|remains effective|remain effective|stays valid|stays in effect|remains in effect|remain in effect|remain in force|continue after|continues after|not affected by",
			"void|invalid|terminat|cancel|ends|closing .. not affect ~ this consent|consent|authori",
		}, []string{"同时失效|一并失效|随之失效", "ends too|end too|checks that were done"}},
	}
}

const (
	receiversZH = "服务提供方|合作伙伴|合作方|合作商户|合作机构|合作单位|业务伙伴|商业伙伴|第三方|关联公司|关联方|关联企业|相关机构|有关机构|有关单位|各单位|其他单位|别的机构|其他机构|其他公司|成员单位|集团内|服务商等|等机构|等单位|等公司|下级代理|代理商|供应商及|及其合作|包括但不限于数据公司|上下游|生态伙伴|生态合作|外包商|外包方|外部单位|外部机构|兄弟公司|母公司|子公司|分支机构|渠道方|合作企业|业务往来方|他方"
	receiversEN = "partner|supplier|affiliat|third part|service provider|other compan|any company|other parties|subcontractor|including but not limited to|group compan|contractors|other entities|companies in our group|companies of our group|agencies|corporate family|such persons|persons as we|anyone|whomever|parent company|subsidiar|advertisers|others as"
	excessZH    = "征信|信用报告|信用卡|信用记录|贷款|担保|收入|工资|存款|有价证券|股票|债券|商业保险|不动产|房产|车辆|财产|资产|纳税|税额|公积金|社保|流水|行踪|轨迹|位置|定位|去过的地方|通讯录|通话记录|短信|违法|犯罪|交易记录|缴费|费用缴纳|人脸|指纹|声纹|职业|住址|居住地址|婚姻|病历|健康状况|余额|银行账户|相册|手机联系人|学历|家庭成员|消费记录|出行|浏览记录|设备信息|应用列表|投资|理财|负债|医疗"
	excessEN    = "bank statement|credit history|credit record|credit report|credit card|loan|income|salary|deposit|securities|property|tax_|taxes|location|contact list|address book|travel history|whereabouts|transaction record|biometric|fingerprint|facial|call log|real estate|criminal|occupation|balance|employment|family|gps_|education|health|photos|phone contacts|browsing|spending|marital|debts"
	adverseZH   = "不良|负面|逾期|违约|失信|欠款|黑名单|欠费|拖欠|坏账|欠缴"
	adverseEN   = "adverse|negative|derogatory|default|late payment|delinquen|overdue|blacklist|bad debt|arrears|unpaid|missed payment"
	untoldZH    = waiversZH + "|放弃|不事先|不提前|不提醒|不再|未经|不需要|直接|自动上报|不予"
	purposesZH  = "营销|推广|广告|推荐|画像|产品优化|优化产品|改进产品|数据分析|模型训练|训练|信用评估|信用评级|风险管理|风控|综合化服务|增值服务|催收|贷后|市场调研|商业信息|其他用途|其他目的|其他合法|其他业务|其他产品|优惠|促销|经营活动|新产品|统计分析|商业用途|业务拓展|其他服务"
	purposesEN  = "marketing|advertising|advertise|improve our|profil|research|analytics|training|train our|personali|credit scoring|_offers|new products|newsletter|business activities|statistic|other lawful purpose|other purpose|other business|promot"
)
