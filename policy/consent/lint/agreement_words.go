package lint

// Here are the rules over what makes of an agreement more than it may be.

func irrevocable() words {
	return words{"irrevocable", []string{
		// It cannot be taken back.
		"{不可} ~ {撤回}", "{不可} ~ {停用} & {授权} ! 公司不得|我们不得|我司不得|我方不得|我行不得|学校不得|您的同意|您同意|本人同意|单独同意",
		"保证|承诺|约定|应允|同意 .. 不 ~ {撤回}", "放弃|抛弃|让渡|舍弃 .. {撤回}|解除|取消|任意解除 ~ 权",
		"不设|没有|不提供|未设|未提供|不开放|不存在 ~ {撤回}|{停用} ~ 通道|渠道|入口|途径|功能|选项|按钮|方式|程序",
		"{撤回} .. 无效|不发生|不生效|不产生|不认|不予受理|不予理|置之不理|不受理|不接受|不理会|不理睬|不成立|没有用|不算数|不作数|视为未|不具效力 ! 撤回后|条款|约定|撤回之后",
		"无|没|没有|未设 + {撤回}|取消|关闭 + 功能|按钮|入口|通道|途径|渠道|选项|机制|一说|可能|余地", "锁死|锁定|固化 & {授权}|勾选|同意 ! 解锁", "不可逆|终局|最终性|最终决定|落子无悔|不悔|无悔|一锤定音|买定离手|自动锁定|不可回转|覆水难收|永久锁定|开弓没有回头箭|板上钉钉|不留退路|没有后悔药|没有反悔|没有退出机制",
		// Somebody else has to agree.
		"{撤回}|取消授权|取消同意|停止授权|解除授权 .. {须经} ~ {批准} ! 不需要|无需|无须|不必|不用|不须|毋需|当天|由您|由你",
		"除非|除经|非经|未经|未获|须经|除获|只有|不经|没有 ~ {公司}|书面|事先|经理|会长|负责人|学校|上级 ~ {批准} .. {不可}|方可|才能|才可|方能|永不 ~ {撤回}|{停用} ! 我们不得|我方不得|我司不得|公司不得|您的同意|您同意",
		"{撤回}|取消授权|变更或取消|取消或变更 .. 由 ~ 决定|批|准|定夺|裁定|说了算 ! 由您|由本人|由用户|由你", "绝不|决不|永不|断不 .. {撤回} ! 我们|我方|公司|拒绝|限制|影响|因", "{撤回}|解除授权|取消授权|终止授权|停止授权 .. 须|需|应|要|取得|获得|先 .. 批准|审批|核准|通过|讨论|同意 ! 不需要|无需|无须|不必|不用|不要|重新", "{撤回} & 决定权|解释权|裁量|酌情|酌定|是否接受|是否同意|是否准许|有权拒绝|有权不 ! 您的决定权|由您",
		// It costs something.
		"{撤回}|取消|停用|中止 & 违约金|手续费|处理费|服务费|工本费|注销费|解约费|管理费|补足|视同放弃|没收|押金不退|不退|不予退|罚款|罚金|扣罚|资格|拉黑|除名|劝退|不退还|概不退|不予退还|暂停服务|降低信用|降级|信用分|失信|黑名单|学费|租金|违约责任|构成违约|根本违约|视为违约|按违约|解除劳动|立即到期|提前到期|规章制度|补缴|补交|补偿金|封禁|封号|扣除|扣减|扣发|赔偿损失|全额赔偿|扣押|记过|清零|作废余额|全部费用|不再退 & {授权}|撤回 ! 不收|不会|无需|不扣|不必|免费|不视为|不构成|不用|免收|没有任何|不需要|无须",
		"授权后|签约后|签字后|签署后|同意后|此后|日后|嗣后|永 ~ 不得|不能|不|无法|永不|拒绝 ~ 反悔|翻异|翻悔|变卦|悔",
		"不得以|不能以|无权以|不可以 .. {撤回} ! 我们|我方|公司", "{撤回} .. 一律作废|全部作废|作废|不予发放|不予返还|不予办理|需赔|须赔|应赔|要赔|赔偿公司|停发|冻结|失去|没有资格 ! 授权作废|授权即|同意作废|同意书作废|授权书作废|不会|也不|无需|不必", "no withdrawal|no revocation|no cancellation|no retraction ~ will|is|shall|may|can ! fee|charge", "withdrawal|revocation|revoke|withdraw .. null and void|be void|entertained|no force|refused ! not be refused|cannot be refused", "{undo} .. lose your|lose the|forfeit ! not lose|not forfeit|never", "lose your|forfeit .. {undo} ! not lose|not forfeit|never", "irrevocabl|non-revocable|nonrevocable|unrevocable|irreversibl|not revocable|not be revocable|coupled with an interest|once and for all|set in stone|no turning back|no going back|non-withdrawable|nonwithdrawable|no take-backs",
		"{cannot} ~ {withdraw}", "{cannot} ~ {undo} .. {consent}", "{consent} .. {cannot} ~ {undo}", "binding and final|final and binding|final and may|final and can", "is final & {consent}", "waive|give up|gives up|relinquish|surrender|forgo|renounce .. {undo}",
		"withdraw|revok|revoc|cancel|rescind|retract .. only with|only upon|only by|only on|only through|only if|only after|only when|prior written|subject to|requires the|requires our|needs the|needs our|unless the|with the approval|discretion|takes effect only ~ approv|consent|agree|permission|discretion|accept|agreement|written|sign|allow ! without|not need|not require|no approval",
		"only be withdrawn with|withdrawn only with|only withdraw with|only be revoked with|only be cancelled with|only withdraw if|only revoke with|only cancel with",
		"withdraw|revok|revoc|cancel|rescind|retract|consent removed|consent cancelled & fee_|_fee|penalt|forfeit|deposit|charge of|pay_|payable|breach|gross misconduct|dismiss|disciplinary|liquidated|immediately due|lose_|damages|suspend|repay|surcharge|must pay|has to pay|have to pay|will pay|shall pay ! free|returned|refunded|not lose|not forfeit|no fee|no charge|without|not cost|never|no penalt|not affect|not have to pay|need not pay|not be charged|nothing|we caused",
		"no way to|no option to|no option for|no means of|no button|no procedure ~ {undo}",
		"withdraw|revocation|cancellation .. has no effect|have no effect|of no effect|be ignored|not be accepted|not be honoured|not be honored|not recogni|disregard|not be processed|is void|be void ! before",
	}, []string{
		"我们|我方|我司|我行 + 不会|绝不|不|也不会|不得|从不 .. 要求|阻止|限制|妨碍|阻碍|拒绝", "{我方}|公司|学校|银行 + 不会|绝不|也不会|不得|从不|不能 + 将|把|因|以|要求|限制|阻|妨|对|让|为|就", "平台|公司|学校|我们|我方|我司|我行|机构|中介|房东|银行|医院 + 不得|不能|无权", "cannot|may not|must not|will not|never ~ refuse|reject|prevent|stop you|delay|block|penal|charge", "不得|不会|不应|绝不|从不 ~ 拒绝|阻止|阻碍|阻挠|限制您|限制用户|妨碍|设置障碍 .. {撤回}|取消",
		"因|以|由于|因为 + 您|你|其|用户|撤回|收回|取消|撤销|租客|家长|员工|学生", "条款|约定 .. 不适用|无效|不发生效力", "可以|有权|可|能 ~ 随时|立即|当场 ~ {撤回}|取消",
		"_can|_may ~ {withdraw} .. at any time", "at any time|any day|whenever you ~ {withdraw}", "{withdraw} ~ at any time|whenever you", "not affect|be affected", "nobody|no one|no tenant|no clause|nothing .. cannot|may not|stop|prevent", "because you|because they|because he",
	}}
}

func unlimited() words {
	return words{"unlimited", []string{
		"no|not any|without ~ limit|restriction|cap|ceiling|maximum|expiry|deadline & check|verif|search|query|queries|lookup|record|consent|authori|permission|keep|store ! you may|you can|your right|withdraw", "无次数|无限次|不限次|任意次|不限时|不限期|无限期|无期限|无固定期限|期限:长期|有效期:长期|至永远|永远|永世|不设期限|不设截止|不设终止|不设到期|永久|终身|终生|一辈子|长期有效|长期授权|长期保|持续有效|始终有效|一直有效|永远有效|没有有效期|无有效期|不设有效期|没有期限|没有次数|没有时间限制|无时间限制|不计次|无终期|没有终点|没有尽头|没有截止|没有到期|周而复始|永续|自动续期|自动续展|自动顺延|自动延续|自动延长|常设性|持续性|长久有效|世代|有生之年|在世期间|不因时间|不会因时间|不会因为时间|时间经过而|多少回都|多少次都|几次都|什么时候都|想查就查|无论几次|不论几次|不问次数|查验回数|几次由|无限制 ! 永久删除|永久性删除|永久清除",
		"{期限}|有效 ~ {无限} ! 您", "不设上限|没有上限|无上限|不封顶|次数不拘|不拘次数|天天|随时间|随时间推移|不随时间|随意查 & {核验}|{授权}|{保存} ! 赔偿|您可", "不受|没有|不设|无|未设|不作|不存在 ~ 期限|有效期|截止|终止日|到期日|时限|年限|次数|频率|上限|终点|时间表|时间限制|时间的限制|时间约束 ! 理由|您|异议", "{无限} ~ {期限} ! 理由|条件|时间内|您可|您查|您要求|您的", "期限|有效期|截止日|截止日期|终止日|到期日|次数|年限|时间|保存期 + :|为|是|: + 无|不限|永久|长期|终身|永远|未定|不定|无限",
		"{期限}|保存 .. 由|以|视|按|根据|凭|任由 ~ {公司}|业务|实际|经营|需要 ~ 决定|需要|自定|确定|认为|为准|而定|掌握|裁量|判断|另定|酌定",
		"至|直至|直到|到 .. {公司} .. 认为|停止|书面宣布|另行通知|通知|决定|不再需要|不需要|不想|批准|不再想|宣布|满意 ~ 之日|为止|止|时", "至|直至|直到 ~ {公司} ~ 注销|解散|破产|清算|倒闭|歇业|停业", "只要|凡|但凡 ~ {公司} ~ 存续|需要|愿意|认为|在|还在|经营", "直至|至|到 .. 死亡|身故|去世|离世|终老|百年|寿终",
		"按需 ~ 多次|反复|调用", "多次调用|不限制次数|反复查询|反复核验|循环查询|重复查询|长期查询|长期使用|长期保留|长期保存|长期留存|长期持有 ! 不会|依法|法律",
		"{公司} .. {随时} ~ {核验}", "{随时} ~ {查证} ! 您可|您要求|您随时|您有权|可以要求|自己的|点击|您查|剩余", "{期限} .. 由|视|凭|看|随 ~ 掌握|决定|自定|而定|需要|酌定 ! 由您|由本人|由用户|由你|视您|法律|法定", "{随时} .. {公司} ~ {查证} ! 您可|您要求|您有权", "{公司} .. {核验} ~ 多少回|多少次|不计|不限|随意", "{公司}|授权 .. {随时} ~ 发起|重新|上网|登录|向 .. {核验}",
		"一直|始终|永远|长期 ~ {保存}|管用|有效|算数|生效|可用|能用 ! 不会|依法|您撤回", "is never|are never|never be|not be|will not be|no ~ deleted|erased|destroyed|deletion ! not be deleted until|not be deleted before|you ask", "any hour|any frequency|whatever interval|any interval & check|verif|query", "no longer have a use|no longer need it|as long as useful", "{保存} ~ 永久|长期|无限期|永远|一直|始终|不限期", "一直|始终|永远|长久 ~ {保存}", "{保存} .. 没有删除|不删除|不予删除|不会删除|不清除|不会清除|不会因|不销毁|不作清理|不设清理|时间表 & 永|一直|长期|不会因|没有|均|始终|任何|不予|不删除",
		"更长期间|更长时间|更长的期间|任何期间|未来一切|今后一切|一切时期|所有时期|未来任何时", "最长期限 ~ 有效|内有效",
		"{forever} ! permanently delet|permanently eras|permanently remov|permanent address|permanent resid|you may ask|you can ask|you may request|you can request|how often you|your right|you may withdraw|you can withdraw|you may exercise|law require|until you withdraw|delete|erase",
		"_we_|we'll|company|platform|vendor|bank|lender|landlord|agency|operator|insurer .. check|quer|verif|access|look .. at any time|any time|again and again|repeatedly|over and over|every day|daily|weekly|every month|at its convenience|as it pleases|as we please|as we like|at any interval|regularly|periodically|whenever ! you may|you can|we will ask|once",
		"at any time|any time it|anytime|repeatedly|at any hour ~ check|quer|verif|look",
		"retain|kept|keep_|store|held|hold_|valid|effective|in force|lasts .. as long as we|as long as it|as long as the company|useful|consider|deem|indefinite|no deletion|never delet|never eras|not be delet",
		"number|frequency|how often|how many|duration|term|period ~ decided by|determined by|at the discretion|up to the|set by the|not limited|unrestricted|not restricted",
		"no date on which|no fixed end|no fixed term|without a fixed|without a time|no end to|not come to an end|never comes to an end|no sunset|never runs out|does not run out|not run out|never be deleted|until revoked by the company|in perpetuity",
	}, []string{
		"永久|永久性|彻底 + 删除|清除|销毁|抹|居留|居民|居住", "您|你|用户|本人|家长|学生|租客|业主|求职者|员工|客户|玩家 + 可以|有权|可|也可以|可在|仍可 ~ 随时|在任何时候|多次|任何时候|不限|无限次|任意次|反复", "向我们|向公司|向平台 .. 查询|查阅", "不限次数|次数不限 ~ 地向我们|向我们",
		"不得|从不|绝不|不再|不可|无权|不能|不做 ~ {随时}|永久|无限|长期", "not valid indefinitely|not indefinite|not unlimited|not permanent", "no longer than|never more|at most", "_you_can|_you_may ~ at any time|whenever|as often", "do not|does not|will not|never ~ {forever}",
	}}
}

func noFurtherConsent() words {
	return words{"no-further-consent", []string{
		// Nobody is asked or told.
		"{无需} ~ {征求} ! 撤回|如您不同意|您拒绝 ! 未经 .. 不得", "{无需} .. 征得|征求|取得|征询|获得|重新|再次|另行|逐次 ~ {征求} ! 撤回 ! 未经 .. 不得", "{征求} .. 均无需|都不需要|都不必|均不必|均无须|一概不|恕不|一律不|可免|均可免 ! 撤回",
		"{变更} .. 不会|不|不作|不做|没有 + 通知|告知|告诉|征求|提醒|预告|通报|提示|征询 ! 不影响|撤回", "一律|一概|均|都|全部 + 同意|接受|认可|服从 ! 分别|单独", "{您}|骑手|旅客 ~ 不得|无权|不能 ~ 拒绝|异议|反对|提出异议 & {变更}|未经同意|调整", "不得|无权 ~ 要求 .. 另行|取得|征得|重新|再次|逐次 .. {征求} ! 我们不得|公司不得|撤回", "沿用|适用 ~ 原授权|旧授权|原同意 ! 不", "不会|不再 ~ 另行|再次|再行|重新|单独|逐一|逐次|一一 ~ {征求}", "不用再|不必再|无需再|无须再|不需再|不会再|不再 ~ 找|跟|问|说|签 ! 撤回|营销", "不再 + 通知|告知|征求|征询|询问|提示|提醒|签署|授权|签|确认 ! 撤回|到期", "不再逐|一次签署|一签永|一次授权|一次同意 .. 后续|今后|以后|所有|全部|终身|均|不再",
		"放弃|免除|豁免|抛弃|舍弃|免去 .. 被通知|被告知|知情|获得通知|通知|告知|征求|征询|提示 ~ 权|义务|责任", "{变更}|条款 .. 恕不|不单独|不另|不再|不做|不提醒|不通知|无须|无需|不特别|不逐 .. 通知|提醒|告知|说明|征求|提示|签|确认", "省去|略去|跳过|免走|绕过 .. 确认|同意|征求|授权|通知 ! 不会|绝不",
		"免问|免签|免确认|不再征询|不用再问|不会再问|自动生效|自动适用|当然有效|即时生效|即生效|立即生效 ! 撤回|自您同意|删除|本授权自|本同意自", "不告知您|不告知用户|不在告知|瞒着", "不经您|不经本人|不经用户|未征得您|未经您 ~ 同意 ! 不得|不会|不能|无权|我们不|不向|不与|绝不|不可|不应",
		// Silence, use or a button counts.
		"{视为} ~ {认可} ! 撤回|您可以拒绝", "没有反对|未反对|没反对|不反对|未提出异议|未提异议|没有异议|未书面|没有书面|沉默|未作答复|不回复|未回复|没回复|不作声|不吭声|没来说不行|没有来说|未作表示|不表示|未明确拒绝|未拒绝|逾期未答|未取消勾选 .. {认可}|{视为}|生效 ! 不同意|不接受|视为拒绝", "默认|推定|一律 ~ {您} .. {认可}", "按|一律按|均按|都按 ~ 默认|同意 ~ 处理|办理|对待",
		"继续使用|登录|继续访问|下次登录|继续享受|再次打开 .. {视为}|就是|表明 .. {认可}|有效|没有意见", "{您} .. 均予认可|概无异议|均无异议|都无异议|不得异议|不得有异议|不持异议|均予接受|都认|一律接受|全部接受|一概接受",
		// Consent is given beforehand to what is not known yet.
		"一并同意|概括同意|预先同意|提前同意|事先同意|现在就同意|一次性同意|笼统同意|预先接受|提前接受|概括授权|涵盖|均已同意|都已同意|都同意|全部同意 & {今后}|所有类似|所有", "同意|接受|认可 ~ 以后|今后|将来|未来|后续 ~ 的一切|的全部|一切|全部|任何|所有|的变更|的修改",
		// One side changes it alone.
		"单方|单方面|径行|径自|自行|自主|直接|一方 ~ {变更}|改 ! 您可|您自行|本人自行|不得|不会|无权|不能|你可", "{公司} .. 可|有权|得|可以|保留 .. {变更}|变更 ~ {条款} ! 通知您|征得|重新|再次|您可|不得|告诉您|告知您|取得您|征求|需经您|同意后|要您", "{变更}|条款 .. 公告为准|对您生效|对用户生效|自公布|公布后即|公布之日|公布于|官网公布|自行查阅|自觉查阅|常来看看|请自行关注|自行留意|张贴 ! 同意|重新|点击确认|确认后|签字|由您确认", "有改动|改动 ~ 直接改|我们直接", "{条款}|解释|修订 .. 悉由|均由|全由|由 ~ {公司} ~ 为之|决定|说了算|单方 ! 您",
		"{变更} .. 生效 ! 同意|重新征|同意后|您点击|取得您|再次征|您确认", "张贴|公告|发布 ~ 满 .. {认可}|生效|答应",
		"{noneed} .. {asking} ! you do not need|you need not|you are not required|you don't have to|withdraw|check box|you do not have to", "without your consent|without his consent|without their consent|without the customer's consent ! not|never|nobody|no third|no one|cannot", "without asking|without notice|without informing|without notifying|without further|without prior notice|without telling|without obtaining|without notif|without consult|without asking again ! not_|never",
		"future uses|uses we have not|purposes not yet|any future", "continued use|continue to use|continuing to use|keep using|silence|no reply|not reply|not object|no objection|not opt out|failure to|not hear from .. consent|accept|agree|approv|bind ! not be treated|never be|does not|not mean", "deemed to|deemed|counts as consent|taken as|presumed|assume|treated as|regarded as|constitute|amounts to ~ consent|agree|accept|approv|you ! never|not be",
		"treat|regard|consider|take ~ you ~ as|having ~ agreed|consent|accept ! never|not_", "as given|taken for granted|hear nothing|hears nothing & consent|agree|accept", "by staying|by remaining|by using|by keeping|by logging|by not ~ accept|agree|consent|every|all|the ! does not", "{alter} ~ terms|notice|rules|policy|policies|form|consent|document & whenever|at any time|at will|as we wish|as we see|as it sees|at short notice ! you may|you can|your change|ask you", "agree|agrees|consent|accept ~ any|all|every|future ~ change|amend|version|update|new use|new purpose|later use|future use|modif", "updated|new|changed|revised|amended .. apply|applies|take effect ~ automatically|from the date|immediately|at once", "no notice|no warning|no announcement|not announce & {alter}|switch|new supplier|new provider", "considered to have|deemed to have|taken to have|understood to have ~ accept|agree|consent|approv", "means yes|means consent|means agreement|without reference to the|without recourse to the|at our own choice|at its own choice ! not mean", "sole discretion|own discretion|absolute discretion|unilateral|consent in advance|agree in advance|agrees in advance|blanket consent|in advance to all|once covers all|covers all future",
		"reserve the right|reserves the right|may|can|free to|entitled to|right to ~ {alter} .. at any time|unilateral|on its own|on his own|on her own|on our own|without|alone|as it sees|discretion|from time to time|on the website|by posting ! with your consent|ask you again|may not|cannot|not without", "reserve the right|reserves the right|subject to ~ {alter}", "check this page|check back|responsibility to check|responsible for checking|review this page|your job to|visit this page|as soon as they are posted|upon posting|effective when posted|effective once posted|effective immediately", "{alter} & bind",
	}, []string{
		"未经 .. 不|不得", "不视为|不算同意|不得视为|不代表|不等于|不能视为|不当作|不推定|不默认|不表示", "不得|无权|不会|绝不 ~ {变更}|单方|自行", "not without|never without|may not|must not|cannot|not_alter|no change",
	}}
}

func independence() words {
	const (
		back = " ! 撤回|您仍可|您还可|您可以|您有权|您仍有权|您自己|要求删除|取消授权|关闭授权|终止授权|收回授权|撤销授权|停止授权|同时失效|一并失效|随之失效|同时终止|即行终止|即终止|授权当日失效"
		own  = " ! withdrawing|withdrawal of consent|withdrawal of your|you withdraw|revoking|before you|consent ends|consent expires|consent lapses|authorisation ends|ends with|with it_|checks that were done|done before|you may|you can_"
	)
	return words{"independence", []string{
		"效力|授权|同意 ~ 独立|不以 ! 独立同意|独立的同意|独立确认|独立页面", "{授权}|效力 .. 不随|不因|不以|不附随|不依附|不从属|不取决于|不依赖|不会因|不会随|不并因 .. {结束}|{结束关系}|{关系}" + back, "相互分离|相互独立|互不影响|各自独立 & {授权} ! 分别签署|分开|分别", "单独有效|独立有效|独立存在|具有独立性|独立生效|独立存续|独立于 ! 独立于其他|分开",
		"{关系} ~ {结束} .. {仍有效} & {授权}" + back, "{结束关系} .. {仍有效} & {授权}" + back, "{结束关系} .. 仍|还|继续|依旧|照样|依然 ~ 有权|可|可以|得|能 ~ {核验}" + back, "{关系} ~ {结束} .. 仍|还|继续|依旧|照样|依然 ~ 有权|可|可以|得|能 ~ {核验}" + back, "{关系} ~ {结束} .. {授权} ~ 不|并不|未 + {结束}|撤销|作废|撤|退|灭|取消" + back, "{结束关系} .. {授权} ~ 不|并不|未 + {结束}|撤销|作废|撤|退|灭|取消" + back, "{关系} ~ {结束} .. 可继续|继续 ~ {核验}|依据|根据|处理|凭|使用|享有" + back, "{结束关系} .. 可继续|继续|仍可|仍得|还可以|还能 ~ {核验}|依据|根据|依原|处理|凭|使用|享有" + back,
		"{关系} ~ {结束} .. {不影响}|不受|不随|不因 ~ {授权}" + back, "{结束关系} .. {不影响} .. {授权}" + back, "{结束关系}|{结束} .. 不会导致|不导致|不使|不引起|不代表|并不代表|不等于|不意味 .. {授权}|其 ~ {结束}|失效",
		"终止|解除|结束|停止|届满|到期|完毕|完成|清偿|离开|关闭 + 后|以后|之后|的 .. {授权} ~ {仍有效}" + back + " ! 授权终止|授权到期|授权届满|同意到期", "{授权} ~ 依旧有效|依然有效|仍然有效|仍有效|继续有效|继续生效|依旧生效|照样有效|照常有效" + back + "|到期前|期限内", "{授权} ~ 不失效|不终止|不消灭|不作废|不撤销|继续有效|仍有效|依然有效|仍然有效|继续使用|继续生效|继续适用|照常|仍继续 & 后|即使|即便|无论|不论|纵|失败|不成|期满" + back, "凭|依据|根据|据 ~ {授权} ~ {核验} & 后|期满|届满|结束 & 仍|依然|继续|照样|还" + back, "{consent} ~ remain|continue|stays|stand|survive|endure|persist|apply & after|when|even|whether|despite|regardless|although|notwithstanding" + own + "|until|days|months|expire", "{授权} .. 不受|无关|没有关系|没关系 & {关系} ~ {结束}|效力|存续|成立|状态|有效" + back, "{授权} .. {仍有效} & 无论|不论|不管|即使|即便|纵使|哪怕|纵然|就算 & {关系}|{结束关系}|{结束}" + back, "{授权} .. 有效性|效力 .. 与 .. 是否|无关|没有关系|不相干",
		"{关系} .. 无效|解除|终止|撤销|结束|注销 .. 不影响 .. {授权}|效力" + back, "业务|合同|协议|服务|账号|帐号|销户|贷款|注销|结清 .. 继续有效|仍然有效|依然有效|仍有效|均有效|都有效|不失效|不终止|约束力|仍可继续|依然具有|仍具有" + back,
		"申请 .. 继续有效|仍然有效|依然有效|仍有效|均有效|都有效|不失效|不终止" + back, "{授权}|本书 ~ 独立于",
		"surviv|outlive|outlast .. {ends}|contract|agreement|account|service|membership|tenancy|lease|employment|relationship|policy|closure|departure", "independent of|independently of|regardless of whether|regardless of the|irrespective of|separate from .. contract|agreement|account|service|relationship|policy|application|employment|tenancy|membership", "after|even if|even when|once .. {ends} .. may|can|still ~ verif|check|query|identif ! may not|cannot|can not|you may|you can", "severable|stands alone|stand alone|stands on its own|stand on its own|free-standing|life of its own",
		"{ends} .. {stays} & {consent}" + own, "{consent} .. {stays} .. {ends}" + own, "{stays} .. check|verif|consent|authori|permission .. after .. {ends}" + own, "not end|not terminate|not cancel|not affect|not revoke ~ this consent|consent|authori|the permission|permission & {ends}|closing|leaving" + own,
		"contract|agreement|account|service|terminat|consent|permission|authori .. remain valid|remains valid|remains effective|remain effective|stays valid|stays in effect|remains in effect|remain in effect|remain in force|continue after|continues after|not affected by" + own,
		"void|invalid|terminat|cancel|ends|closing .. not affect ~ this consent|consent|authori" + own,
	}, []string{"同时失效|一并失效|随之失效", "ends too|end too|checks that were done"}}
}
