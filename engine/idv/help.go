package idv

// Help is what people need to know of a failure: why it happens and what to do.
// docs/errors.md is printed from it.
type Help struct {
	Cause, Remedy Text
}

// Help returns the cause of a failure and its remedy. An unlisted number gets
// that of FailureUnknown.
func (f Failure) Help() Help {
	for _, table := range []map[Failure]Help{requestHelp(), vendorHelp()} {
		if help, ok := table[f]; ok {
			return help
		}
	}
	return vendorHelp()[FailureUnknown]
}

// requestHelp is of what lies with the request, its caller or heyan.
func requestHelp() map[Failure]Help {
	return map[Failure]Help{
		InvalidInput: {
			Cause:  Text{EN: "A claim cannot be right: a local rule refused it before any call, or the vendor did not accept its form.", ZH: "姓名或号码不可能正确：本地规则在调用前拒绝，或供应商不接受其格式。"},
			Remedy: Text{EN: "Correct the field that the error names. The same input fails everywhere, so no other vendor is asked.", ZH: "请更正错误中指出的字段。同样的输入在任何供应商处都会失败，因此不会再询问其他供应商。"},
		},
		Denied: {
			Cause:  Text{EN: "Policy or consent forbids the question.", ZH: "策略或授权不允许本次核验。"},
			Remedy: Text{EN: "Read the rules that the decision names; obtain the person's consent for this purpose and these recipients.", ZH: "查看决定所引用的规则；就该目的与接收方取得本人同意。"},
		},
		Unsupported: {
			Cause:  Text{EN: "No route is configured for the check, or the provider cannot be asked about this kind of document.", ZH: "该核验项没有配置路由，或该供应商不支持此类证件。"},
			Remedy: Text{EN: "Add a route for the check, or a provider that supports it; `heyan provider list` shows what each can do.", ZH: "为该核验项添加路由，或添加支持它的供应商；`heyan provider list` 可查看各自的能力。"},
		},
		Canceled: {
			Cause:  Text{EN: "The caller gave up, or the daemon was stopped and its grace time was over.", ZH: "调用方放弃，或服务停止且宽限时间已过。"},
			Remedy: Text{EN: "A call that had been sent may have been charged, and is recorded so. Ask again with the same Idempotency-Key to see its result.", ZH: "已发出的调用可能已计费并已如实记录。请用相同的 Idempotency-Key 查看其结果。"},
		},
		Internal: {
			Cause:  Text{EN: "A fault of heyan's own, or of an adapter: a store that cannot be written, an adapter that panicked.", ZH: "heyan 自身或适配器的故障：存储无法写入、适配器崩溃。"},
			Remedy: Text{EN: "See the log at the verification's time. If the intent of a call cannot be written, no call is made.", ZH: "查看该时刻的日志。若无法写下调用意图，则不会发起调用。"},
		},
	}
}

// vendorHelp is of what lies with a vendor, or with our account there.
func vendorHelp() map[Failure]Help {
	return map[Failure]Help{
		FailureUnknown: {
			Cause:  Text{EN: "The vendor answered with a code that its table does not list, or an adapter failed without saying why.", ZH: "供应商返回了码表中没有的代码，或适配器未说明失败原因。"},
			Remedy: Text{EN: "Nothing is concluded from it. Look up the code with the vendor and add it to the table; the call may have been charged.", ZH: "不据此下任何结论。请向供应商确认该代码并补充码表；该次调用可能已计费。"},
		},
		SubjectLimited: {
			Cause:  Text{EN: "The vendor, or a limit of policy, bounds how often one person may be asked about, and the bound is reached; or somebody guesses.", ZH: "供应商或策略限制对同一人的核验次数，现已达到上限；或有人在反复试探。"},
			Remedy: Text{EN: "Ask again when the window is over: Retry-After says when, or mostly the next day.", ZH: "待时间窗口过后再试（见 Retry-After），通常为次日。"},
		},
		Throttled: {
			Cause:  Text{EN: "We ask the vendor faster than it allows, or than limits.rate allows; or a limit of policy for the app, key or tenant is reached.", ZH: "请求速度超过供应商或 limits.rate 的限制，或应用、密钥、租户达到策略限额。"},
			Remedy: Text{EN: "The provider is left alone for the time that the vendor named, a second if none. Lower limits.rate, or buy a higher one.", ZH: "在供应商给出的时间内（未给出则一秒）不再询问。请调低 limits.rate 或提升配额。"},
		},
		QuotaExhausted: {
			Cause:  Text{EN: "The prepaid package at the vendor is used up, has expired, or the account is in arrears.", ZH: "供应商处的套餐包已用完、已过期，或账户欠费。"},
			Remedy: Text{EN: "Buy a package, then resume the provider (POST /v1/providers/NAME:resume, or a restart). Until then it is not asked.", ZH: "购买套餐包后恢复该供应商（POST /v1/providers/NAME:resume 或重启）。此前不会再询问它。"},
		},
		BadCredentials: {
			Cause:  Text{EN: "The vendor or its gateway refuses our key: wrong, expired, not authorised for this API, or the call is set up wrongly.", ZH: "供应商或其网关拒绝了我们的密钥：错误、过期、未授权该接口，或调用配置有误。"},
			Remedy: Text{EN: "Correct the secret or the setting that the provider's configuration refers to, then resume the provider. A new AppCode works about 30 seconds after activation.", ZH: "更正该供应商配置所引用的密钥或设置，然后恢复。新开通的 AppCode 约 30 秒后生效。"},
		},
		Maintenance: {
			Cause:  Text{EN: "The vendor says that it is in maintenance (idcert: code 9999).", ZH: "供应商声明系统维护（idcert：代码 9999）。"},
			Remedy: Text{EN: "Nothing: the next call goes to another provider at once, and one trial call after a growing pause finds out when it is back.", ZH: "无需操作：下一次调用立即转向其他供应商，并在逐渐加长的间隔后以一次试探调用判断是否恢复。"},
		},
		Unavailable: {
			Cause:  Text{EN: "The vendor, its gateway or its source cannot be reached or is broken; or no provider of the route can be asked now.", ZH: "供应商、其网关或其数据源无法连接或出现故障；或当前路由中没有可询问的供应商。"},
			Remedy: Text{EN: "Look at skipped and attempts: they say who is closed, why, and until when. Try again later.", ZH: "查看 skipped 与 attempts：其中说明了谁被排除、原因及到何时。请稍后再试。"},
		},
		Timeout: {
			Cause:  Text{EN: "No complete answer came within limits.timeout or the time of the whole verification.", ZH: "在 limits.timeout 或整个核验的时限内没有收到完整应答。"},
			Remedy: Text{EN: "If the call had been sent it may have been charged, and is recorded so; another vendor is asked only if the route says retry_unknown.", ZH: "若请求已发出，则可能已计费并已如实记录；仅当路由设置了 retry_unknown 时才会再问其他供应商。"},
		},
		Garbled: {
			Cause:  Text{EN: "An answer came that cannot be relied on: not JSON, cut off, a field missing, doubled or of another type, or the echo of another person.", ZH: "收到的应答不可信：不是 JSON、被截断、字段缺失、重复或类型不符，或回显的是另一个人。"},
			Remedy: Text{EN: "Nothing is concluded from it. If it lasts, the vendor changed its interface: report it with the attempt's reference.", ZH: "不据此下任何结论。若持续出现，说明供应商接口已变更：请附上该次调用编号反馈。"},
		},
	}
}
