package tencent

import (
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/plugintest"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

func factory(t testing.TB, name string) providers.Factory {
	t.Helper()
	for _, f := range Factories() {
		if f.Descriptor.Name == name {
			return f
		}
	}
	t.Fatalf("no product %s", name)
	return providers.Factory{}
}

func made(t testing.TB, name string) providers.Codec {
	t.Helper()
	c, err := factory(t, name).New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func recorded(t testing.TB, f providers.Factory) []providertest.Recording {
	t.Helper()
	list, err := providertest.RecordingsOf(f)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestContract(t *testing.T) {
	t.Parallel()
	for _, f := range Factories() {
		t.Run(f.Descriptor.Name, func(t *testing.T) {
			t.Parallel()
			providertest.RunFactory(t, f, nil)
		})
	}
}

func TestContractOverTheWire(t *testing.T) {
	t.Parallel()
	f := factory(t, "tencent/phone")
	providertest.RunRecordings(t, plugintest.Codec(t, f, nil), recorded(t, f), f.NotEchoed)
}

// One number is a verdict of one action and a failure of the next. Read by another action's
// table, a fault of the register would be a mismatch.
func TestSameNumberPerAction(t *testing.T) {
	t.Parallel()
	type meaning struct {
		verdict idv.Verdict
		failure idv.Failure
		field   idv.Field
		charge  idv.Charge
	}
	var (
		mismatch = meaning{verdict: idv.Mismatch, charge: idv.Charged}
		invalid  = func(f idv.Field) meaning { return meaning{0, idv.InvalidInput, f, idv.NotCharged} }
		failed   = func(f idv.Failure) meaning { return meaning{failure: f, charge: idv.NotCharged} }
		unlisted = meaning{}
	)
	tests := map[string]map[string]meaning{
		"-1":  {"idcard": mismatch, "phone": unlisted, "bankcard2": mismatch, "bankcard3": mismatch, "bankcard4": mismatch},
		"-3":  {"idcard": invalid(idv.FieldName), "phone": unlisted, "bankcard2": invalid(idv.FieldBankCard), "bankcard3": invalid(idv.FieldIDNumber), "bankcard4": invalid(idv.FieldIDNumber)},
		"-4":  {"idcard": failed(idv.Unavailable), "phone": mismatch, "bankcard2": mismatch, "bankcard3": invalid(idv.FieldBankCard), "bankcard4": invalid(idv.FieldBankCard)},
		"-5":  {"idcard": {verdict: idv.NoRecord, charge: idv.NotCharged}, "phone": unlisted, "bankcard2": mismatch, "bankcard3": mismatch, "bankcard4": invalid(idv.FieldMobile)},
		"-7":  {"idcard": failed(idv.SubjectLimited), "phone": invalid(idv.FieldIDNumber), "bankcard2": mismatch, "bankcard3": mismatch, "bankcard4": mismatch},
		"-9":  {"idcard": unlisted, "phone": {verdict: idv.NoRecord, charge: idv.NotCharged}, "bankcard2": mismatch, "bankcard3": mismatch, "bankcard4": mismatch},
		"-17": {"idcard": unlisted, "phone": unlisted, "bankcard2": failed(idv.SubjectLimited), "bankcard3": failed(idv.Unavailable), "bankcard4": mismatch},
	}
	for code, products := range tests {
		for product, want := range products {
			t.Run(product+code, func(t *testing.T) {
				body := `{"Response":{"Result":"` + code + `","Description":"text","RequestId":"r-1"}}`
				answer, err := made(t, "tencent/"+product).Decode(idv.Query{}, providers.Reply{Status: 200, Body: []byte(body)})
				got := meaning{verdict: answer.Verdict, charge: answer.Charge}
				if err != nil {
					e := idv.AsError(err)
					got = meaning{failure: e.Failure, field: e.Field, charge: e.Charge}
				}
				if got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			})
		}
	}
}
