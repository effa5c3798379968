package baidu

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// descriptor describes the product.
//
// Documents: the vendor's pages name the 身份证 only.
//
// Fidelity: the usual code for a difference is also that for a number without a record.
//
// Recipient: no page that was read states which company is the contracting party. The
// printed page says so, and `recipient` of the configuration replaces it.
func descriptor() idv.Descriptor {
	return idv.Descriptor{
		Name: "baidu/idmatch", Version: "1.0.0",
		Title: "身份验证 (Baidu AI, face/v3/person/idmatch)",
		Check: idv.CheckIDName, Documents: []idv.Document{idv.Resident18}, Fidelity: idv.TwoWay,
		Source:    "police data, as named by the vendor; the legal name of the recipient is inferred, so compare it with your contract",
		Recipient: "北京百度网讯科技有限公司",
		Schemes:   []string{"baidu_token"},
		Settings: []idv.Setting{
			{Name: "base_url", Default: "https://aip.baidubce.com", Help: "base URL of the service and of its token endpoint"},
			{Name: "client_id", Account: true, Help: "API Key of an application that may call idmatch"},
			{Name: "client_secret", Secret: true, Account: true, Help: "Secret Key of client_id; the vendor requires it in a URL, so no proxy may log URLs"},
		},
		Codes: append(codes(), providers.StatusRows()...),

		Confidence: idv.ConfidenceOfficial,
		Notes: []string{
			"The code of a mismatch is also that of a number without a record.",
			"The token that the keys buy is kept until it expires, so a revoked key may work for a while.",
		},
	}
}
