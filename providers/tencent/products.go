package tencent

import (
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/tencent"
)

// product is what differs between the products.
type product struct {
	name, title string
	action      string // the header X-TC-Action
	source      string // of the data
	check       idv.Check
	fidelity    idv.Fidelity
	codes       []idv.CodeRow
	notes       []string
}

func products() []product {
	const (
		authority = "the authoritative database of ID cards, as named by the vendor"
		carriers  = "the carriers' data, as named by the vendor"
		cards     = "the bank cards' issuers, as named by the vendor"
		states    = "The state of a card, such as lost or expired, is a mismatch and is billed."
	)
	return []product{
		{"tencent/bankcard2", "银行卡二要素核验 (Tencent Cloud, BankCard2EVerification)", "BankCard2EVerification", cards, idv.CheckNameBankCard, idv.TwoWay, bankCard2Codes(), []string{states}},
		{"tencent/bankcard3", "银行卡三要素核验 (Tencent Cloud, BankCardVerification)", "BankCardVerification", cards, idv.CheckIDNameBankCard, idv.TwoWay, bankCard3Codes(), []string{states}},
		{"tencent/bankcard4", "银行卡四要素核验 (Tencent Cloud, BankCard4EVerification)", "BankCard4EVerification", cards, idv.CheckIDNameMobileBankCard, idv.TwoWay, bankCard4Codes(), []string{"-5 concerns the mobile number here, the cardholder in bankcard3, and a missing record in idcard."}},
		{"tencent/idcard", "身份证二要素核验 (Tencent Cloud, IdCardVerification)", "IdCardVerification", authority, idv.CheckIDName, idv.ThreeWay, idCardCodes(), []string{"A name may be asked for 500 times a day, an ID number 1000 times; more is subject_limited and not billed."}},
		{"tencent/phone", "手机号三要素核验 (Tencent Cloud, PhoneVerification)", "PhoneVerification", carriers, idv.CheckIDNameMobile, idv.ThreeWay, phoneCodes(), []string{"-4 is a mismatch here and an error of the source in idcard."}},
	}
}

// descriptor describes the product.
//
// Documents: the vendor's pages name the 身份证 only. Numbers of other documents would be
// charged, or refused, without an answer about the person.
//
// Recipient: no page that was read states which company of Tencent is the contracting
// party. The printed page says so, and `recipient` of the configuration replaces it.
func (p product) descriptor() idv.Descriptor {
	var documents []idv.Document
	if p.check.Claims().Has(idv.ClaimIDNumber) {
		documents = []idv.Document{idv.Resident18}
	}
	return idv.Descriptor{
		Name: p.name, Version: "1.0.0", Title: p.title, Check: p.check, Documents: documents, Fidelity: p.fidelity,
		Source:    p.source + "; the legal name of the recipient is inferred, so compare it with your contract",
		Recipient: "腾讯云计算（北京）有限责任公司",
		Schemes:   []string{tencent.NameTC3},
		Settings:  settings(),
		Codes:     slices.Concat(p.codes, commonCodes(), providers.StatusRows()),

		Confidence: idv.ConfidenceOfficial, Notes: p.notes,
	}
}

func settings() []idv.Setting {
	return []idv.Setting{
		{Name: "base_url", Default: "https://faceid.tencentcloudapi.com", Help: "base URL of the service"},
		{Name: tencent.SettingSecretID, Secret: true, Account: true, Help: "SecretId of an API key that may call faceid"},
		{Name: tencent.SettingSecretKey, Secret: true, Account: true, Help: "SecretKey of secret_id"},
		{Name: tencent.SettingService, Default: "faceid", Help: "the service's name in the signature"},
		{Name: tencent.SettingRegion, Help: "the region header; the service needs none"},
	}
}
