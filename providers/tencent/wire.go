package tencent

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// request is the body of a call. It has the claims of the check and no others.
type request struct {
	IDCard   idv.Sensitive `json:"IdCard,omitzero"`
	Name     idv.Sensitive `json:"Name,omitzero"`
	BankCard idv.Sensitive `json:"BankCard,omitzero"`
	Phone    idv.Sensitive `json:"Phone,omitzero"`
}

func requestOf(s idv.Subject) request {
	return request{IDCard: s.IDNumber, Name: s.Name, BankCard: s.BankCard, Phone: s.Mobile}
}

// reply is the body of a reply, with an error or a result. It omits Description, since
// nothing may depend on a text, and Isp, which no check needs.
type reply struct {
	Response struct {
		Error *struct {
			Code string `json:"Code"`
		} `json:"Error"`
		Result    string `json:"Result"`
		RequestID string `json:"RequestId"`
	} `json:"Response"`
}

// read returns the code of the error, or the result if there is none. The error comes
// first, so that one whose code is "0" is no match.
func read(body []byte) (providers.Reading, error) {
	var r reply
	if err := strictjson.Decode(body, &r); err != nil {
		return providers.Reading{}, err
	}
	codes := []string{r.Response.Result}
	if e := r.Response.Error; e != nil {
		codes = []string{e.Code, r.Response.Result}
	}
	return providers.Reading{Codes: codes, Ref: r.Response.RequestID}, nil
}
