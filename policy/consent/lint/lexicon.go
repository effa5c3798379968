package lint

// lexicon are the concepts of the rules, each with the words that drafters have for it.
// Chinese names hold Chinese words and English names English ones. A word that says
// something of its own belongs into the rule; one that only names a thing belongs here.
func lexicon() map[string]string {
	all := map[string]string{}
	for _, part := range []map[string]string{peopleWords(), consentNouns(), askingWords(), dataNouns(), harmWords()} {
		for name, list := range part {
			all[name] = list
		}
	}
	return all
}

// peopleWords name who acts. A party by letter may be either side.
func peopleWords() map[string]string {
	return map[string]string{
		"我方": "我们|我公司|我司|我方|我行|我校|我社|我院|我店|本公司|本司|本行|本社|本校|本店|本院|本所|本机构|本平台|本单位|本企业|本中心|本号|本网站|本应用|本运营方",
		"公司": "{我方}|公司|贵司|贵行|贵校|贵社|贵方|贵机构|贵单位|平台|你方|银行|信用社|机构|甲方|乙方|房东|出租人|中介|物业|学校|保险人|贷款人|债权人|运营方|运营商|用人单位|雇主|单位|招聘方|商家|车行|公会|经营者|服务商|被授权人|受托人|处理者|收集者|受让人|医院|社区|出借人|租赁公司|劳务公司",
		"您":  "您|你|本人|用户|授权人|签署人|签字人|申请人|客户|会员|租客|租户|承租人|业主|住户|员工|职工|工人|候选人|求职者|学生|学员|家长|玩家|主播|卖家|骑手|司机|患者|投保人|被保险人|借款人|担保人|机主|社员|立书人|立约人|立授权书人|甲方|乙方|自己|自行|个人|我自己",
		"we": "_we_|company|platform|vendor|bank|lender|landlord|agency|operator|insurer|employer|school|seller|provider|_it_|_they_",
	}
}

// consentNouns are the consent, its taking back, its limits, and its end.
func consentNouns() map[string]string {
	return map[string]string{
		"授权":   "授权|承诺|声明|同意书|同意|许可|允许|准许|权限|委托书|承诺书|查询权|核查权|核验权|使用权|本书|本单|本条|条款",
		"撤回":   "撤回|撤销|撤消|撤除|收回|收回去|索回|追回|召回|反悔|翻悔|翻异|悔约|变卦|后悔|改主意|改变主意|打退堂鼓|毁约|再撤|撤掉|撤走|悔诺|撤授权|退回授权",
		"停用":   "取消|解除|终止|停止|中断|中止|关闭|变更|更改|限制|退出|作废|废止|废除|注销|解绑|关掉|推翻|回收|反对|拒绝",
		"不可":   "不可|不得|不能|无法|无权|不予|不再|不许|不准|不支持|不允许|不接受|不受理|不办理|不认可|不承认|不享有|不具有|概不|恕不|永不|禁止|严禁|拒绝|放弃|抛弃|承诺不|保证不|不会|不要求|不应|切勿|不容|不设|没有|不提供|未设|不开放|未提供|丧失|无从|无由|不便|毋得|莫|休|不作|一律不",
		"须经":   "须经|需经|应经|须征得|需征得|应征得|须由|需由|应由|须获|需获|须取得|须得|须待|经|待|由|取决于|有赖于",
		"批准":   "批准|审批|审核|核准|许可|认可|同意|点头|签字|签批|酌情|裁量|首肯|准许|准予|签章|盖章|通过|讨论|协商|点头|决定",
		"期限":   "期限|有效期|授权期|截止|终止日|到期日|时限|年限|期间|次数|频率|频次|笔数|回数|时间限制|时间|截至|时效",
		"保存":   "保存|保留|留存|存储|存放|收存|存档|留档|留底|留在|留着|存着|存有|持有|储存|缓存|备份|沉淀",
		"核验":   "查询|查验|核验|核查|核对|核实|查证|核身|收集|采集|使用|验证|调用|调取|比对|调阅|查看|查|检索|认证|复核|复验",
		"查证":   "查询|查验|核验|核查|核对|核实|查证|核身|调取|比对|调用|抽查|复核|重新核|重新认证|刷脸认证|查一|上网查",
		"随时":   "随时|任何时候|任何时间|任意时间|任意时点|无论何时|多次|反复|持续|不定期|每日|每天|每周|循环|任意|再行|频繁|不断|定期|想查就查|任何时点|合适的时点|必要之时",
		"无限":   "不限|不受限|不受任何限制|没有限制|无限制|不作限制|不作任何限制|不设限|不设上限|无上限|不封顶|没有封顶|无封顶|不计|不加限制|不予限制|不拘|不论|无终期|无尽|无穷|不做限制|没有上限|不受约束",
		"结束关系": "离职|退职|辞职|退租|退房|退保|退会|退社|退股|退学|转学|毕业|卸载|解约|销户|销号|注销|离店|离网|退网|离校|离会|离任|离开|搬离|搬走|搬出|迁出|停运|停服|停机|停止接单|停止合作|停工|停止营业|歇业|退宿|签退|跳槽|退役|离境|离岗|离队|停业|倒闭|歇业|关店|闭店|破产|清算|结清|还清|被拒|撤件|撤单|退单|退款|退费|退课|退货|退团|退赛|退伍|退休|退出|退群|退圈|解聘|辞退|解雇|开除|清退|下架|停播|换公会|出院|交房|换房|过户|出售房屋|转让|未录用|未被录用|落选|落榜|未通过|未获通过|未获批准|放款失败|办理失败|业务失败|不再是|是否仍为|终了|合作终结|拆伙|散伙|下课|结业|身故|离世",
		"关系":   "会籍|合同|合约|契约|业务|协议|服务|账号|帐号|账户|关系|贷款|借款|申请|注册|会员|资格|合作|店铺|游戏|应用|雇佣|聘用|劳动|租赁|保险|保单|交易|订单|额度|条款|项目|活动|使用|房屋|课程|订阅|委托",
		"结束":   "终止|解除|无效|撤销|结束|届满|期满|到期|失效|完结|完毕|停止|关闭|取消|终了|终结|清偿|履行完|丧失|冻结|中止|消灭|不成立|未成立|作废|删除|没了|告吹|吹了|不做|不干|取消|退掉|泡汤|黄了|谈不成|谈崩|散|未生效|解散|到头|期满|退出|转移|转让|拒绝|不再|没有办成|未办成|未能办",
		"仍有效":  "继续有效|继续生效|继续存续|继续适用|继续使用|继续享有|继续查|继续核|继续处理|继续依|继续收集|可继续|继续保有|继续保留|继续履行|继续执行|仍然|仍|依然|依旧|照样|照旧|照常|还算数|算数|还有效|不受影响|不受其影响|不受任何影响|不失效|不失其效力|不终止|不消灭|并不消灭|不到期|不退|续存|存续|保留|保有|不结束|约束力|有效|管用|不作废|不过期|不随之|不变|不当然|不因此|不归于|不丧失|不解除|长存|延续|还在|不动|不减|不废|未失效|不撤销|不取消|不收回|还能用|还作数|作数",
		"不影响":  "不影响|无碍|不妨碍|不及于|不波及|不代表|不等于|不意味|不导致|不会导致|不引起|不构成|不使|不视为|不减损|不动摇|不损及",
		"不随":   "不随|不因|不以|不受|不取决于|不依赖|不附随|不依附|不从属|独立于|无关|没有关系|没关系|不在其列|相互分离|相互独立|互不影响|不会因|脱离",

		"withdraw": "withdraw|revoke|revoking|revocation|revocable|retract|rescind|take back|taken back|take it back|take this back|change your mind|change his mind|change her mind|change their mind|change my mind",
		"undo":     "{withdraw}|undo|undone|cancel|recall|opt out|back out|unsubscribe|reverse|terminate|end it|taken away|take away|removed|remove this",
		"cannot":   "at no time|_cannot|_can not|_can't|may not|must not|shall not|will not|won't|not to_|not be|unable to|not able to|no right to|not entitled to|never|no way|no option|no means|no possibility|waive|give up|gives up|forgo|forgoes|forfeit|relinquish|surrender|agree not|agrees not|promise not|promises not|undertakes not|impossible to|barred from|prohibited from|no longer|not permitted to|not allowed to|refrain from|is not_",
		"consent":  "this consent|the consent|your consent|my consent|consent|authori|permission|approval|mandate|licen|right to verify|identity check|id check|checks|verif",
		"forever":  "unlimited|without limit|without any limit|limitless|indefinite|perpetu|everlasting|eternal|no expiry|no expiration|without expir|never expire|never lapse|never end|not expire|does not lapse|no end date|no time limit|no final date|no end|without end|endless|permanent|forever|for ever|for life|lifetime|for good|as often as|as many times|as frequently|any number of|any time it|any time we|until further notice|no cap|no limit|no maximum|no ceiling|no restriction on the number|uncapped|multiple times|whenever we|whenever it|whenever the|whenever they|until you die|until your death|until death|from time to time|for as long as we|as long as we|as long as it_|as long as the company|as long as the bank|as long as the platform|for however long|open-ended|evergreen|automatically renew|renews automatically|renew automatically|auto-renew|need not be renewed|at all times|continuous|round the clock|see fit|sees fit|think fit|thinks fit|at will|whatever frequency|however often|as and when|when we think|if we think|until the company|until the bank|until the lender|until we say|until we decide|in all future",
		"ends":     "terminat|expir|end of|ending|end the|_ends|_ended|lapse|void|invalid|cancel|closing|closed|closure|close your|clos|declin|reject|refus|withdrawn|withdrawal of the application|rejection|leave|leaving|left|moves out|move out|moving out|moved out|departure|depart|resign|dismiss|quit|graduat|uninstall|delet|repay|repaid|paid off|paid in full|surrender|bankrupt|insolven|sale of|sold|transfer|merger|complet|unsuccessful|not hired|not proceed|stop using|stops using|stopped using|no longer|cease|unenforceable|check out|check-out|checkout|checks out|dissol|stop_|stops_|stopped|falls through|fall through|fell through|falls apart|called off|break up|no deal|over_|sever",
		"stays":    "remain|stays|stay in|continue|keep running|keep on|can keep|may keep|unaffected|not affect|not end|not cancel|not terminate|not revoke|not stop|not lapse|no effect|no bearing|not touch|not bring|not extinguish|not discharge|in place|still|survive|outlive|outlast|in force|carry on|persist|live on|lives on|goes on|not expire|endure|intact|not impair|go on_|may go on|not remove|not take away|not undo|not void|counts|holds good|in effect|continue to|linger|untouched|put an end|leave this|leaves this|last|without prejudice|regardless|irrespective|independent|even if|even after|not mean",
	}
}

// askingWords are asking and telling, and the ways to say that it is left out.
func askingWords() map[string]string {
	return map[string]string{
		"无需": "无需|无须|毋需|毋须|毋庸|无庸|勿需|不需|不必|不用|不须|免于|免除|免去|免再|省去|豁免|不另|恕不|不会再|不会另|用不着|不经|不作|不予|不告知|不通知|不重新|不逐|不单独|不提前|不事先|没必要|无必要|没有必要|无义务|没有义务|不负|不承担|不要求|不发|无另行|不再另|不再次|不再征|不再通知|不再告知|不再单独|不再逐|不再重|不再取|不再询|不再提|不再向|不再一一|不一一|概不|不在告知|未告知|无需再|不需再|不再找|不问|懒得|不劳|不待|无待|免予|免征|免再|无庸再|可不|不向",
		"征求": "授权|同意|许可|通知|告知|知会|征求|征得|征询|获得|取得|询问|过问|再问|问您|问你|问本人|提示|提醒|商量|商定|重签|签署|另签|补签|重新签|弹窗|意见|知晓|知悉|打招呼|联系|找您|找患者|找家长|找你|再找|跟您|跟你|和您说|再说|来人|本人确认|再次确认|再确认|重复确认|逐次确认|另行确认|用户确认|确认的麻烦|函|点头|首肯|声明|公告|授意|说一声",
		"变更": "变更|变动|变化|改动|修改|修订|调整|更改|更新|扩大|扩展|增减|增加|新增|改变|改成|升级|拓展|换成|更换|换了|另换|调换",
		"条款": "条款|内容|范围|授权|协议|格式|字段|用途|规则|声明|政策|通知|告知书|单内容|本书|文本|目的|新规|版本|信息|事项|约定|接收方|合作方",
		"视为": "视为|视同|视作|推定|默认|等于|即表示|就表示|即代表|就代表|的,表示|则表示|均表示|当作|就当|当您|认为|看作|理解为|构成|算作|算您|算你|都算|就算|均算|即为|即是|拟制",
		"认可": "同意|接受|认可|答应|没有意见|无异议|没有异议|许可|知悉|承认|认同|无意见|概无异议|追认|默许",
		"今后": "今后|以后|将来|未来|后续|日后|嗣后|此后|将会|历次|每次|其他|别的|新的|全部变更|任何变更|一切变更",

		"noneed": "no further|no additional|no new|no other|no separate|no renewed|not need|need not|needn't|no need|not required|not be required|not have to|doesn't have to|don't have to|not be necessary|not obliged|no obligation|without asking|without again|without any further|without further|without seeking|without obtaining|without prior|won't ask|will not ask|not ask|not be asked|not seek|without having to|dispense with|no duty|unnecessary to|no requirement|never ask|stop asking",
		"asking": "consent|authori|permission|approval|notice|notif|_ask|inform|tell|agreement|sign|confirm|again",
		"alter":  "amend|alter|change|modif|vary|varied|update|extend|widen|expand|revise|revision|broaden|adjust|replace|rewrite|add to",
	}
}

// dataNouns are what is done with data, by whom else, and which data a check of a name
// and a number has no use for.
func dataNouns() map[string]string {
	return map[string]string{
		"转交":  "提供|共享|分享|委托|披露|转让|转交|交给|交由|交其|交换|传输|传送|发送|同步|透露|公开|处理|查询|收集|核实|使用|转给|流转|传递|移交|递交|报送|互通|交予|推送|转递|转达|给到|传给|发给|寄给|送交|取用|取得|接触|调阅|知悉|分发|散发|互换|获悉|拿到|看到|查看|知晓|获知|获取|获得|收到|提交|呈送|呈报|对外|出示|输送|共用|寄送|移送|抄送|转发|导出|开放|用到|接收|转交给|让渡|出售|出租|售予|交付|给其他|给别|资料给|信息给|外传|外发|流向|对接|使用方|合用|流动|流通|周转|转至|传至|发至|授予|供给|让与|转予|汇总给|告诉",
		"泛指":  "联运方|发行方|类企业|类机构|授权的主体|授权的机构|授权的公司|服务提供方|服务提供者|合作伙伴|合作方|合作商|合作机构|合作单位|合作渠道|合作者|合作企业|合作院校|合作公司|签有合作|订有合作|业务伙伴|商业伙伴|战略伙伴|战略合作|生态伙伴|生态合作|生态|第三方|第三人|我们的服务商|各服务商|多家服务商|选定的|关联公司|关联实体|关联主体|关联人|有合作|合作的|合作关系|合作媒体|关联方|关联企业|关联机构|相关机构|相关方|相关供应商|相关单位|相关企业|相关公司|相关部门|相关人员|有关机构|有关单位|有关部门|有关企业|有关方|有关公司|有关人员|有关各方|各单位|各方|各家单位|各机构|其他单位|其他公司|其他机构|其他企业|其他人员|其他服务|其他组织|其他主体|其他潜在|其他外包|其他友好|其他商家|其他需求|别的机构|别的公司|别家|成员单位|成员机构|下属单位|下属机构|有需要的|成员企业|集团内|本集团|集团成员|集团公司|集团各|集团旗下|服务商等|多家|若干家|数家|等机构|等单位|等公司|等各方|等平台|等第三|下级代理|代理商|渠道商|通道商|供应商|供货商|承包商|分包商|及其合作|包括但不限于数据公司|上下游|外包|外部单位|外部机构|外部公司|外部人员|外部团队|兄弟公司|兄弟单位|友好机构|友好单位|友商|母公司|子公司|分公司|分支机构|渠道方|业务往来|往来单位|往来同业|同业|同行|他方|他人|任何机构|任何单位|任何公司|任何第三|任何组织|任何人|任何个人|任何需要|任意机构|不特定|需要的人|需要的单位|需要的机构|需求方|用人单位|厂家|厂商|品牌方|广告主|广告商|投资人|投资方|股东|顾问|联盟|关系户|圈内|中间商|经销商|加盟商|加盟店|门店们|各门店|承接方|受让方|潜在买家|数据服务商|数据商|数据公司|金融机构|行业协会|行业伙伴|伙伴|所需各方|利益相关|授权代表|第三者",
		"泛定":  "其他|其他的|外部|外部的|别的|某些|一些|各类|各种|众多|多个|多种|许多|专业|专业的|外部的专业|可信赖的|可信的|可靠的|合适的|适当的|指定的|指定|委托的|选定的|认可的|合格的|优质|优质的|知名|符合条件的|符合资质的|有资质的|具备资质的|需要信息的|相关|相关的|有关|有关的|不同|任一|任何|所属|体系内|网络内|圈子里的|合作",
		"机构类": "机构|服务企业|律所|公司|单位|人士|企业|商家|平台|组织|团队|主体|人员|部门|伙伴|服务商|供应商|商户|媒体|院校|医院|银行|网络|个人|实体|门店|厂商|客户|社群|中介",
		"自选":  "认为必要|认为有必要|认为合适|认为适当|认为需要|自行挑选|自行选择|自行决定|自行确定|视情况|视需要|视业务需要|不时委任|不逐一列明|不一一列举|不逐一列|恕不公示|不予公示|不公示|无须告知其名称|无需告知其名称|随时更换|随时增减|以实际|另行指定|由其指定|自主选择|不特定|不列明|由我们挑",
		"收集":  "收集|采集|查询|获取|读取|记录|调取|提供|处理|保存|整理|包括|访问|需要|比对|留下|留存|保留|要看|看您|看你|翻|绑定|会查|查您|开放|附|查看|查阅|同步|掌握|上传|检索|调阅|提交|填报|填写|录入|上报|采录|核查|打开|开启|索取|要交|需交|须交|交出|看一下|看看|拿来|用到|使用|登记|拍摄|扫描|提取|入库|存入|含|会用|翻看|扫一遍|纳入|涉及|附上|出具|出示|申报|报送|交|抽取|统计|抓取|监测|监控|识别|分析|导入|了解|摸清|问及|询问|要求|参考|核对|准备",
		"敏感":  "征信|信用报告|信用卡|信用记录|信用分|芝麻分|个人贷款|名下贷款|贷款记录|贷款信息|贷款情况|贷款余额|贷款账户|贷款、|、贷款|信贷|借贷|网贷|借款记录|负债|债务|担保信息|担保记录|担保情况|对外担保|收入|工资|薪酬|薪资|薪水|奖金|存款|存折|有价证券|股票|基金|债券|商业保险|保单信息|理赔记录|不动产|房产|房屋产权|住房情况|住房公积金|宅基地|车辆|车牌|财产|资产|持股|股权|纳税|税额|税收|个税|所得税|报税|完税|公积金|社保|社会保险|医保|流水|账单|余额|刷卡|明细|银行账户|银行卡密码|支付密码|卡密码|消费|网购|购物|订单记录|订单信息|历史订单|外卖|交易记录|打赏|转账|缴费|费用缴纳|水电|燃气|话费|行踪|轨迹|位置|定位|足迹|行程|出行|去过的地方|通行记录|乘车|航班|住宿记录|住宿信息|开房|通讯录|联系人|通话|详单|在网时长|短信内容|短信记录|短信、|、短信|读取短信|收件箱|聊天|好友|社交|微博|朋友圈|邮件内容|相册|照片库|日历|麦克风|摄像头|剪贴板|软件列表|软件清单|安装的软件|哪些软件|应用列表|设备信息|设备标识|输入记录|网络浏览|浏览记录|浏览历史|搜索记录|上网记录|兴趣|爱好|违法|犯罪|前科|案底|诉讼|涉诉|判决|处罚|人脸|面部|脸部|面容|指纹|掌纹|声纹|声音|虹膜|视网膜|静脉|步态|走路|姿势|体态|长相|笔迹|dna|基因|心率|血型|体检|身高|生物识别|生物特征|生物信息|职业|工作单位|任职|工作经历|履历|前雇主|学历|学位|成绩|住址|居住地址|家庭地址|婚姻|婚育|婚史|生育|怀孕|孕|配偶|亲属|家庭成员|家人|父母、子女|爸妈|家里人|亲友|前任|星座|父母的|父母电话|子女的|孩子的学校|家庭年收入|家庭收入|家庭住房|家庭情况|家庭状况|政治面貌|党派|宗教|信仰|民族|性取向|工伤|病历|病史|疾病|健康|医疗|就诊|用药|疫苗|残疾|精神状况|前房东|投资|理财|持仓|彩票|游戏时长|芝麻|学籍|考勤|邻居|同事",
		"取用":  "采集|收集|查询|获取|读取|记录|调取|录入|上报|提取|入库|存入|拿来|上传|同步|掌握|用到|检索|调阅|核查|抓取|监测|交给|提交|填报|都要|都会|会被|也会|也要|均须|均需|悉在|在内|均在|整理|登记|扫描",
		"不良":  "不良|负面|逾期|违约|失信|欠款|欠债|黑名单|欠费|欠租|欠薪|拖欠|坏账|呆账|呆帐|欠缴|代偿|老赖|劣迹|赖账|恶意|不利于|风险名单|拒还|未还|污点|违规记录|欠贷|断供|展期|催收记录|不履行|未履行|被执行|限高|惩戒",
		"上报":  "报送|上报|上传|录入|入库|报入|报给|报到|提供|公示|公开|推送|上征信|录入征信|查询|查看|查|呈报|记入|计入|登记|披露|共享|发布|通报|写入|传给|同步|收录|调取|抄送|移交|曝光|调阅|获取|列入|载入|转给|转交",
		"不知":  "{无需}|放弃|不事先|不提醒|不再|未经|不需要|不会有提醒|没有提醒|不会提醒|不提示|悄悄|暗中|私下|秘密|背着|不知情|不知悉|不知晓|不会跟|不会和|吱声|事先通知|事前通知|蒙在鼓里|事后|未获通知|未接到通知|未收到通知|没有收到|未收到|没收到|没有接到|不持异议|无异议|不知会|不跟|不打招呼|不催告|不受 ~ 约束|恕无法|概括同意|径行|径直|径自|随时入库|即上|一律上|免于事前|无声|静默|后台",
		"用于":  "根据|给您|给你|用于|用途|目的|为了|为|以便|适用于|向您|向用户|用来|用以|拿去|拿来|接收|开展|进行|帮助|作为|供|同时|兼及|处理|使用|加入|推送|参与|投放|提供|支持|服务于|发送|利用|之用|订阅|实名|核验|收到|展示",
		"他用":  "营销|推广|广告|推荐|推介|推销|促销|销售|画像|标签|产品优化|优化产品|改进产品|优化服务|改进服务|提升服务|改善服务|提升体验|改善体验|数据分析|行为分析|分析消费|分析用户|分析您|消费偏好|偏好|口味|模型|建模|训练|机器学习|人工智能|算法训练|训练算法|大数据分析|大数据建模|研发|研究|开发新|新产品|设计产品|资费套餐|手机套餐|信用评估|信用评级|信用评分|额度评估|授信|信贷审批|贷前|贷后|贷中|风险管理|风控|综合化服务|增值服务|催收|定价|分层|喜好|习惯|精准|获客|引流|转化|代为办理|市场调研|问卷|调研|商情|商业信息|商业上|市场分析|统计和|、统计|商业分析|商业利用|商业开发|商业合作|商业化|衍生|变现|其他用途|其他目的|其他合法|其他业务|其他产品|其他服务|各项业务|别的业务|优惠|权益推送|积分|会员活动|活动通知|优惠券|礼品|抽奖|赠品|经营活动|统计分析|统计客流|客流|识别受众|受众|商业用途|业务拓展|市场拓展|拓客|招生|招商|宣传|品牌|校企合作|薪酬分析|数据产品|数据库建设|资讯|短信推广|订阅|社群|交叉|彩票|定制内容|个性化|续保|贷款推荐|代扣",

		"transfer": "seen by|visible|recipient|receiv|share|sharing|disclos|provide_|provides|provided|providing|pass_|passed|passes|passing|transfer|send|sends|sent|made available|make available|available to|give_|given|gives|get_|gets|forward|transmit|exchang|hand_|hands|handed|releas|circulat|convey|supply|supplied|supplies|sell|sold|furnish|access|relay|expose|reach|goes to|go to|obtain|look at|shown to|view|pull|distribut|outsourc|used by|processed by|process your|process the|open to|engage|involve|show_|shown|goes|work with",
		"anybody":  "parties we|companies in the same|acting for us|parties of our|client compan|anybody|partner|supplier|vendors|a vendor_|any vendor|affiliat|third part|third-part|service provider|other compan|any company|any organi|any person|any body|any entity|any third|other parties|interested parties|other part|subcontractor|including but not limited to|group compan|contractors|other entities|similar entities|entities|companies in our|companies of our|members of our group|members of the group|our group|agencies|corporate family|such persons|such compan|such parties|persons as we|anyone|anybody|whomever|whoever|parent company|subsidiar|sister compan|advertisers|publishers|and others|or others|others_|and similar|or similar|and so on|etc|and the like|associated|connected part|connected compan|related compan|related part|others as|others who|other organi|other institutions|other businesses|selected compan|selected business|trusted|investors|advisers|advisors|brokers|reinsurers|data brokers|network of|ecosystem|industry bodies|associates|intermediar|agents|distributors|resellers|dealers|consultants|collaborators|people who need|those who need|a number of|several compan|various|unspecified|outside compan|outside firm|outside part|external compan|external part|external provider|external firm|external vendor|everyone in|everyone who|our network|businesses|airlines|firms",
		"gather":   "upload|disclose|list_|analys|collect|obtain|access|quer|retriev|process|read_|reads|_use_|_used|_uses|information on|gather|request|track|look at|look into|looks at|record|monitor|pull|supply|submit|provide|scan|capture|captur|check|enquir|inquir|review|examin|verification includes|take_|store|need_|require|include|screen|hand over|upload|enter|verify|ask for|asks for|analys|analyz",
		"gathered": "collect|obtain|accessed|queried|retriev|processed|_used|gathered|recorded|monitored|tracked|checked|reviewed|requested|examined|looked at|captured|stored|pulled|taken|scanned|required|needed|will be|may be|are also|is also|verified",
		"private":  "bank statement|bank account|bank balance|account balance|credit history|credit record|credit report|credit score|credit file|credit check|credit card|credit bureau|loan|income|salary|payslip|wage|pay slip|earnings|deposits|bank deposit|savings|securities|shares|shareholding|investment|property|land regist|mortgage|vehicle|real estate|asset|tax_|taxes|tax return|social security|pension|location|gps_|whereabouts|travel|movements|itinerar|contact list|contacts|address book|call log|call history|call record|phone record|text messages|sms_|messages|e-mails|emails you|transaction record|transactions|purchase|shopping|spending|order history|biometric|fingerprint|palm|facial|your face|face image|face template|face scan|voice print|voiceprint|voice sample|iris|retina|retinal|vein|gait|way of walking|your voice|dna_|genetic|heart rate|criminal|litigation|court record|occupation|employment history|employment record|employment status|your employment|employer|job history|work history|family|spouse|relatives|marital|children|pregnan|illness|disease|phone book|how you walk|education|school record|health|medical|illness|insurance claim|vaccin|religio|political|ethnic|race_|sexual|union member|photos|photo library|camera roll|your calendar|calendar entries|microphone|phone contacts|list of apps|apps installed|installed apps|browsing|search history|clipboard|device information|device identif|social media|social network|friends list|debts|debt|lifestyle|hobbies|utility bill|neighbours",
		"bad":      "adverse|negative|derogatory|unfavourable|unfavorable|defaults|defaulted|a default|in default|your default|default record|default on|default data|default history|default information|payment default|loan default|any default|each default|default is|late pay|late instalment|delinquen|overdue|blacklist|bad debt|bad payment|arrears|unpaid|missed|non-payment|nonpayment|insolven|write-off|charged off|dishonour|bounced|poor credit|bad credit|black mark|fraud marker",
		"untold":   "without notice|without any|without prior|without advance|without further notice|without telling|without inform|without notif|without warning|without letting|without any advance|without being told|without the knowledge|without your knowledge|without his knowledge|without their knowledge|without contacting|without first|without alert|without word|without a word|without separate|waive|not be notified|not be told|not be informed|not notified|need not be|not entitled to be|not entitled to notice|not entitled to any|no right to be|no advance|no prior|no notice|no separate notice|no further notice|no warning|no letter|no message|no call|no reminder|no word|no heads|heads-up|keep it from|keeps it from|keep this from|no notification|not notify|not inform|not tell|not warn|won't tell|won't warn|counts as notice|deemed notice|constitutes notice|whether or not|silently|quietly|secretly|behind|straight to|automatically|only afterwards|after the event|give up|gives up|forgo|before you hear|before he hears|before they hear|before you know|not obliged|no obligation|not bound to|unannounced",
		"purposes": "marketing|market our|advertis|advert|rewards|commercial|sell you|to sell|newsletter|engine|_ads_|_ads.|_ads,|improve our|improve the|profil|research|analytics|training|train our|train and|train the|train models|machine learning|recognition products|algorithm|personali|credit scoring|score|_offers|new products|develop|newsletter|promot|business activities|statistic|other lawful purpose|other purpose|other business|commercial purpose|cross-sell|sell you|loyalty|insurance order|contents insurance|recommend|customer analy|targeted|cross sell|upsell|market research|surveys|product improvement|product development|build our|segmentation|debt collection|monetis|monetiz|analysis|deals|campaign|sponsor|partner products|new features",
		"usage":    "used|_use_|_uses|using|purpose|verif|process|helps|help us|check|confirm|consent|signs you|enrol|show you|let us|let_us|serve|identity|_id_|in order to",
	}
}

// harmWords are damage, and who is to bear it.
func harmWords() map[string]string {
	return map[string]string{
		"损失": "后果|损失|损害|风险|责任|赔偿|补偿|纠纷|争议|泄露|泄漏|外泄|外流|流出|被盗|冒用|滥用|错误|出错|出了错|差错|差池|出了事|出了问题|出问题|事故|结果|债务|是非得失|得失|过错|失误|攻击|主张权利|索赔|不利|丢失",
		"承担": "承担|担负|负担|负责|负全责|承受|扛|买单|兜底|兜着|吞|顶着|担责|负一切|肩负|受过|认账|解决|自负|领受",
		"全部": "一切|全部|所有|任何|全责|悉|概由|均由|全由|皆由|统由|完全|独立|独自|自行|自己|无限",
		"不赔": "不承担|不因此承担|无须承担|无需承担|不会承担|不负|概不|恕不|不介入|不参与|不插手|免除|免负|免于|免责|不赔|不予赔|不作任何|不作赔偿|不做任何|不做赔偿|拒绝赔|不认账|不担责|不担|无责|没有责任|没有任何责任|不负有|不受|不背|不买单|不保证|不作保证|不承诺|不管|不理|不受理|概免|豁免",
		"无关": "无关|无涉|无干|没关系|没有关系|没有任何关系|没有半点关系|不相干|不相关|概不相关|毫无关系|无任何关系|毫不相干|两清|没半点关系|没半毛钱关系",
		"追究": "赔偿|索赔|追责|追偿|追究|诉讼|起诉|仲裁|投诉|主张|求偿|追索|问责|举报|维权|理赔|索要|异议",
	}
}
