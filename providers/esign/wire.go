package esign

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/strictjson"
)

type request struct {
	IDNumber idv.Sensitive `json:"idNo"`
	Name     idv.Sensitive `json:"name"`
}

// reply is the body of a reply. It omits message, since nothing may depend on a text.
type reply struct {
	Code strictjson.Number `json:"code"`
	Data struct {
		VerifyID string `json:"verifyId"`
	} `json:"data"` // null in an error
}
