// Package words explains heyan's codes to people at a terminal, in English and Chinese.
// Programs read the codes; these texts may change in any version.
package words

import (
	"github.com/heyan-id/heyan/engine/idv"
)

// Lang is the language of a text, as idv.Text.In takes it. The zero value is English.
type Lang = string

// The languages.
const (
	EN Lang = "en"
	ZH Lang = "zh"
)

// Parse returns the language of a --lang value, and whether it is a known one.
func Parse(text string) (Lang, bool) {
	switch text {
	case EN, ZH:
		return text, true
	}
	return EN, false
}

// Detect returns the language of an environment. By the rules of POSIX, LC_ALL overrides
// LC_MESSAGES, which overrides LANG. Every locale that does not begin with zh is English.
func Detect(lookup func(string) (string, bool)) Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value, _ := lookup(name); value != "" {
			return idv.Text{EN: EN, ZH: ZH}.In(value)
		}
	}
	return EN
}

// Verdict explains a verdict. The text of a missing record blames neither the person nor
// the caller.
func Verdict(v idv.Verdict) idv.Text {
	switch v {
	case idv.Match:
		return idv.Text{EN: "match: the claims agree with the register", ZH: "一致：所填信息与权威数据一致"}
	case idv.Mismatch:
		return idv.Text{EN: "mismatch: the register has a record, and the claims differ from it", ZH: "不一致：所填信息与权威数据不一致"}
	case idv.NoRecord:
		return idv.Text{EN: "no record: the register has nothing to compare with; this is not a mismatch", ZH: "库无：数据源没有可比对的记录，不代表信息有误"}
	case idv.MismatchOrNoRecord:
		return idv.Text{EN: "mismatch or no record: this source does not distinguish the two", ZH: "不一致或库无：该数据源不区分两者"}
	default:
		return idv.Text{EN: "no verdict: no source gave a reliable answer", ZH: "无结论：未得到可信的结果"}
	}
}

// Charge says whether the vendor charged for a call.
func Charge(c idv.Charge) idv.Text {
	switch c {
	case idv.Charged:
		return idv.Text{EN: "charged", ZH: "已计费"}
	case idv.NotCharged:
		return idv.Text{EN: "not charged", ZH: "未计费"}
	default:
		return idv.Text{EN: "unknown", ZH: "未知"}
	}
}

// SkipReason explains why a provider is skipped. It returns the code itself for a reason
// without a text.
func SkipReason(r idv.SkipReason) idv.Text {
	if text, ok := skipReasons[r]; ok {
		return text
	}
	return idv.Text{EN: string(r), ZH: string(r)}
}

var skipReasons = map[idv.SkipReason]idv.Text{
	idv.SkipUnsupportedCheck:     {EN: "does not support this check", ZH: "不支持该核验项"},
	idv.SkipUnsupportedDocument:  {EN: "does not support this document type", ZH: "不支持该类证件"},
	idv.SkipUnsupportedName:      {EN: "takes given and family name apart, and the name has one word", ZH: "须分别提交名与姓，而所填姓名只有一个词"},
	idv.SkipUnsupportedScript:    {EN: "cannot read the characters of the name", ZH: "不支持姓名中的字符"},
	idv.SkipMaintenance:          {EN: "is in maintenance", ZH: "系统维护中"},
	idv.SkipScheduledMaintenance: {EN: "is in scheduled maintenance", ZH: "计划维护中"},
	idv.SkipQuotaExhausted:       {EN: "its prepaid package is used up", ZH: "套餐包已用完"},
	idv.SkipCredentials:          {EN: "rejected our credentials", ZH: "凭证被拒绝"},
	idv.SkipThrottled:            {EN: "its rate limit is reached", ZH: "已达速率上限"},
	idv.SkipBreakerOpen:          {EN: "too many consecutive calls failed", ZH: "连续失败过多，已熔断"},
	idv.SkipTrialRunning:         {EN: "a trial call is in flight", ZH: "正在试探调用"},
	idv.SkipBusy:                 {EN: "its concurrency limit is reached", ZH: "已达并发上限"},
	idv.SkipRecovering:           {EN: "is returning from an outage and takes few calls at a time", ZH: "故障恢复中，逐步放量"},
	idv.SkipDrained:              {EN: "drained by an operator", ZH: "已被运维下线"},
	idv.SkipPluginNotReady:       {EN: "its plugin is not ready", ZH: "插件进程未就绪"},
	idv.SkipNotConsented:         {EN: "the consent does not name its recipient", ZH: "本人同意中未列明该接收方"},
	idv.SkipPolicy:               {EN: "a policy rule excludes it", ZH: "被策略规则排除"},
	idv.SkipAlreadyAsked:         {EN: "its recipient has answered already", ZH: "该接收方已核验过"},
}

// Document names a document type.
func Document(d idv.Document) idv.Text {
	if text, ok := documents[d]; ok {
		return text
	}
	return idv.Text{EN: "unknown document", ZH: "未知证件"}
}

var documents = map[idv.Document]idv.Text{
	idv.Resident18:       {EN: "resident identity card", ZH: "居民身份证"},
	idv.Resident15:       {EN: "resident number of 15 digits", ZH: "15 位旧身份证号码"},
	idv.HKMOResidence:    {EN: "residence permit, Hong Kong or Macau", ZH: "港澳居民居住证"},
	idv.TWResidence:      {EN: "residence permit, Taiwan", ZH: "台湾居民居住证"},
	idv.ForeignPR18:      {EN: "foreigner's permanent residence card (2023)", ZH: "外国人永久居留身份证（2023 版）"},
	idv.ForeignPR15:      {EN: "foreigner's permanent residence card (2017)", ZH: "外国人永久居留身份证（2017 版）"},
	idv.HKID:             {EN: "Hong Kong identity card", ZH: "香港身份证"},
	idv.MacauBIR:         {EN: "Macau resident identity card", ZH: "澳门居民身份证"},
	idv.TaiwanID:         {EN: "Taiwan identity card", ZH: "台湾身份证"},
	idv.TaiwanARC:        {EN: "Taiwan resident certificate", ZH: "台湾居留证"},
	idv.HKMOPermit:       {EN: "mainland travel permit, Hong Kong or Macau", ZH: "港澳居民来往内地通行证（回乡证）"},
	idv.TaiwanPermit:     {EN: "mainland travel permit, Taiwan", ZH: "台湾居民来往大陆通行证（台胞证）"},
	idv.PassportMRZLine2: {EN: "passport, second line of the machine-readable zone", ZH: "护照机读码第二行"},
	idv.BrazilCPF:        {EN: "Brazilian taxpayer number (CPF)", ZH: "巴西纳税人登记号（CPF）"},
	idv.IndiaPAN:         {EN: "Indian permanent account number (PAN)", ZH: "印度永久账号（PAN）"},
	idv.NigeriaNIN:       {EN: "Nigerian national identification number (NIN)", ZH: "尼日利亚国民识别号（NIN）"},
	idv.SpainDNI:         {EN: "Spanish identity document (DNI)", ZH: "西班牙身份证（DNI）"},
	idv.SpainNIE:         {EN: "Spanish foreigner's number (NIE)", ZH: "西班牙外国人身份号（NIE）"},
}
