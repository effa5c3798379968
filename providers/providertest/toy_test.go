package providertest

import (
	"net/http"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// toy is a correct codec of a fictitious vendor. Its gateway sends errors in
// the header X-Toy-Code.
type toy struct{}

const toyHeader = "X-Toy-Code"

func (toy) Describe() idv.Descriptor {
	return idv.Descriptor{
		Name: "toy", Version: "1", Title: "A toy", Source: "none", Recipient: "Toy Ltd",
		Check: idv.CheckIDName, Documents: []idv.Document{idv.Resident18},
		Fidelity: idv.TwoWay, Schemes: []string{"none"},
		Replies:  idv.Replies{Headers: []string{toyHeader}},
		Settings: []idv.Setting{{Name: "key", Help: "the key", Secret: true}},
		Codes:    toyCodes(),
	}
}

func toyCodes() providers.Table {
	row := idv.CodeRow{Layer: providers.LayerVendor, Delivery: idv.Answered, Text: "text", Source: "source"}
	match, mismatch, closed, gate := row, row, row, row
	match.Code, match.Verdict, match.Charge = "01", idv.Match, idv.Charged
	mismatch.Code, mismatch.Verdict, mismatch.Charge = "02", idv.Mismatch, idv.Charged
	closed.Code, closed.Failure = "9999", idv.Maintenance
	gate.Layer, gate.Code, gate.Failure = providers.LayerGateway, "G1", idv.QuotaExhausted
	gate.Delivery, gate.Charge = idv.RefusedByGateway, idv.NotCharged
	return providers.Table{match, mismatch, closed, gate}
}

func (toy) Encode(q idv.Query) (providers.Call, error) {
	if !(toy{}).Describe().Supports(q.Check, q.Document) {
		return providers.Call{}, &idv.Error{Failure: idv.Unsupported}
	}
	if q.Subject.Name.IsZero() || q.Subject.IDNumber.IsZero() {
		return providers.Call{}, &idv.Error{Failure: idv.InvalidInput}
	}
	return providers.Call{Method: "GET", Path: "/toy", Query: []providers.Param{
		{Name: "id", Value: q.Subject.IDNumber}, {Name: "name", Value: q.Subject.Name},
	}}, nil
}

func (toy) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	code := r.Header.Get(toyHeader)
	if code != "" && r.Status == http.StatusOK && len(r.Body) > 0 {
		return idv.Answer{}, providers.Garbled("two answers")
	}
	if code != "" {
		return toyCodes().Decode(providers.Reading{Layer: providers.LayerGateway, Codes: []string{code}})
	}
	var body struct {
		Status string `json:"status"`
		ID     string `json:"id"`
		Name   string `json:"name"`
	}
	if r.Status != http.StatusOK || strictjson.Decode(r.Body, &body) != nil || body.Status == "" {
		return idv.Answer{}, providers.Garbled("no answer")
	}
	answer, err := toyCodes().Decode(providers.Reading{Codes: []string{body.Status}})
	if err == nil && !isAbout(q.Subject, body.ID, body.Name) {
		return idv.Answer{}, providers.Garbled("another person's")
	}
	return answer, err
}

// isAbout reports whether the echoes show something and fit the subject.
func isAbout(s idv.Subject, id, name string) bool {
	return providers.NumberEchoed(s.IDNumber, id) && providers.NameEchoed(s.Name, name)
}

func toyHarness(t *testing.T, c providers.Codec) Harness {
	t.Helper()
	body := func(code string) string {
		return `{"status":"` + code + `","msg":"说","id":"11*****005X","name":"测*"}` + "\n"
	}
	refused := providers.Reply{Status: 403, Header: http.Header{toyHeader: {"G1"}}}
	return Harness{
		Codec: c, Query: toyQuery(),
		Recordings: []Recording{{Name: "drift", Reply: providers.Reply{Status: 299, Body: []byte("drift")}, Want: Outcome{Failure: idv.Garbled}}},
		Fixtures:   append(bodies(map[string]string{"01": body("01"), "02": body("02"), "9999": body("9999")}), Fixture{Layer: providers.LayerGateway, Code: "G1", Reply: refused}),
	}
}

func toyQuery() idv.Query {
	return idv.Query{ID: "q1", Check: idv.CheckIDName, Document: idv.Resident18, Subject: idv.Subject{
		Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive("11010120990101005X"),
	}}
}
