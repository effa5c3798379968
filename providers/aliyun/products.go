package aliyun

import (
	"net/http"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// product is what differs between the products.
type product struct {
	name, title string
	api         api
	address     string // the default of base_url
	action      string
	query       bool // the parameters are in the query, else in a form
	params      []param
	check       idv.Check
	documents   []idv.Document
	fidelity    idv.Fidelity
	codes       []idv.CodeRow
	fields      map[string]idv.Fields // by code, where the reason says which claims differ
	read        func(body []byte) (reply, error)
}

// api is what the products of one API share.
type api struct {
	version, success string
	source           string // of the data
	recipient        string
	settings         []idv.Setting
}

// param is a parameter of a call: a claim, unless it is a constant or a setting.
type param struct {
	name              string
	claim             idv.Claim
	constant, setting string
}

func (p param) isClaim() bool { return p.constant == "" && p.setting == "" }

func (p param) value(s idv.Subject, settings providers.Settings) idv.Sensitive {
	switch {
	case p.constant != "":
		return idv.NewSensitive(p.constant)
	case p.setting != "":
		return idv.NewSensitive(settings[p.setting])
	}
	return s.Claim(p.claim)
}

// field returns the field of the parameter that a message names in parentheses at its end.
// The vendor has one code for all parameters, so there is no other way to tell the person
// what to correct. Neither failure nor charge depends on it.
func (p product) field(message string) idv.Field {
	_, name, _ := strings.Cut(message, "(")
	name, closed := strings.CutSuffix(name, ")")
	for _, own := range p.params {
		if closed && own.isClaim() && strings.EqualFold(own.name, name) {
			return idv.FieldOf(own.claim)
		}
	}
	return idv.NoField
}

// inferred completes the source of the data: the contract names the recipient for certain.
const inferred = "; the recipient's name is inferred, see your contract"

const settingAuthCode = "auth_code"

func cloudauth() api {
	return api{
		version: "2019-03-07", success: "200", recipient: "阿里云计算有限公司",
		source: "authoritative sources that Aliyun queries (as stated by the vendor)" + inferred,
	}
}

func international() api {
	return api{
		version: "2022-08-09", success: "Success", recipient: "Alibaba Cloud (Singapore) Private Limited",
		source: "authoritative sources that Alibaba Cloud queries (as stated by the vendor)" + inferred,
	}
}

func dytns() api {
	return api{
		version: "2020-02-17", success: "OK", recipient: "阿里云计算有限公司",
		source: "sources of the number service (号码百科), which carriers and cities bring up to date with a lag of one to three days" + inferred,
		settings: []idv.Setting{
			{Name: settingAuthCode, Required: true, Help: "the authorisation code (授权码) of the product, from the console of the number service"},
		},
	}
}

// products returns the products, sorted by name.
//
// Documents: Id2MetaVerify is documented for resident ID cards and for residence permits of
// people from Hong Kong, Macau and Taiwan, the others for no document in particular. A
// document that a register does not have would be charged and return no_record.
func products() []product {
	resident := []idv.Document{idv.Resident18}
	normal := param{name: "ParamType", constant: "normal"}
	number, name := param{name: "IdentifyNum", claim: idv.ClaimIDNumber}, param{name: "UserName", claim: idv.ClaimName}
	mobile, authCode := param{name: "Mobile", claim: idv.ClaimMobile}, param{name: "AuthCode", setting: settingAuthCode}
	return []product{{
		name: "aliyun/bankmeta4", title: "银行卡四要素核验 BankMetaVerify (Aliyun cloudauth)",
		api: cloudauth(), address: "https://cloudauth.cn-shanghai.aliyuncs.com", action: "BankMetaVerify", query: true,
		params: []param{
			{name: "BankCard", claim: idv.ClaimBankCard}, number, {name: "IdentityType", constant: "01"}, mobile, normal,
			{name: "ProductType", constant: "BANK_CARD_4_META"}, name, {name: "VerifyMode", constant: "VERIFY_BANK_CARD"},
		},
		check: idv.CheckIDNameMobileBankCard, documents: resident, fidelity: idv.ThreeWay,
		codes: bankCodes(), read: readReasoned,
	}, {
		name: "aliyun/dytns-id2", title: "身份证二要素核验 CertNoTwoElementVerification (Aliyun dytnsapi)",
		api: dytns(), address: "https://dytnsapi.aliyuncs.com", action: "CertNoTwoElementVerification", query: true,
		params: []param{authCode, {name: "CertName", claim: idv.ClaimName}, {name: "CertNo", claim: idv.ClaimIDNumber}},
		check:  idv.CheckIDName, documents: resident, fidelity: idv.ThreeWay,
		codes: dytnsCodes("CertNoTwoElementVerification"), read: readConsistent[string],
	}, {
		name: "aliyun/dytns-mobile3", title: "手机号三要素核验 ThreeElementsVerification (Aliyun dytnsapi)",
		api: dytns(), address: "https://dytnsapi.aliyuncs.com", action: "ThreeElementsVerification", query: true,
		params: []param{
			authCode, {name: "CertCode", claim: idv.ClaimIDNumber}, {name: "InputNumber", claim: idv.ClaimMobile},
			{name: "Mask", constant: "NORMAL"}, {name: "Name", claim: idv.ClaimName},
		},
		check: idv.CheckIDNameMobile, documents: resident, fidelity: idv.ThreeWay,
		codes: dytnsMobileCodes(), read: readConsistent[strictjson.Number],
	}, {
		name: "aliyun/id2meta", title: "身份证二要素核验 Id2MetaVerify (Aliyun cloudauth)",
		api: cloudauth(), address: "https://cloudauth.aliyuncs.com", action: "Id2MetaVerify",
		params: []param{number, normal, name},
		check:  idv.CheckIDName, documents: []idv.Document{idv.Resident18, idv.HKMOResidence, idv.TWResidence}, fidelity: idv.ThreeWay,
		codes: verificationCodes("Id2MetaVerify"), read: readVerification,
	}, {
		name: "aliyun/intl-id2meta", title: "身份证二要素核验 Id2MetaVerifyIntl (Alibaba Cloud eKYC)",
		api: international(), address: "https://cloudauth-intl.cn-hongkong.aliyuncs.com", action: "Id2MetaVerifyIntl", query: true,
		params: []param{number, normal, {name: "ProductCode", constant: "ID_2META"}, name},
		check:  idv.CheckIDName, documents: resident, fidelity: idv.ThreeWay,
		codes: internationalCodes(), read: readInternational,
	}, {
		name: "aliyun/mobile3-detail", title: "手机号三要素核验详版 Mobile3MetaDetailVerify (Aliyun cloudauth)",
		api: cloudauth(), address: "https://cloudauth.aliyuncs.com", action: "Mobile3MetaDetailVerify",
		params: []param{number, mobile, normal, name},
		check:  idv.CheckIDNameMobile, documents: resident, fidelity: idv.WithReason,
		codes: mobileDetailCodes(), fields: mobileDetailFields(), read: readReasoned,
	}, {
		name: "aliyun/mobile3-simple", title: "手机号三要素核验简版 Mobile3MetaSimpleVerify (Aliyun cloudauth)",
		api: cloudauth(), address: "https://cloudauth.aliyuncs.com", action: "Mobile3MetaSimpleVerify",
		params: []param{number, mobile, normal, name},
		check:  idv.CheckIDNameMobile, documents: resident, fidelity: idv.ThreeWay,
		codes: mobileSimpleCodes(), read: readVerification,
	}}
}

// notes are what an operator has to know of a product, by its name.
func notes() map[string][]string {
	return map[string][]string{
		"aliyun/bankmeta4": {
			"The SubCode is a reason within a BizCode. Reasons of no record include cards that take no part and limits of a card.",
		},
		"aliyun/dytns-id2": {
			"0 is the mismatch and 1 the match.",
			"The setting auth_code is made for each product in the console of the number service.",
		},
		"aliyun/dytns-mobile3": {
			"Numbers of virtual operators (162, 165, 170, 171) are not supported.",
			"The setting auth_code is made for each product in the console of the number service.",
		},
		"aliyun/id2meta": {
			"The charge rules are those of this product; older products of the vendor bill a missing record as well.",
		},
		"aliyun/intl-id2meta": {
			"The two pages of the vendor disagree on HTTP statuses, so only the code counts.",
		},
		"aliyun/mobile3-detail": {
			"BizCode decides and SubCode is its reason; a reply in which they contradict each other is no verdict.",
		},
		"aliyun/mobile3-simple": {
			"The reply says only whether all three agree; mobile3-detail names the reason.",
		},
	}
}

func (p product) descriptor() idv.Descriptor {
	address := idv.Setting{Name: "base_url", Default: p.address, Help: "base URL of the vendor"}
	if p.query {
		address.Help += "; the vendor takes the claims in the query, so a proxy of your own on the way must not log URLs"
	}
	settings := []idv.Setting{
		address,
		{Name: "access_key_id", Account: true, Help: "AccessKey ID of a RAM user that may call this API only"},
		{Name: "access_key_secret", Secret: true, Account: true, Help: "AccessKey secret of access_key_id"},
	}
	return idv.Descriptor{
		Name: p.name, Version: "1.0.0", Title: p.title,
		Check: p.check, Documents: p.documents, Fidelity: p.fidelity,
		Source: p.api.source, Recipient: p.api.recipient,
		Schemes: []string{"acs3"},
		Replies: idv.Replies{Statuses: []int{
			http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
			http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
		}},
		Settings: append(settings, p.api.settings...),
		Codes:    slices.Concat(p.codes, providers.StatusRows()), // codecs share p, so nothing is written behind its codes

		Confidence: idv.ConfidenceOfficial, Notes: notes()[p.name],
	}
}
