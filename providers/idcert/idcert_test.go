package idcert

import (
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

func recorded(t testing.TB) []providertest.Recording {
	t.Helper()
	list, err := providertest.RecordingsOf(Factory())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// The recordings hold also replies that differ from the guide, as they were seen or may come.
func TestContract(t *testing.T) {
	t.Parallel()
	providertest.RunFactory(t, Factory(), nil)
}
