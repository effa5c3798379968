package trial

import (
	"regexp"
	"slices"
	"strings"
)

// chinese are the words that a message may show, each by itself. None is a name.
const chinese = `
查询 成功 失败 核验 验证 认证 实名 通过 不通过 未通过 一致 不一致 信息 匹配 不匹配 身份证 身份证号 身份证号码 证件 证件号 证件号码 姓名 号码 手机号 手机号码 手机
银行卡 银行卡号 卡号 要素 二要素 三要素 四要素 库中无此号 库无 无此 无记录 无数据 查无 查无此人 没有 记录 数据 数据源 不存在 存在 为空 不能为空 不能 不可用 错误 有误 参数 格式 缺少 缺失
非法 无效 有效 签名 鉴权 授权 未授权 权限 无权限 未开通 开通 接口 服务 系统 异常 繁忙 维护 维护中 升级 稍后 重试 请 请求 超时 频率 频繁 次数 限制 超过 超出 上限 余额 不足 欠费 账户 账号
停用 过期 到期 已 未 不 无 或 和 与 及 的 在 中 是 否 该 此 请稍后 再试 内部 网络 上游 通道 供应商 运营商 不支持 支持 类型 地址 访问 拒绝 黑名单 白名单 完全 部分 结果 返回 订单 流水号
调用 套餐 购买 充值 联系 客服 管理员 用户 密钥 时间戳 编码 校验 处理 处理中 正常 当日 今日 每日 单日 收费 不收费 计费 不计费`

// english are the words that a message may show, in small letters.
const english = `
a an and are be by can cannot could due error errors exceeded expired fail failed failure for found from has id identity in inconsistent internal invalid
is it limit match matched matches maximum message method mismatch missing mobile must name no none not number numbers of ok on or parameter parameters
params please quota rate record records refused request required result retry server service signature status success successful successfully system
temporarily the this timeout to token too many try unable unauthorized unavailable unknown unmatched upstream user valid verification verified verify was with
wrong access account again api app appcode application authentication authorization balance bank blocked body call called card certificate charge
check checked client code consistent content data database denied disabled document empty exception exist exists expected field fields format forbidden
gateway incorrect insufficient key later length licence license maintenance malformed normal online order path permission person phone product query
reached response schema secret subscription throttled throttling time type types unsupported url vendor flow control bad`

var (
	chineseWords = longestFirst(chinese)
	englishWords = strings.Fields(english)
	wordForms    = regexp.MustCompile(`[A-Za-z]+|\p{Han}+|[^A-Za-z\p{Han}]+`)
)

func longestFirst(text string) *regexp.Regexp {
	list := strings.Fields(text)
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return regexp.MustCompile(strings.Join(list, "|"))
}

// omitted stands for what is not in the list.
const omitted = "…"

// Words returns a message with the words of a list, … for all else, and whether that is all of it.
func Words(text string) (shown string, whole bool) {
	shown = wordForms.ReplaceAllStringFunc(text, func(part string) string {
		switch {
		case part[0] < 0x80 && strings.ContainsAny(part[:1], letters):
			if slices.Contains(englishWords, strings.ToLower(part)) {
				return part
			}
			return omitted
		case strings.Trim(part, marks) == "":
			return part
		}
		return knownParts(part)
	})
	return shown, shown == text
}

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	marks   = " ,.:;!?()[]'\"/-_，。：；！？（）、“”"
)

// knownParts returns the known words of a Chinese text, with … between them.
func knownParts(text string) string {
	var b strings.Builder
	end := 0
	for _, at := range chineseWords.FindAllStringIndex(text, -1) {
		if at[0] > end {
			b.WriteString(omitted)
		}
		b.WriteString(text[at[0]:at[1]])
		end = at[1]
	}
	if end < len(text) {
		b.WriteString(omitted)
	}
	return b.String()
}
