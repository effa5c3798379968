package consents

import (
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// Channels lists the ways in which a text can be shown to a person. The list is closed,
// because a channel is stored in clear and must contain no personal data.
func Channels() []string { return []string{"web", "app", "counter", "paper"} }

// storedIn returns where data are stored: the configured places, or mainland China.
func (w words) storedIn(defaults NoticeDefaults) []string {
	if len(defaults.Storage) > 0 {
		return defaults.Storage
	}
	return w.storage
}

// words are the phrases of notices and receipts in one language.
type words struct {
	items     map[idv.Claim]string
	method    string
	storage   []string
	rights    []string
	retention func(NoticeDefaults) string
}

// wordsOf returns the phrases of a language: English for en, Chinese for any other language,
// because the law is in Chinese.
func wordsOf(language string) words {
	if language == "en" || strings.HasPrefix(language, "en-") {
		return words{
			items: map[idv.Claim]string{
				idv.ClaimName: "name", idv.ClaimIDNumber: "ID number", idv.ClaimMobile: "mobile number", idv.ClaimBankCard: "bank card number",
			},
			method:  "compares them with the records of its source and returns the result",
			storage: []string{"mainland China"},
			rights:  []string{"access", "copy", "correct", "delete", "withdraw", "complain"},
			retention: func(t NoticeDefaults) string {
				return fmt.Sprintf("What was entered is not kept in clear once the result is there; the result without it is kept for %s, "+
					"the record of this agreement for %s after it ends", idv.Count(int64(t.Verifications/day), "day"), idv.Count(int64(t.Consents/day), "day"))
			},
		}
	}
	return words{
		items: map[idv.Claim]string{
			idv.ClaimName: "姓名", idv.ClaimIDNumber: "证件号码", idv.ClaimMobile: "手机号码", idv.ClaimBankCard: "银行卡号",
		},
		method:  "与其数据源中的记录比对并返回结果",
		storage: []string{"中国境内"},
		rights:  []string{"查阅", "复制", "更正", "删除", "撤回同意", "投诉"},
		retention: func(t NoticeDefaults) string {
			return fmt.Sprintf("得出结果后不再保存所填信息的明文；不含明文的核验结果保存%d天，本同意的记录在其失效后保存%d天",
				t.Verifications/day, t.Consents/day)
		},
	}
}
