package lint

// words are what a rule looks for in a clause: one of finds, and none of unless.
type words struct {
	id            string
	finds, unless []string
}

const (
	verbsZH   = "提供|共享|分享|委托|披露|转让|转交|交给|交由|交换|传输|传送|发送|同步|透露|公开|处理|查询|收集|核实|使用"
	readZH    = "收集|采集|查询|获取|读取|记录|调取|提供|处理|保存|整理|包括|访问|授权|同意|需要"
	askZH     = "授权|同意|通知|告知|征求|征得|确认|询问|再问|问本人|提示"
	companyZH = "公司|我们|贵司|平台|你方|我方|本行|机构"
	// waivers are how a clause says that something need not be done.
	waiversZH = "无需|无须|毋需|毋须|不需|不必|不用|免于|免除|不另行|恕不|无另行|用不着|不经|不再另行|不再提前|不再通知|不再征|不作|不予|不在告知|不告知|不通知"
)

// clauseWords are the rules over clauses: the words of lawyers and of people who hope
// that nobody reads. A new wording is a new word here and a line in testdata.
func clauseWords() []words {
	return []words{
		{"irrevocable", []string{
			"不可|不得|不能|无法|无权|不予|不会|不再|不支持|不允许|不许|禁止|放弃|承诺不|保证不|不要求 ~ 撤销|撤消|撤回|收回|取消|反悔|解除|回收",
			"不可逆", "irrevocabl", "non-revocable|nonrevocable|unrevocable",
			"may not|cannot|can not|can't|not to_|shall not|will not|must not|unable to|no right to|not entitled to|never ~ withdraw|revoke|take back|taken back|cancel|rescind",
			"waive|give up|relinquish .. withdraw|revoke",
		}, []string{
			"我们不会|我们绝不|我们不|我们也不会 ~ 要求", "不会因|不因 .. 撤回|撤销", "条款 .. 不适用|无效", "随时撤回|随时收回|随时取消|随时撤销",
			"_can|_may ~ withdraw|revoke .. at any time", "withdraw at any time", "not affect|be affected",
		}},
		{"unlimited", []string{
			"无次数|无限次|不限次|任意次|不限时|不限期|无限期|无期限|不设期限|不设截止|永久|终身|长期有效|持续有效|始终有效|一直有效|永远有效|没有有效期|无有效期|不设有效期|没有期限|没有次数",
			"次数|期限 ~ 不受|没有限制|不限|不作限制|无限制", "次数 ~ 由公司|由贵公司|由我们|由贵司", "直至 ~ 另行通知",
			companyZH + " ~ 随时|任何时候|任何时间|无论何时|多次|反复|持续 ~ 查询|查验|核验|核查|核对|收集|采集|使用|验证",
			"无论何时|任何时候|任何时间|随时 ~ " + companyZH + " .. 查询|查验|核验|核查|核对|收集|采集|验证", "反复查询|反复核验",
			"unlimited|without limit|indefinite|perpetual|no expiry|no expiration|never expire|does not expire|not expire|no end date|no time limit|permanent|forever|as often as|any number of times|until further notice",
			"_we_|company|platform|vendor .. check|query|verify|access .. at any time",
		}, []string{"您可以随时|您有权随时|你可以随时|您可随时|本人可以随时", "向我们|向公司 .. 查询|查阅", "not valid indefinitely|not indefinite|not unlimited|not permanent"}},
		{"unnamed-recipients", []string{
			verbsZH + " .. " + receiversZH, receiversZH + " .. " + verbsZH,
			"share|disclos|provid|pass_|transfer|send|made available|make available|give_|forward|transmit|exchang .. " + receiversEN,
		}, []string{
			"不向|不会向|不会把|不会将|不把|不将|不与|不会与|绝不|不得向|不提供|不共享|不披露|不转让|不委托", "未经 .. 不", "除上述|名单以外",
			"not share|not disclose|never|do not_|does not_|not be shared|not be disclosed|no third party|nobody|not pass|not give", "征得|取得 .. 同意",
		}},
		{"no-further-consent", []string{
			waiversZH + " ~ " + askZH, "不会 ~ 另行|再次|再行 ~ " + askZH, "视为 ~ 同意|接受|认可", "单方修改|单方面修改|自动生效", "不告知您|不在告知",
			"no further|no additional|no new|no other|no separate .. consent|authori|permission|approval|notice",
			"not need|need not|no need|not required|not be required|not have to .. consent|authori|permission|ask_|inform",
			"without asking|without notice|without informing|without notifying|without further|without prior notice|without telling|without obtaining|_may|_can .. without your consent",
			"continued use|deemed to|counts as consent", "unilateral",
		}, []string{"未经 .. 不", "不视为|不算同意|不得视为", "not without|never without"}},
		{"excess-data", []string{
			readZH + " .. " + excessZH, excessZH + " ~ " + readZH,
			"collect|obtain|access|quer|retriev|process|read_|_use_|_used|information on|gather|request|track .. " + excessEN,
			excessEN + " .. collect|obtain|accessed|queried|retrieved|process|_used|gathered",
		}, []string{
			"不收集|不会收集|不采集|不会采集|不涉及|不查询|不会查询|不读取|不获取|不会获取|不记录|不使用|不处理|无需提供|不要求|不用于",
			"损失|损害|泄露|冒用", "not collect|never collect|not process|not access|not use|not obtain|harm|damage|leak",
		}},
		{"adverse-data", []string{
			adverseZH + " .. " + untoldZH, untoldZH + " .. " + adverseZH, adverseZH + " .. 不 ~ 告知|通知",
			adverseEN + " .. without|waive|not be notified|no advance|no prior|no notice|not notify|not inform", "waive|without notice|without telling .. " + adverseEN,
		}, []string{"会提前|会事先|先告知|先通知|不报送|不会报送|不提供您的不良", "not report|never report|not pass"}},
		{"bundled-purposes", []string{
			"用于|用途|目的|为了|适用于|向您|用来|接收|开展|进行 .. " + purposesZH, purposesZH + " .. 查询|收集|使用|核对|用途|目的", "用途|目的 ~ 包括但不限于|不限于",
			"即同意|即视为同意|一并同意|同时同意|也同意|即接受|等于同意|视为同意|视为接受 .. 协议|政策|条款|信息|短信|广告|推送",
			"used|_use_|purpose|verif|process .. " + purposesEN, "purpose ~ include but|not limited to",
			"by agreeing|one click|by ticking|by accepting|by signing|by consenting .. also|all other|terms|policies|policy",
		}, []string{"不会用于|不用于|不得用于|不等于|不与其他|不会向您|绝不用于", "not used for|never use|not use|does not mean|never for"}},
		{"all-consequences", []string{
			"承担|担负|自负 ~ 一切|全部|所有|任何", "一切|全部|所有|任何|风险|损失|后果|结果 .. 由|本人|您|用户|授权人|签署人|自行 ~ 承担|担负|负责|自负|自行",
			"不承担|不会承担|不负|概不|免除|放弃|免 ~ 责任|负责|追究", "免责", "与公司无关|与我们无关|与我方无|与平台无关|均与我方",
			"不得|不就|放弃|不会|不向 .. 赔偿|索赔|追责|追偿",
			"bear all|bears all|borne by|all consequences|all risks|no liability|not liable|not responsible|hold harmless|at your own risk|indemnif|disclaim|hold the company|hold us",
			"waive|release ~ claim|liabilit",
		}, []string{
			"由我们承担|我们承担|由我们负责|我们负责|由本公司承担|我们依法承担|由公司承担", "您不承担|您不必|您无需承担|不会免除|不免除|不减轻|不影响您",
			"we bear|borne by us|we are liable|not release|you do not bear|not bear",
		}},
		{"independence", []string{
			"效力 ~ 独立|不以", "单独有效|独立有效|具有独立性", "授权|同意|本书|条款 ~ 独立于",
			"合同|业务|协议|服务|账号|帐号|销户|贷款|申请|注销|结清 .. 继续有效|仍然有效|依然有效|仍有效|均有效|都有效|不失效|不终止|约束力|仍可继续|继续使用|依然具有|仍具有",
			"合同|业务|协议|服务|账号|销户 .. 无效|解除|终止|撤销|结束|注销 .. 不影响", "不因 .. 合同|业务|条款|协议 .. 无效|失效|终止|撤销",
			"surviv .. terminat|contract|agreement|account|service", "independent of|independently of|regardless of whether|irrespective of .. contract|agreement|account|service",
			"contract|agreement|account|service|terminat|consent|permission|authori .. remain valid|remains valid|stays valid|stays in effect|remains in effect|remain in effect|remain in force|continue after|continues after|not affected by",
			"void|invalid|terminat|cancel|ends .. not affect ~ this consent|consent|authori",
		}, []string{"同时失效|一并失效|随之失效", "ends too|end too|checks that were done"}},
	}
}

const (
	receiversZH = "合作伙伴|合作方|合作商户|合作机构|合作单位|业务伙伴|商业伙伴|第三方|关联公司|关联方|关联企业|相关机构|有关机构|有关单位|各单位|其他单位|别的机构|其他机构|其他公司|成员单位|集团内|服务商等|等机构|等单位|等公司|下级代理|代理商|供应商及|及其合作|包括但不限于数据公司"
	receiversEN = "partner|affiliat|third part|service provider|other compan|any company|other parties|subcontractor|including but not limited to|group compan|contractors|other entities|companies in our group|companies of our group"
	excessZH    = "征信|信用报告|信用卡|信用记录|贷款|担保|收入|工资|存款|有价证券|股票|债券|商业保险|不动产|房产|车辆|财产|资产|纳税|税额|公积金|社保|流水|行踪|轨迹|位置|定位|去过的地方|通讯录|通话记录|短信|违法|犯罪|交易记录|缴费|费用缴纳|人脸|指纹|声纹|职业|住址|居住地址|婚姻|病历|健康状况"
	excessEN    = "credit history|credit record|credit report|credit card|loan|income|salary|deposit|securities|property|tax_|taxes|location|contact list|address book|travel history|whereabouts|transaction record|biometric|fingerprint|facial|call log|real estate|criminal|occupation"
	adverseZH   = "不良|负面|逾期|违约|失信|欠款|黑名单|欠费"
	adverseEN   = "adverse|negative|derogatory|default|late payment|delinquen|overdue|blacklist"
	untoldZH    = waiversZH + "|不再|未经|不需要|直接|自动上报|不予"
	purposesZH  = "营销|推广|广告|推荐|画像|产品优化|优化产品|改进产品|数据分析|模型训练|训练|信用评估|信用评级|风险管理|风控|综合化服务|增值服务|催收|贷后|市场调研|商业信息|其他用途|其他目的|其他合法|其他业务|其他产品"
	purposesEN  = "marketing|advertis|improve our|profil|research|analytics|training|train our|personali|credit scoring|other lawful purpose|other purpose|other business|promot"
)
