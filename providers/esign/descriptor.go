package esign

import "github.com/heyan-id/heyan/engine/idv"

// descriptor describes the product. The vendor documents no other document than the 身份证.
func descriptor() idv.Descriptor {
	return idv.Descriptor{
		Name: "esign/individual-base", Version: "1.0.0",
		Title:     "个人二要素信息比对 individual/base (e签宝)",
		Check:     idv.CheckIDName,
		Documents: []idv.Document{idv.Resident18},
		Fidelity:  idv.TwoWay,
		Source:    "not named by the vendor; the recipient's name and the text that is signed are inferred, see your contract and the sandbox of the vendor",
		Recipient: "杭州天谷信息科技有限公司",
		Schemes:   []string{"tsign"},
		Settings: []idv.Setting{
			{Name: "base_url", Default: "https://openapi.esign.cn", Help: "base URL of the vendor; its sandbox is https://smlopenapi.esign.cn"},
			{Name: "app_id", Account: true, Help: "id of the application"},
			{Name: "app_secret", Secret: true, Account: true, Help: "secret of app_id"},
		},
		Codes: codes(),

		Confidence: idv.ConfidenceOfficial,
		Notes: []string{
			"The text that is signed is inferred: try it against the vendor's sandbox first.",
			"A negative answer may also be a missing record.",
		},
	}
}
