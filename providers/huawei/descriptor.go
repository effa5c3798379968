package huawei

import (
	"net/http"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/huawei"
)

// descriptor describes the product.
//
// Documents: the vendor's pages name the 身份证 only.
//
// Recipient: no page that was read states which company is the contracting party. The
// printed page says so, and `recipient` of the configuration replaces it.
func descriptor() idv.Descriptor {
	return idv.Descriptor{
		Name: "huawei/idcard", Version: "1.0.0",
		Title: "身份证二要素核验 (Huawei Cloud IVS, ivs-idcard-extention)", //nolint:misspell // the vendor's name
		Check: idv.CheckIDName, Documents: []idv.Document{idv.Resident18}, Fidelity: idv.ThreeWay,
		Source:    "the data source of the service, which the vendor does not name; the legal name of the recipient is inferred, so compare it with your contract",
		Recipient: "华为云计算技术有限公司",
		Schemes:   []string{huawei.NameSDKHMAC},
		Replies: idv.Replies{
			Statuses: []int{
				http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden,
				http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusGatewayTimeout,
			},
			Headers: []string{headerRef}, RefHeader: headerRef,
		},
		Settings: []idv.Setting{
			{Name: "base_url", Default: "https://ivs.cn-north-4.myhuaweicloud.com", Help: "base URL of the service, which is in one region only"},
			{Name: huawei.SettingAccessKey, Account: true, Help: "access key (AK) of a user who may call IVS"},
			{Name: huawei.SettingSecretKey, Secret: true, Account: true, Help: "secret key (SK) of access_key"},
		},
		Codes: append(codes(), providers.StatusRows()...),

		Confidence: idv.ConfidenceOfficial,
		Notes: []string{
			"The service is in one region only.",
			"The signature covers the time: keep the clock of the machine synchronized. It was checked against the published algorithm, not against the vendor.",
		},
	}
}
