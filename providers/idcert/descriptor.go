package idcert

import (
	"net/http"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/gateway"
)

// descriptor describes the product.
//
// Documents: the guide mentions the 身份证 only. Residence permits of people from Hong
// Kong, Macau and Taiwan are in the same police register under numbers of the same
// form. A 15-digit number belongs to an old record (the guide names "not renewed to
// the second generation" as a reason for 202), and a foreigner's card of 2023 is not
// a 身份证: a call for either would be charged and return no_record.
//
// Schemes: the host uses the first scheme whose keys are configured. The signature is
// first because it covers the claims, expires after 15 minutes and does not send the
// secret, whereas a captured APPCODE request can be sent again.
func descriptor() idv.Descriptor {
	return idv.Descriptor{
		Name:      "idcert",
		Version:   "1.0.0",
		Title:     "身份证实名认证 (idcert, Aliyun market cmapi022049)",
		Check:     idv.CheckIDName,
		Documents: []idv.Document{idv.Resident18, idv.HKMOResidence, idv.TWResidence},
		Fidelity:  idv.ThreeWay,
		Source:    "police data, queried live (as stated by the vendor)",
		Recipient: "四川涪擎大数据技术有限公司",
		NoStore:   true,
		Schemes:   []string{"xca", "appcode"},
		Replies:   gateway.Replies(http.StatusOK, statusNotBilled),
		Settings:  settings(),
		Prices:    prices(),
		Codes:     codeRows(),

		Confidence: idv.ConfidenceOfficial,
		Notes: []string{
			"202 means that the register has nothing to compare with; nine innocent reasons lead to it, so it is no mismatch.",
			"9999 announces maintenance. Which codes besides 01 and 02 are billed is not published; reconcile to learn it.",
			"A new AppCode becomes valid about 30 seconds after the purchase.",
		},
	}
}

// statusNotBilled is the HTTP status that some sellers of the market use for answers that
// they do not bill.
const statusNotBilled = 450

func settings() []idv.Setting {
	return []idv.Setting{
		{Name: "base_url", Default: "https://idcert.market.alicloudapi.com", Help: "base URL of the vendor"},
		{Name: "appcode", Secret: true, Account: true, Help: "AppCode of the purchase; becomes valid about 30 seconds after it"},
		{Name: "app_key", Account: true, Help: "AppKey of the purchase; set it with app_secret, instead of appcode, to sign requests"},
		{Name: "app_secret", Secret: true, Account: true, Help: "AppSecret of app_key"},
	}
}

// prices returns the packages of the guide. The first gives the list price: the
// smallest package that is not a trial.
func prices() []idv.Price {
	yuan := func(units, total int64) idv.Price {
		return idv.Price{Units: units, Total: idv.Money{Micros: total * 1_000_000, Currency: idv.CNY}}
	}
	return []idv.Price{
		yuan(1_000, 69),
		yuan(20, 0), yuan(15, 1),
		yuan(2_000, 135), yuan(5_000, 320), yuan(10_000, 600), yuan(20_000, 1_100), yuan(50_000, 2_500),
		yuan(100_000, 4_000), yuan(200_000, 8_000), yuan(500_000, 20_000),
		yuan(1_000_000, 39_000), yuan(2_000_000, 75_000), yuan(5_000_000, 180_000), yuan(10_000_000, 350_000),
	}
}
