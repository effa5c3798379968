package baidu

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// request is the body of a call.
type request struct {
	IDCardNumber idv.Sensitive `json:"id_card_number"`
	Name         idv.Sensitive `json:"name"`
}

// reply is the body of a reply. It omits error_msg, since nothing may depend on a text, and
// result, which is empty here. log_id is kept as it is written: it exceeds 2^53, so that a
// float would lose digits.
type reply struct {
	ErrorCode strictjson.Number `json:"error_code"`
	LogID     strictjson.Number `json:"log_id"`
}
