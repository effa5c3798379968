package providertest

import (
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/gateway"
	"github.com/heyan-id/heyan/providers/strictjson"
	"github.com/heyan-id/heyan/providers/tencent"
)

// product is a codec of a product that is sold today. The three of this file have one
// shape each that idcert has not. They are here to try the contract on, and cannot be
// bought with.
type product struct {
	descriptor idv.Descriptor
	params     func(idv.Subject) []providers.Param
	check      func(providers.Reply, idv.Replies) error
	read       func(body []byte) (providers.Reading, error)
}

// Describe returns the descriptor.
func (p product) Describe() idv.Descriptor { return p.descriptor }

// Encode returns a POST with a form.
func (p product) Encode(q idv.Query) (providers.Call, error) {
	if !p.descriptor.Supports(q.Check, q.Document) {
		return providers.Call{}, &idv.Error{Failure: idv.Unsupported}
	}
	if q.Subject.Name.IsZero() || q.Subject.IDNumber.IsZero() {
		return providers.Call{}, &idv.Error{Failure: idv.InvalidInput}
	}
	return providers.Call{Method: "POST", Path: "/check", Form: p.params(q.Subject)}, nil
}

// Decode reads the codes and leaves their meaning to the table.
func (p product) Decode(_ idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := p.check(r, p.descriptor.Replies); err != nil {
		return idv.Answer{}, err
	}
	reading, err := p.read(r.Body)
	if err != nil {
		return idv.Answer{}, providers.Garbled("the body has not the documented form")
	}
	return providers.Table(p.descriptor.Codes).Decode(reading)
}

func described(name string, codes ...[]idv.CodeRow) idv.Descriptor {
	d := idv.Descriptor{
		Name: name, Version: "1", Title: name, Source: "not stated", Recipient: "the seller of " + name,
		Check: idv.CheckIDName, Documents: []idv.Document{idv.Resident18}, Fidelity: idv.ThreeWay, Schemes: []string{"none"},
	}
	for _, rows := range codes {
		d.Codes = append(d.Codes, rows...)
	}
	return d
}

// form returns the parameters under a product's own names.
func form(name, number string) func(idv.Subject) []providers.Param {
	return func(s idv.Subject) []providers.Param {
		return []providers.Param{{Name: name, Value: s.Name}, {Name: number, Value: s.IDNumber}}
	}
}

func answered(v idv.Verdict, c idv.Charge, code string) idv.CodeRow {
	return idv.CodeRow{Layer: providers.LayerVendor, Code: code, Verdict: v, Charge: c, Delivery: idv.Answered, Text: code, Source: "clients"}
}

func failing(f idv.Failure, c idv.Charge, codes ...string) []idv.CodeRow {
	var rows []idv.CodeRow
	for _, code := range codes {
		rows = append(rows, idv.CodeRow{
			Layer: providers.LayerVendor, Code: code, Failure: f, Charge: c, Delivery: idv.Answered, Text: code, Source: "clients",
		})
	}
	return rows
}

// behindAliyun makes a product of the Aliyun market.
func behindAliyun(d idv.Descriptor, params func(idv.Subject) []providers.Param, read func([]byte) (providers.Reading, error)) product {
	d.Replies = gateway.Replies()
	d.Codes = append(d.Codes, gateway.Rows()...)
	return product{descriptor: d, params: params, check: gateway.Check, read: read}
}

// kz has a number in the envelope and a number inside; its errors have an empty object
// there. 0 is a match.
func kz() product {
	return behindAliyun(described(
		"kz-idcard",
		[]idv.CodeRow{
			answered(idv.Match, idv.Charged, "200/0"), answered(idv.Mismatch, idv.Charged, "200/1"), answered(idv.NoRecord, idv.NotCharged, "200/2"),
		},
		failing(idv.InvalidInput, idv.NotCharged, "400"), failing(idv.Unavailable, idv.ChargeUnknown, "404", "500", "501"),
		failing(idv.BadCredentials, idv.NotCharged, "601", "602", "604"), failing(idv.QuotaExhausted, idv.NotCharged, "603"),
		failing(idv.Throttled, idv.NotCharged, "606"), failing(idv.FailureUnknown, idv.ChargeUnknown, "1001"),
	), form("name", "idcard"), readKz)
}

func readKz(body []byte) (providers.Reading, error) {
	var envelope struct {
		Code    integer `json:"code"`
		Success bool    `json:"success"`
	}
	if err := strictjson.Decode(body, &envelope); err != nil {
		return providers.Reading{}, err
	}
	if envelope.Code == "200" && !envelope.Success {
		return providers.Reading{}, strictjson.ErrRefused
	}
	var inside struct {
		Data struct {
			Result  integer `json:"result"`
			OrderNo string  `json:"orderNo"`
		} `json:"data"`
	}
	if strictjson.Decode(body, &inside) != nil {
		inside.Data.Result = "" // an error may have anything inside
	}
	return providers.Reading{Codes: []string{string(envelope.Code), string(inside.Data.Result)}, Ref: inside.Data.OrderNo}, nil
}

// sxidcheck has a charge flag, and a result that is a number or a string. 1 is a match.
func sxidcheck() product {
	rows := []idv.CodeRow{
		answered(idv.Match, idv.Charged, "0/1"), answered(idv.Mismatch, idv.Charged, "0/2"), answered(idv.NoRecord, idv.NotCharged, "0/3"),
	}
	for i := range rows {
		rows[i].ByFlag = true
	}
	return behindAliyun(described("sxidcheck", rows), form("name", "idCard"), readSxidcheck)
}

// numberOrText is a number or a string, as the vendor wrote it.
type numberOrText string

// UnmarshalJSON accepts a number or a string.
func (n *numberOrText) UnmarshalJSON(b []byte) error {
	if b[0] == kindString {
		return strictjson.Decode(b, (*string)(n))
	}
	return (*integer)(n).UnmarshalJSON(b)
}

func readSxidcheck(body []byte) (providers.Reading, error) {
	var reply struct {
		Code  string  `json:"code"`
		IsFee integer `json:"isFee"`
		SeqNo string  `json:"seqNo"`
		Data  struct {
			Result numberOrText `json:"result"`
		} `json:"data"`
	}
	if err := strictjson.Decode(body, &reply); err != nil {
		return providers.Reading{}, err
	}
	return providers.Reading{
		Codes: []string{reply.Code, string(reply.Data.Result)}, Ref: reply.SeqNo,
		Flag: map[integer]idv.Charge{"1": idv.Charged, "0": idv.NotCharged}[reply.IsFee],
	}, nil
}

// tencentIDCard is the product tencent/idcard with a read that the mutants can change. It
// answers errors with status 200 and another shape. 0 is a match.
func tencentIDCard() product {
	f := tencentFactory()
	return product{descriptor: f.Descriptor, params: form("Name", "IdCard"), check: providers.CheckStatus, read: readTencent}
}

func tencentFactory() providers.Factory {
	list := tencent.Factories()
	return list[slices.IndexFunc(list, func(f providers.Factory) bool { return f.Descriptor.Name == "tencent/idcard" })]
}

func readTencent(body []byte) (providers.Reading, error) {
	var reply struct {
		Response struct {
			Error *struct {
				Code string `json:"Code"`
			} `json:"Error"`
			Result    string `json:"Result"`
			RequestID string `json:"RequestId"`
		} `json:"Response"`
	}
	if err := strictjson.Decode(body, &reply); err != nil {
		return providers.Reading{}, err
	}
	codes := []string{reply.Response.Result}
	if e := reply.Response.Error; e != nil {
		codes = []string{e.Code, reply.Response.Result} // no verdict, even if the code of the error is "0"
	}
	return providers.Reading{Codes: codes, Ref: reply.Response.RequestID}, nil
}
