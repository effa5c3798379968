package sqlstore

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// goldenMessages are a message with every member set and one with as few as possible, newest
// first.
func goldenMessages() []store.Message {
	return []store.Message{
		{
			ID: "msg_B", Webhook: "shop", Tenant: "bank", Verification: "ver_brief", Check: idv.CheckIDName, CreatedAt: goldenTime(3),
			At: goldenTime(4), Due: goldenTime(4),
		},
		{
			ID: "msg_A", Webhook: "柜台", Tenant: "bank", App: "wallet", Verification: "ver_full", Check: idv.CheckIDNameMobileBankCard, Verdict: idv.Mismatch,
			Reason: "timeout", ConsentID: "cns_given", CreatedAt: goldenTime(1), At: goldenTime(2), Due: goldenTime(2),
		},
	}
}

// goldenMessagesAreThere reads the messages of a golden database; before 0008 there were none.
func goldenMessagesAreThere(t *testing.T, s *Store, folder string) {
	t.Helper()
	var want []store.Message
	if folder >= "0008" {
		want = goldenMessages()
	}
	got, _, err := s.Messages(t.Context(), store.MessageFilter{}, ledger.Page{})
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("the messages: %v; -written +read:\n%s", err, diff)
	}
}

// TestOldNodesLeaveFilters: the list finds the rows of a version without filter columns by
// everything but these.
func TestOldNodesLeaveFilters(t *testing.T) {
	t.Parallel()
	s := openGuest(t, goldenFile(t, "0003"))
	defer closeStore(t, s)
	all, _, err := s.FindVerifications(t.Context(), store.VerificationFilter{Tenant: "bank"}, ledger.Page{})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d found, %v", len(all), err)
	}
	if err := s.fillFilters(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, _, err := s.FindVerifications(t.Context(), store.VerificationFilter{Tenant: "bank", Apps: []string{"wallet"}}, ledger.Page{})
	if err != nil || len(found) == 0 {
		t.Errorf("%d of the app found after the columns were filled, %v", len(found), err)
	}
}
