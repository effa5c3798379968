package idcert

import "github.com/heyan-id/heyan/engine/idv"

// descriptor is the vendor's visiting card.
//
// Documents: the guide speaks of the 身份证 only. Residence permits of people from
// Hong Kong, Macau and Taiwan are in the same police register under numbers of the
// same form. A 15-digit number is an old record and no card (the guide gives "not
// renewed to the second generation" as a reason for 202), and a foreigner's card
// of 2023 is not a 身份证: asking for either would pay for a no_record.
//
// Schemes: the signature is named first, for it covers the claims, ends after 15
// minutes and keeps the secret at home; whoever sees one APPCODE request can send
// it again. The host takes the first scheme whose keys are configured.
func descriptor() idv.Descriptor {
	return idv.Descriptor{
		Name:      "idcert",
		Version:   "1.0.0",
		Title:     "身份证实名认证 (idcert, Aliyun market cmapi022049)",
		Checks:    []idv.Check{idv.CheckIDName},
		Documents: []idv.Document{idv.Resident18, idv.HKMOResidence, idv.TWResidence},
		Fidelity:  idv.ThreeWay,
		Source:    "police data, asked live (the vendor's own statement)",
		Recipient: "四川涪擎大数据技术有限公司",
		NoStore:   true,
		Schemes:   []string{"xca", "appcode"},
		Settings:  settings(),
		Prices:    prices(),
		Codes:     codeRows(),
	}
}

func settings() []idv.Setting {
	return []idv.Setting{
		{Name: "base_url", Default: "https://idcert.market.alicloudapi.com", Help: "the vendor's address"},
		{Name: "appcode", Secret: true, Help: "AppCode of the purchase; valid about 30 seconds after it"},
		{Name: "app_key", Help: "AppKey of the purchase, with app_secret instead of appcode: signed requests"},
		{Name: "app_secret", Secret: true, Help: "AppSecret that belongs to app_key"},
	}
}

// prices lists the packages of the guide. The first is the list price: the
// smallest that is neither a trial nor a taster.
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
