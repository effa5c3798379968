package huawei

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// headerRef is the header with the vendor's reference of the call.
const headerRef = "X-Request-Id"

type meta struct {
	UUID string `json:"uuid"`
}

// request is the body of a call. The vendor takes one person in each call.
type request struct {
	Meta meta `json:"meta"`
	Data struct {
		ReqData [1]person `json:"req_data"`
	} `json:"data"`
}

type person struct {
	Name idv.Sensitive `json:"verification_name"`
	ID   idv.Sensitive `json:"verification_id"`
}

func requestOf(q idv.Query) request {
	r := request{Meta: meta{q.ID}}
	r.Data.ReqData[0] = person{q.Subject.Name, q.Subject.IDNumber}
	return r
}

// reply is the body of a reply: a result or an error. It omits the texts, since nothing may
// depend on them.
type reply struct {
	ErrorCode *string `json:"error_code"`
	Meta      meta    `json:"meta"`
	Result    struct {
		Count    strictjson.Number `json:"count"`
		RespData []struct {
			Result string            `json:"verification_result"`
			Code   strictjson.Number `json:"verification_code"`
		} `json:"resp_data"`
	} `json:"result"`
}

// read returns the error's code, or the result and its code, or why the body is neither. A
// reply with the uuid of another call, or with several results, is about another person or
// about several people, so it has no verdict.
func read(body []byte, uuid string) (codes []string, fault string) {
	var r reply
	if strictjson.Decode(body, &r) != nil {
		return nil, "the body is not strict JSON with members of the documented types"
	}
	switch list := r.Result.RespData; {
	case r.ErrorCode != nil:
		return []string{*r.ErrorCode}, ""
	case r.Meta.UUID != uuid:
		return nil, "the reply belongs to another call"
	case r.Result.Count != "1" || len(list) != 1:
		return nil, "the reply does not have exactly one result"
	default:
		return []string{list[0].Result, string(list[0].Code)}, ""
	}
}
