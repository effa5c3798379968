package idv

// Check is the question of a verification: which claims are compared with a register.
type Check uint8

// The checks. The market names them by their number of elements (要素).
const (
	CheckNone                 Check = iota
	CheckIDName                     // 二要素: name and ID number
	CheckIDNameMobile               // 三要素: name, ID number and mobile number
	CheckIDNameBankCard             // 银行卡三要素: name, ID number and bank card
	CheckIDNameMobileBankCard       // 银行卡四要素: name, ID number, mobile number and bank card
	CheckNameBankCard               // 银行卡二要素: name and bank card
)

var checkWords = []string{"none", "id_name", "id_name_mobile", "id_name_bankcard", "id_name_mobile_bankcard", "name_bankcard"}

// Checks lists every check.
func Checks() []Check {
	return []Check{CheckIDName, CheckIDNameMobile, CheckIDNameBankCard, CheckIDNameMobileBankCard, CheckNameBankCard}
}

// String returns the check's name in JSON and configuration.
func (c Check) String() string { return word(checkWords, c) }

// MarshalText returns the check's name.
func (c Check) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText sets the check of a name, or returns an error for an unknown name.
func (c *Check) UnmarshalText(b []byte) error { return parse("check", checkWords, b, c) }

// Claims returns the claims that the check compares.
func (c Check) Claims() ClaimSet {
	switch c {
	case CheckIDName:
		return Claims(ClaimName, ClaimIDNumber)
	case CheckIDNameMobile:
		return Claims(ClaimName, ClaimIDNumber, ClaimMobile)
	case CheckIDNameBankCard:
		return Claims(ClaimName, ClaimIDNumber, ClaimBankCard)
	case CheckIDNameMobileBankCard:
		return Claims(ClaimName, ClaimIDNumber, ClaimMobile, ClaimBankCard)
	case CheckNameBankCard:
		return Claims(ClaimName, ClaimBankCard)
	}
	return 0
}
