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

// Checks lists every check that a request can name. CheckNameBankCard is not among them:
// consents, limits and the detection of abuse identify a person by the ID number, which
// a request with that check does not have.
func Checks() []Check {
	return []Check{CheckIDName, CheckIDNameMobile, CheckIDNameBankCard, CheckIDNameMobileBankCard}
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

// Document is a type of identity document, named after its number. The words are those
// of `heyan check --json`.
type Document string

// The documents whose numbers package identity checks.
const (
	DocumentUnknown  Document = ""
	Resident18       Document = "resident18"     // GB 11643-1999
	Resident15       Document = "resident15"     // the 15-digit number before it
	HKMOResidence    Document = "hkmo_residence" // residence permit, 810000 and 820000
	TWResidence      Document = "tw_residence"   // residence permit, 830000
	ForeignPR18      Document = "fpr18"          // foreigner's permanent residence card of 2023
	ForeignPR15      Document = "fpr15"          // the card of 2017
	HKID             Document = "hkid"           // Hong Kong identity card
	MacauBIR         Document = "macau_bir"      // Macau resident identity card
	TaiwanID         Document = "tw_id"          // Taiwan identity card
	TaiwanARC        Document = "tw_arc"         // Taiwan resident certificate
	HKMOPermit       Document = "hkmo_permit"    // 回乡证
	TaiwanPermit     Document = "tw_permit"      // 台胞证
	PassportMRZLine2 Document = "mrz_td3_line2"  // ICAO 9303, TD3, line 2
)
