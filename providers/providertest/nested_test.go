package providertest

import (
	"strconv"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// nested is a correct codec of a fictitious vendor whose result is inside an envelope with
// a code of its own and a charge flag. It has no gateway.
type nested struct{ toy }

func (nested) Describe() idv.Descriptor {
	d := toy{}.Describe()
	d.Replies, d.Codes = idv.Replies{}, nestedCodes()
	return d
}

func nestedCodes() providers.Table {
	row := idv.CodeRow{Layer: providers.LayerVendor, Delivery: idv.Answered, Text: "text", Source: "source"}
	match, mismatch, closed := row, row, row
	match.Code, match.Verdict, match.ByFlag = "0/1", idv.Match, true
	mismatch.Code, mismatch.Verdict, mismatch.ByFlag = "0/2", idv.Mismatch, true
	closed.Code, closed.Failure = "9", idv.Unavailable
	return providers.Table{match, mismatch, closed}
}

// integer is a number of JSON that is written as an integer. 1.0, 1e0 and -0 are not.
type integer string

// UnmarshalJSON accepts an integer alone.
func (i *integer) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != string(b) {
		return strictjson.ErrRefused
	}
	*i = integer(b)
	return nil
}

type nestedReply struct {
	Code string  `json:"code"`
	Fee  integer `json:"fee"`
	Data struct {
		Result integer `json:"result"`
		ID     string  `json:"id"`
		Name   string  `json:"name"`
	} `json:"data"`
}

func (nested) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := providers.CheckStatus(r, idv.Replies{}); err != nil {
		return idv.Answer{}, err
	}
	var body nestedReply
	if strictjson.Decode(r.Body, &body) != nil {
		return idv.Answer{}, providers.Garbled("no answer")
	}
	flag := map[integer]idv.Charge{"1": idv.Charged, "0": idv.NotCharged}[body.Fee]
	answer, err := nestedCodes().Decode(providers.Reading{Codes: []string{body.Code, string(body.Data.Result)}, Flag: flag})
	if err == nil && !isAbout(q.Subject, body.Data.ID, body.Data.Name) {
		return idv.Answer{}, providers.Garbled("another person's")
	}
	return answer, err
}

func nestedHarness(t *testing.T, c providers.Codec) Harness {
	t.Helper()
	verdict := func(result, fee string) string {
		return `{"code":"0","msg":"说","fee":` + fee + `,"data":{"result":` + result + `,"id":"11*****005X","name":"测*"}}`
	}
	return Harness{Codec: c, Query: toyQuery(), Fixtures: bodies(map[string]string{
		"0/1": verdict("1", "1"), "0/2": verdict("2", "1"), "0/2@free": verdict("2", "0"), "9": `{"code":"9","msg":"坏","data":{}}`,
	})}
}
