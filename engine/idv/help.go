package idv

// Help explains a failure to people. docs/errors.md is printed from it.
type Help struct{ Cause, Remedy Text }

// Help returns the cause of a failure and its remedy. A number without a constant gets
// the help of FailureUnknown.
func (f Failure) Help() Help {
	for _, table := range []map[Failure]Help{requestHelp(), accountHelp(), vendorHelp(), answerHelp()} {
		if help, ok := table[f]; ok {
			return help
		}
	}
	return vendorHelp()[FailureUnknown]
}

// requestHelp explains failures caused by the request, its caller or heyan.
func requestHelp() map[Failure]Help {
	return map[Failure]Help{
		InvalidInput: {
			Cause: Text{
				EN: "A claim is invalid: a local rule rejected it before any call, or the vendor rejected its format.",
				ZH: "要素无效：本地规则在调用前已拒绝，或供应商不接受其格式。",
			},
			Remedy: Text{
				EN: "Correct the field that the error names. The same input fails at every vendor, so no other vendor is called.",
				ZH: "请更正错误信息中指出的字段。相同的输入在其他供应商处也会失败，因此不会调用其他供应商。",
			},
		},
		Denied: {
			Cause: Text{
				EN: "A policy rule or the person's consent does not allow the verification.",
				ZH: "策略规则或本人同意的范围不允许本次核验。",
			},
			Remedy: Text{
				EN: "See the rules that the decision names. Obtain the person's consent to this purpose and these recipients if it is missing.",
				ZH: "请查看决定中列出的规则；如缺少同意，请就该目的和接收方取得本人同意。",
			},
		},
		Unsupported: {
			Cause: Text{
				EN: "No route is configured for the check, or the provider does not support this document type.",
				ZH: "该核验项未配置路由，或供应商不支持此类证件。",
			},
			Remedy: Text{
				EN: "Add a route for the check, or a provider that supports it; `heyan provider list` shows what each provider supports.",
				ZH: "请为该核验项配置路由，或添加支持它的供应商；`heyan provider list` 列出各供应商支持的核验项。",
			},
		},
		Canceled: {
			Cause: Text{
				EN: "The caller canceled the request, or the daemon was stopped and the shutdown grace period ended.",
				ZH: "调用方取消了请求，或服务正在停止且宽限期已过。",
			},
			Remedy: Text{
				EN: "A call that was already sent may have been charged, and is recorded as such. Repeat the request with the same Idempotency-Key to get its result.",
				ZH: "已发出的调用可能已计费，并已按此记录。请使用相同的 Idempotency-Key 重新请求以取得结果。",
			},
		},
		Internal: {
			Cause: Text{
				EN: "heyan or an adapter failed, for example a store that cannot write or an adapter that panicked.",
				ZH: "heyan 或适配器发生内部错误，例如存储无法写入或适配器崩溃。",
			},
			Remedy: Text{
				EN: "See the log at the time of the verification. No call is made if its intent cannot be stored.",
				ZH: "请查看核验发生时的日志。调用意图未落盘，则不发起调用。",
			},
		},
	}
}

// accountHelp explains failures caused by limits and by our account at a vendor.
func accountHelp() map[Failure]Help {
	return map[Failure]Help{
		SubjectLimited: {
			Cause: Text{
				EN: "A limit of the vendor or of policy on verifications of one person is reached, or abuse detection found guessing.",
				ZH: "对同一人的核验次数已达供应商或策略的上限，或滥用检测判定存在试探行为。",
			},
			Remedy: Text{
				EN: "Retry after the time in Retry-After; without one, usually on the next day.",
				ZH: "请在 Retry-After 给出的时间之后重试；未给出时通常为次日。",
			},
		},
		Throttled: {
			Cause: Text{
				EN: "The request rate exceeds the vendor's limit or limits.rate, or a policy limit of the app, key or tenant is reached.",
				ZH: "请求速率超过供应商限制或 limits.rate，或应用、密钥、租户达到策略限额。",
			},
			Remedy: Text{
				EN: "The provider is not called for the time that the vendor gave, or for one second. Lower limits.rate or raise the vendor's limit.",
				ZH: "在供应商给出的时间内（未给出则为一秒）不会调用该供应商。请调低 limits.rate，或向供应商提升限额。",
			},
		},
		QuotaExhausted: {
			Cause: Text{
				EN: "The prepaid package at the vendor is used up or expired, or the account is in arrears.",
				ZH: "供应商处的套餐包已用完或已过期，或账户欠费。",
			},
			Remedy: Text{
				EN: "Buy a package, then resume the provider (POST /v1/providers/NAME:resume, or a restart). The provider is not called until then.",
				ZH: "请购买套餐包，然后恢复该供应商（POST /v1/providers/NAME:resume 或重启）。在此之前不会调用该供应商。",
			},
		},
		BadCredentials: {
			Cause: Text{
				EN: "The vendor or its gateway rejected our credentials: they are wrong, expired or not authorized for this API, or a setting of the call is wrong.",
				ZH: "供应商或其网关拒绝了凭证：凭证错误、已过期或未授权该接口，或调用配置有误。",
			},
			Remedy: Text{
				EN: "Correct the secret or the setting in the provider's configuration, then resume the provider. A new AppCode takes effect about 30 seconds after activation.",
				ZH: "请更正该供应商配置中的密钥或设置，然后恢复该供应商。新开通的 AppCode 约 30 秒后生效。",
			},
		},
	}
}

// vendorHelp explains failures caused by a vendor.
func vendorHelp() map[Failure]Help {
	return map[Failure]Help{
		FailureUnknown: {
			Cause: Text{
				EN: "The vendor returned a code that is not in its code table, or an adapter failed without a reason.",
				ZH: "供应商返回了码表中没有的代码，或适配器失败但未给出原因。",
			},
			Remedy: Text{
				EN: "No verdict is derived from it. Ask the vendor what the code means and add it to the code table; the call may have been charged.",
				ZH: "系统不据此得出结论。请向供应商确认该代码的含义并补充码表；该次调用可能已计费。",
			},
		},
		Maintenance: {
			Cause: Text{
				EN: "The vendor reports maintenance (idcert: code 9999).",
				ZH: "供应商返回系统维护（idcert：代码 9999）。",
			},
			Remedy: Text{
				EN: "No action is needed. Calls go to other providers at once, and single trial calls at growing intervals detect the end of the maintenance.",
				ZH: "无需处理。后续调用立即转至其他供应商，并以逐渐加长的间隔试探调用，检测维护是否结束。",
			},
		},
		Unavailable: {
			Cause: Text{
				EN: "The vendor, its gateway or its source is unreachable or faulty, or no provider of the route is available.",
				ZH: "供应商、其网关或数据源无法连接或发生故障，或路由中没有可用的供应商。",
			},
			Remedy: Text{
				EN: "See skipped and attempts for each provider's reason and the time it is tried again. Retry later.",
				ZH: "请查看 skipped 与 attempts 中各供应商的原因及恢复时间，稍后重试。",
			},
		},
		Timeout: {
			Cause: Text{
				EN: "No complete response arrived within limits.timeout or the deadline of the verification.",
				ZH: "在 limits.timeout 或整个核验的时限内未收到完整的响应。",
			},
			Remedy: Text{
				EN: "A call that was sent may have been charged, and is recorded as such. Another provider is called only if the route sets retry_unknown.",
				ZH: "已发出的调用可能已计费，并已按此记录。仅当路由设置了 retry_unknown 时才会调用其他供应商。",
			},
		},
		Garbled: {
			Cause: Text{
				EN: "The response is not reliable: not JSON, truncated, with a missing, duplicate or mistyped field, or with the data of another person.",
				ZH: "响应不可信：不是 JSON、被截断、字段缺失、重复或类型不符，或回显了他人的信息。",
			},
			Remedy: Text{
				EN: "No verdict is derived from it. If it persists, the vendor has changed its API: report it with the attempt's vendor_ref.",
				ZH: "系统不据此得出结论。如持续出现，说明供应商接口已变更，请附上该次调用的供应商流水号反馈。",
			},
		},
	}
}

// answerHelp explains answers without a verdict.
func answerHelp() map[Failure]Help {
	return map[Failure]Help{
		PartialMatch: {
			Cause: Text{
				EN: "The source compared the claims and gives no verdict on all of them: some agree with the register, others differ or were not compared.",
				ZH: "数据源已比对，但未对全部要素给出结论：部分一致，部分不一致或未比对。",
			},
			Remedy: Text{
				EN: "See fields for each claim. It is an answer, so no other provider is called. Check the claims that differ, or review the document manually.",
				ZH: "请查看 fields 中各要素的比对结果。这是数据源的答复，因此不会再调用其他供应商。请核对不一致的要素，或走人工核验。",
			},
		},
	}
}
