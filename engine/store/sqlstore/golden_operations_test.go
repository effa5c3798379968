package sqlstore

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
)

// goldenSealer makes hashes that do not depend on a key.
type goldenSealer struct{}

func (goldenSealer) SealAudit(parts ...string) string { return "k1:" + parts[0] + parts[2] }

func (g goldenSealer) MatchesAudit(seal string, parts ...string) bool {
	return seal == g.SealAudit(parts...)
}

func goldenActs() []audit.Act {
	return []audit.Act{
		{Tenant: "bank", Principal: "key:aaaaaaaaaaaa", Kind: audit.ProviderClose, Target: "p1", Reason: "公告停机"},
		{Principal: "cli:0", Kind: audit.BackupMake, Target: "heyan.tar"},
	}
}

func goldenOrders() []store.Order {
	return []store.Order{
		{Provider: "p1", Kind: store.OrderClose, Reason: "公告停机", Principal: "key:aaaaaaaaaaaa", At: goldenTime(1), Until: goldenTime(2)},
		{Provider: "p2", Kind: store.OrderDrain, Principal: "cli:0", At: goldenTime(3)},
		{Provider: "p3", Kind: store.OrderResume, Principal: "cli:0", At: goldenTime(4)},
	}
}

func goldenGap() store.Gap { return store.NewGap(goldenTime(1), goldenTime(2)) }

// goldenOperations are the rows of operators.
func goldenOperations() []statement {
	u := newUnit()
	for i, a := range goldenActs() {
		u.now = goldenTime(i + 1)
		u.record(&audit.Pending{Act: a, Sealer: goldenSealer{}})
	}
	for _, o := range goldenOrders() {
		u.writes = append(u.writes, setOrder(&o))
	}
	return append(u.writes, statement{sql: replaceGap, args: []any{micros(goldenGap().From), micros(goldenGap().To)}})
}

// goldenOperationsAreThere reads what operators did in a golden database; before 0009 there was
// nothing.
func goldenOperationsAreThere(t *testing.T, s *Store, folder string) {
	t.Helper()
	var acts []audit.Act
	var orders []store.Order
	if folder >= "0009" {
		acts, orders = goldenActs(), goldenOrders()
	}
	list, _, err := s.Acts(t.Context(), "", ledger.Page{})
	var got []audit.Act
	for _, r := range list {
		got = append(got, r.Act)
	}
	if diff := cmp.Diff(acts, got); err != nil || diff != "" {
		t.Errorf("the acts: %v; -written +read:\n%s", err, diff)
	}
	if _, err := store.VerifyAudit(t.Context(), s, goldenSealer{}, audit.Head{}); err != nil {
		t.Errorf("the audit log: %v", err)
	}
	kept, err := s.Orders(t.Context())
	if diff := cmp.Diff(orders, kept, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("the orders: %v; -written +read:\n%s", err, diff)
	}
	gap, open, err := s.OpenGap(t.Context())
	if err != nil || open != (folder >= "0009") || open && gap != goldenGap() {
		t.Errorf("the gap is %v, %v, %v", gap, open, err)
	}
}
