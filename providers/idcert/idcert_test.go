package idcert

import (
	"os"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

// person returns a query about the fictitious person of the fixtures, born in 2099.
func person() idv.Query {
	return idv.Query{ID: "q1", Check: idv.CheckIDName, Document: idv.Resident18, Subject: idv.Subject{
		Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive("11010120990101005X"),
	}}
}

func made(t testing.TB) providers.Codec {
	t.Helper()
	c, err := Factory().New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContract(t *testing.T) {
	t.Parallel()
	list, err := providertest.Load(os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	providertest.Run(t, providertest.Harness{Codec: made(t), Query: person(), Fixtures: list})
}

func TestNotBilledStatusCounts(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/202.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := made(t).Decode(person(), providers.Reply{Status: 450, Body: body})
	if err != nil || got.Verdict != idv.NoRecord || got.VendorRef != "20260101013_9aph_5e91" {
		t.Errorf("got %v with ref %q and %v, want no_record with the vendor's ref", got.Verdict, got.VendorRef, err)
	}
}
