package sqlstore

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// upgraded opens the golden database of version 1, which a release of then wrote, and
// sees that everything of before is there and that the new tables are.
func upgraded(t *testing.T, s *Store) {
	t.Helper()
	defer closeStore(t, s)
	auditLots(t, s)
	v, err := s.Verification(t.Context(), "bank", "ver_full")
	if diff := cmp.Diff(firstVerification(), v); err != nil || diff != "" {
		t.Errorf("the verification: %v; -written +read:\n%s", err, diff)
	}
	v, replays, err := s.Claim(t.Context(), store.Claim{Key: store.Key{Tenant: "bank", Key: "key-done"}, Print: store.Fingerprint{1, 2, 0xff}})
	if diff := cmp.Diff(firstVerification(), v); err != nil || !replays || diff != "" {
		t.Errorf("the key replays: %v, %v\n%s", replays, err, diff)
	}
	holds, _, err := s.Holds(t.Context(), ledger.Filter{}, ledger.Page{}, ledger.StatePosted)
	if diff := cmp.Diff([]ledger.Hold{firstHold()}, holds); err != nil || diff != "" {
		t.Errorf("the holds: %v; -written +read:\n%s", err, diff)
	}
	lots, err := s.Lots(t.Context(), "alpha")
	if diff := cmp.Diff([]ledger.Balance{firstLot()}, lots); err != nil || diff != "" {
		t.Errorf("the lots: %v; -written +read:\n%s", err, diff)
	}
	c := canaryOf(1)
	c.keep(t, s, 1)
	if e, err := s.Erase(t.Context(), "t", []idv.SubjectToken{c.token, ""}, "e"); err != nil || e.Verifications != 1 {
		t.Errorf("erased %+v, %v; want the new verification alone", e, err)
	}
	filtersOfFirst(t, s)
	settle(s)
	gone, err := s.Prune(t.Context(), store.Retention{Verifications: time.Since(firstVerification().CreatedAt.Add(time.Second))})
	if err != nil || gone != (store.Pruned{Verifications: 2}) {
		t.Errorf("pruned %+v, %v; want the verification of then and the one like it", gone, err)
	}
}

func firstLot() ledger.Balance {
	return ledger.Balance{
		Lot: ledger.Lot{
			ID: "lot-a", Provider: "alpha", Units: 2, Total: goldenMoney(200_000), Bought: goldenTime(0), Expires: goldenFuture(), Note: "order 1",
			Booked: goldenTime(0),
		},
		Left: 100_000, Available: 1, Posted: 1,
	}
}

func firstHold() ledger.Hold {
	return goldenOutcome(ledger.Hold{
		Intent: idv.Intent{
			Attempt: "ver_full-2", Verification: "ver_full", Provider: "alpha", Check: idv.CheckIDNameMobileBankCard, Tenant: "bank", App: "wallet",
			Purpose: "account opening", At: goldenTime(1), Deadline: goldenTime(5000), Price: goldenMoney(100_000),
		},
		Lot: "lot-a", State: ledger.StatePosted, Changed: goldenTime(100), Why: "mismatch",
	}, idv.Attempt{
		Verdict: idv.Mismatch, Origin: idv.OriginSource, Delivery: idv.Answered, Charge: idv.Charged, VendorCode: "02", VendorRef: "ref-1", Duration: 987654321,
	})
}

// filtersOfFirst expects Recover to fill the columns that version 1 did not have, and a
// row of today to have them at once.
func filtersOfFirst(t *testing.T, s *Store) {
	t.Helper()
	if got, want := filterColumns(t, s, "ver_full"), "NULL|NULL|NULL"; got != want {
		t.Errorf("before Recover the columns are %s, want %s", got, want)
	}
	if _, err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := filterColumns(t, s, "ver_full"), "alpha|wallet|account opening"; got != want {
		t.Errorf("after Recover the columns are %s, want %s", got, want)
	}
	now := firstVerification()
	now.ID = "ver_now"
	if err := s.Complete(t.Context(), store.Key{}, now); err != nil {
		t.Fatal(err)
	}
	if got, want := filterColumns(t, s, "ver_now"), "alpha|wallet|account opening"; got != want {
		t.Errorf("a new row has %s, want %s", got, want)
	}
}

func filterColumns(t *testing.T, s *Store, id string) (columns string) {
	t.Helper()
	const text = `SELECT coalesce(provider, 'NULL') || '|' || coalesce(app, 'NULL') || '|' || coalesce(purpose, 'NULL') FROM verifications WHERE id = $1`
	if err := s.backend.read(t.Context(), statement{text, []any{id}, func(r row) error { return r.Scan(&columns) }}); err != nil {
		t.Fatal(err)
	}
	return columns
}

// TestFilterProvider says by which provider a verification is found.
func TestFilterProvider(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		v    idv.Verification
		want string
	}{
		{"no provider was called", idv.Verification{}, ""},
		{"the last one called, without an answer", idv.Verification{Attempts: []idv.Attempt{{Provider: "a"}, {Provider: "b"}}}, "b"},
		{"the one that answered", idv.Verification{Evidence: []idv.Evidence{{Provider: "a"}}, Attempts: []idv.Attempt{{Provider: "a"}, {Provider: "b"}}}, "a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := store.FilterProvider(&test.v); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestUnreadableRowDoesNotStopTheOthers fills more rows than fit one transaction, of
// which one holds no JSON.
func TestUnreadableRowDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	err := s.writer.submit(t.Context(), &operation{need: func(*needs) {}, do: func(u *unit) error {
		const text = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
			INSERT INTO verifications (tenant, id, created_at, check_name, verdict, reason, details)
			SELECT 't', 'v' || i, i, '', '', '', CASE WHEN i = 7 THEN 'no JSON' ELSE '{"App":"app","Attempts":[{"Provider":"p"}]}' END FROM n`
		u.writes = append(u.writes, statement{sql: text, args: []any{int64(recoverySize + 3)}})
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"v1": "p|app|", "v7": "||", "v503": "p|app|"} {
		if got := filterColumns(t, s, id); got != want {
			t.Errorf("%s has %s, want %s", id, got, want)
		}
	}
}

func TestUpgradeSQLite(t *testing.T) {
	t.Parallel()
	upgraded(t, openFile(t, goldenFile(t, "0001")))
}

func upgradePostgres(t *testing.T, dsn string) {
	t.Helper()
	loadGolden(t, dsn, "0001")
	upgraded(t, openNode(t, dsn))
}
