package sqlstore

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// goldenFile copies the SQLite database of a golden folder and returns its path.
func goldenFile(t testing.TB, folder string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(golden(t, folder, "sqlite.gz")))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	path := newPath(t)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// loadGolden loads the PostgreSQL dump of a golden folder into an empty schema.
func loadGolden(t testing.TB, dsn, folder string) {
	t.Helper()
	source, schema, _ := strings.Cut(dsn, " pool_max_conns=8 ")
	conn, err := pgx.Connect(t.Context(), source+" "+schema)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.PgConn().Exec(t.Context(), golden(t, folder, "postgres.sql")).ReadAll(); err != nil {
		t.Fatal(err)
	}
}

// openGuest opens a file without taking up what its process left undone, which would
// change the rows that are looked at.
func openGuest(t testing.TB, path string) *Store {
	t.Helper()
	s, err := OpenSQLite(t.Context(), path, Options{Attached: true, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// goldenKinds are the kinds of verifications in the databases of each version, by id, but
// for those written by their requests.
func goldenKinds(folder string) map[string]string {
	if folder == "0003" {
		return map[string]string{}
	}
	return map[string]string{"ver_brief": "uncalled", "ver_recovered": "recovered"}
}

// TestGoldenDatabaseSQLite opens the database of each release.
func TestGoldenDatabaseSQLite(t *testing.T) {
	t.Parallel()
	for _, folder := range goldenFolders() {
		t.Run(folder, func(t *testing.T) { t.Parallel(); goldenSQLite(t, folder) })
	}
}

// renamedColumns have the names that migration 00021 gives.
var renamedColumns = map[string]string{"verifications.data": "verifications.details", "entries.why": "entries.reason"}

func goldenSQLite(t *testing.T, folder string) {
	t.Helper()
	path := goldenFile(t, folder)
	before := columnsOf(t, path)
	s := openGuest(t, path)
	defer closeStore(t, s)
	goldenRowsAreThere(t, s, folder)
	after := columnsOf(t, path)
	for column, values := range before {
		if _, gone := after[column]; folder < "0015" && (!gone || strings.HasPrefix(column, "entries.") || column == "lots.units" || column == "lots.total_micros") {
			continue // moved to lot_rows and sorted by row; goldenBookIsThere compares what they say
		}
		now := column
		if name := renamedColumns[column]; name != "" && folder < "0021" {
			now = name
		}
		if diff := cmp.Diff(values, after[now]); diff != "" {
			t.Errorf("the upgrade changed %s: %s", column, diff)
		}
	}
}

// columnsOf reads the values of every column of a SQLite file, each with its row's first
// columns, but for those of the tables that count versions and probe the disk.
func columnsOf(t *testing.T, path string) map[string][]string {
	t.Helper()
	db, err := openDB(path, "_pragma=query_only(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	all := map[string][]string{}
	for _, table := range []string{"lots", "holds", "entries", "verifications", "claims", "consents", "counters", "data_keys", "erasures", "erased"} {
		readColumns(t, db, table, all)
		if len(all) == 0 {
			t.Errorf("%s has no rows", table)
		}
	}
	return all
}

func readColumns(t *testing.T, db *sql.DB, table string, into map[string][]string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY 1, 2, 3")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		for i, name := range names {
			into[table+"."+name] = append(into[table+"."+name], fmt.Sprintf("%T %q", *values[i].(*any), fmt.Sprint(*values[i].(*any))))
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// goldenPostgres opens the dump of the release of a folder.
func goldenPostgres(t *testing.T, dsn, folder string) {
	t.Helper()
	loadGolden(t, dsn, folder)
	s := openNode(t, dsn)
	defer closeStore(t, s)
	goldenRowsAreThere(t, s, folder)
}

// goldenRowsAreThere reads everything in the golden database of a folder and compares it
// with the values that were written.
func goldenRowsAreThere(t *testing.T, s *Store, folder string) {
	t.Helper()
	auditLots(t, s)
	goldenBookIsThere(t, s, folder)
	all := goldenVerifications()
	if len(goldenKinds(folder)) > 0 {
		all = append(all, briefVerification(), recoveredVerification())
	}
	for _, want := range all {
		want = verificationAsOf(folder, want)
		got, err := s.Verification(t.Context(), want.Tenant, want.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("verification %s: %v; -written +read:\n%s", want.ID, err, diff)
		}
	}
	goldenConsentsAreThere(t, s, folder)
	goldenPeopleAreThere(t, s)
	goldenKeysAreThere(t, s, folder)
	goldenAPIKeysAreThere(t, s, folder)
	goldenWindowsAreThere(t, s, folder)
	goldenGatesAreThere(t, s, folder)
	goldenOperationsAreThere(t, s, folder)
	goldenMessagesAreThere(t, s, folder)
	goldenFindingsAreThere(t, s, folder)
	filtersAreFilled(t, s, len(all))
	kindsAreThere(t, s, goldenKinds(folder))
}

func goldenBookIsThere(t *testing.T, s *Store, folder string) {
	t.Helper()
	lots, err := s.Lots(t.Context(), "")
	if diff := cmp.Diff(byID(goldenLots(folder), func(l ledger.Balance) string { return l.ID }), byID(lots, func(l ledger.Balance) string { return l.ID })); err != nil || diff != "" {
		t.Errorf("the lots: %v; -written +read:\n%s", err, diff)
	}
	holds, _, err := s.Holds(t.Context(), ledger.Filter{}, ledger.Page{Limit: 1000})
	if diff := cmp.Diff(goldenHoldsOf(folder), holds); err != nil || diff != "" {
		t.Errorf("the holds: %v; -written +read:\n%s", err, diff)
	}
	entries, _, err := s.Entries(t.Context(), ledger.Filter{}, ledger.Page{Limit: 1000})
	line := func(e ledger.Entry) string { return fmt.Sprintf("%s %d %03d", e.Lot, e.Row, e.Seq) }
	if diff := cmp.Diff(byID(goldenEntries(folder), line), byID(entries, line)); err != nil || diff != "" {
		t.Errorf("the entries: %v; -written +read:\n%s", err, diff)
	}
	uses, err := s.Usage(t.Context(), ledger.Filter{})
	calls := int64(0)
	for _, u := range uses {
		calls += u.Calls
		if u.Month != "2026-11" {
			t.Errorf("usage in %s", u.Month)
		}
	}
	if err != nil || calls != int64(len(goldenHolds())) {
		t.Errorf("usage counts %d calls, %v", calls, err)
	}
}

func byID[T any](list []T, id func(T) string) []T {
	return slices.SortedFunc(slices.Values(list), func(a, b T) int { return strings.Compare(id(a), id(b)) })
}

func goldenConsentsAreThere(t *testing.T, s *Store, folder string) {
	t.Helper()
	written := goldenConsents()
	for i := range written {
		written[i] = asOf(folder, written[i])
	}
	id := func(r consent.Record) string { return r.ID }
	all, _, err := s.AllConsents(t.Context(), "bank", ledger.Page{Limit: 1000})
	if diff := cmp.Diff(byID(written, id), byID(all, id)); err != nil || diff != "" {
		t.Errorf("the consents: %v; -written +read:\n%s", err, diff)
	}
	for _, want := range written {
		got, err := s.Consent(t.Context(), want.Tenant, want.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("consent %s: %v; -written +read:\n%s", want.ID, err, diff)
		}
	}
}

// goldenPeopleAreThere finds what is kept of people by the columns beside the forms.
func goldenPeopleAreThere(t *testing.T, s *Store) {
	t.Helper()
	for _, test := range []struct {
		tenant                  idv.Tenant
		token                   idv.SubjectToken
		verifications, consents int
	}{
		{"bank", "k1:goldenpersonone", 1, 1}, {"shop", "k1:goldenpersontwo", 1, 0}, {"bank", "k1:goldengiven", 0, 1},
		{"bank", "k1:goldenguardian", 0, 2}, {"shop", "k1:goldenpersonone", 0, 0},
	} {
		tokens := []idv.SubjectToken{test.token}
		v, _, err := s.Verifications(t.Context(), test.tenant, tokens, ledger.Page{})
		if err != nil || len(v) != test.verifications {
			t.Errorf("%s of %s: %d verifications, %v; want %d", test.token, test.tenant, len(v), err, test.verifications)
		}
		c, _, err := s.Consents(t.Context(), test.tenant, tokens, ledger.Page{})
		if err != nil || len(c) != test.consents {
			t.Errorf("%s of %s: %d consents, %v; want %d", test.token, test.tenant, len(c), err, test.consents)
		}
	}
	gone := goldenErased()
	erasures, err := s.Erasures(t.Context(), gone.tenant, []idv.SubjectToken{gone.token})
	if diff := cmp.Diff(goldenErasures(), erasures); err != nil || diff != "" {
		t.Errorf("the erasures: %v\n%s", err, diff)
	}
	lost, err := s.LostKeys(t.Context(), nil)
	if err != nil || !slices.Equal(lost, []string{"k1"}) {
		t.Errorf("keys by which people are known: %v, %v", lost, err)
	}
}

func goldenKeysAreThere(t *testing.T, s *Store, folder string) {
	t.Helper()
	for _, want := range goldenKeys() {
		got, err := s.DataKey(t.Context(), want.tenant, want.token, nil)
		if err != nil || !bytes.Equal(got, want.wrapped) {
			t.Errorf("the data key of %s: %q, %v", want.token, got, err)
		}
	}
	for _, c := range goldenClaims() {
		v, replays, err := s.Claim(t.Context(), c.Claim)
		switch {
		case c.Done:
			if diff := cmp.Diff(verificationAsOf(folder, fullVerification()), v); err != nil || !replays || diff != "" {
				t.Errorf("key %s: %v, %v\n%s", c.Key.Key, replays, err, diff)
			}
		case err != store.ErrInProgress: //nolint:errorlint // it is returned as it is
			t.Errorf("key %s: %v, want ErrInProgress", c.Key.Key, err)
		}
		c.Print[31]++
		if _, _, err := s.Claim(t.Context(), c.Claim); err != store.ErrKeyReused { //nolint:errorlint // it is returned as it is
			t.Errorf("key %s with another fingerprint: %v, want ErrKeyReused", c.Key.Key, err)
		}
	}
	counted, err := s.Count(t.Context(), "bank", []policy.Hit{{Counter: policy.BlindIndex{2}, Member: policy.BlindIndex{3, 0xff}, Most: 1}, {Counter: policy.BlindIndex{1, 0xfe}, Most: 2}})
	if err != nil || counted.Over != 1 || !slices.Equal(counted.Totals, []int{1, 2}) {
		t.Errorf("counted %+v, %v; want one member and two hits", counted, err)
	}
}

// filtersAreFilled expects the columns of every verification after Recover to be what
// its data say, in a database whose version did not have them.
func filtersAreFilled(t *testing.T, s *Store, rows int) {
	t.Helper()
	if err := s.fillFilters(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	err := s.backend.read(t.Context(), statement{sql: `SELECT id, provider, app, purpose, verdict, reason FROM verifications`, each: func(r row) error {
		var id, provider, app, purpose, verdict, reason string
		err := r.Scan(&id, &provider, &app, &purpose, &verdict, &reason)
		got[id] = strings.Join([]string{provider, app, purpose, verdict, reason}, "|")
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != rows {
		t.Errorf("%d rows, want %d", len(got), rows)
	}
	for id, want := range map[string]string{
		"ver_full": "alpha|wallet|account opening|mismatch|timeout", "ver_empty": "|||undetermined|", "ver_verdict_1": "|||match|",
		"ver_failure_9": "|||undetermined|timeout",
	} {
		if got[id] != want {
			t.Errorf("%s is filtered by %q, want %q", id, got[id], want)
		}
	}
}

func kindsAreThere(t *testing.T, s *Store, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	err := s.backend.read(t.Context(), statement{sql: `SELECT id, kind FROM verifications WHERE kind <> ''`, each: func(r row) error {
		var id, kind string
		err := r.Scan(&id, &kind)
		got[id] = kind
		return err
	}})
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("the kinds: %v; -written +read:\n%s", err, diff)
	}
}

// TestGoldenFolders sees that no folder of golden files is left out of the tests.
func TestGoldenFolders(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob("testdata/golden/*/sqlite.gz")
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{"0001": true, "0003": true, "0005": true, "0006": true, "0007": true, "0013": true, "0015": true, "0018": true} // TestUpgrade… and TestGoldenDatabase…
	for _, path := range found {
		delete(tested, filepath.Base(filepath.Dir(path)))
	}
	if len(tested) > 0 || len(found) != 8 {
		t.Errorf("the folders are %v, and none is there for %v", found, slices.Collect(maps.Keys(tested)))
	}
}
