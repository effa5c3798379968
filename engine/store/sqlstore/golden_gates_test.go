package sqlstore

import (
	"reflect"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// goldenGates are a closed gate of an account and an open one of a provider.
func goldenGates() []store.GateFact {
	return []store.GateFact{
		{Account: true, Name: "主账号", Reason: idv.SkipQuotaExhausted, Node: "node-1", Version: 1},
		{Name: "p1", Reason: idv.SkipMaintenance, Until: goldenTime(1), Node: "node-2", Version: 1},
		{Name: "p2", Node: "node-2", Version: 1},
	}
}

// goldenGatesAreThere reads the gates of a golden database; before 0013 there were none.
func goldenGatesAreThere(t *testing.T, s *Store, folder string) {
	t.Helper()
	var want []store.GateFact
	if folder >= "0013" {
		want = goldenGates()
	}
	if got, err := s.GateFacts(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the gates: got %+v, %v, want %+v", got, err, want)
	}
}
