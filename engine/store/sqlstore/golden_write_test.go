package sqlstore

import (
	"bytes"
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
	"github.com/heyan-id/heyan/policy"
)

// TestWriteGolden writes the golden files of this version to the folder that
// HEYAN_WRITE_GOLDEN names, or to a temporary one. Run it when a stored type gains a
// member, with a new folder below testdata/golden. Never overwrite an existing folder,
// since it holds what released versions wrote.
func TestWriteGolden(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("HEYAN_WRITE_GOLDEN")
	if dir == "" {
		dir = filepath.Join(t.TempDir(), "golden")
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	keep := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	v, c := fullVerification(), fullConsent()
	text, err := encode(&v)
	if err != nil {
		t.Fatal(err)
	}
	keep("verification.json", []byte(text+"\n"))
	b := briefVerification()
	if text, err = encode(&b); err != nil {
		t.Fatal(err)
	}
	keep("brief.json", []byte(text+"\n"))
	if text, err = encodeConsent(&c); err != nil {
		t.Fatal(err)
	}
	keep("consent.json", []byte(text+"\n"))
	path := newPath(t)
	writeGoldenRows(t, openFile(t, path))
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	keep("sqlite.gz", packed.Bytes())
	keep("postgres.sql", dumpGolden(t))
}

// writeGoldenRows writes every golden row and closes the store.
func writeGoldenRows(t *testing.T, s *Store) {
	t.Helper()
	tx, err := s.backend.begin(t.Context(), calls)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.run(t.Context(), goldenStatements(t)); err != nil {
		t.Fatal(err)
	}
	if err := tx.commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
}

func goldenStatements(t *testing.T) (list []statement) {
	t.Helper()
	for _, l := range goldenLots(newestGolden) {
		list = append(list, insertWhole(&l, linesOf(l.ID))...)
	}
	for _, h := range goldenHoldsOf(newestGolden) {
		list = append(list, insertHold(&h))
	}
	for _, e := range goldenEntries(newestGolden) {
		list = append(list, insertEntry(&e))
	}
	for _, v := range goldenVerifications() {
		data, err := encode(&v)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, insertVerification(&v, data, kindRequest))
	}
	brief, recovered := briefVerification(), recoveredVerification()
	short, err := encode(&brief)
	if err != nil {
		t.Fatal(err)
	}
	data, err := encode(&recovered)
	if err != nil {
		t.Fatal(err)
	}
	list = append(list, insertVerification(&brief, short, "uncalled"), insertVerification(&recovered, data, "recovered"))
	u := newUnit()
	for _, c := range goldenConsents() {
		u.consents[store.Key{Tenant: c.Tenant, Key: c.ID}] = &agreement{Record: c, touched: true}
	}
	consents, err := u.saveConsents()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range goldenClaims() {
		u.claim(c.Claim)
		if c.Done {
			u.end(c.Key)
		}
	}
	u.writes = append(u.writes, u.saveClaims()...)
	for _, k := range goldenKeys() {
		u.keepDataKey(k.person, k.wrapped)
	}
	for _, e := range goldenErasures() {
		p := goldenErased()
		u.writes = append(u.writes, upsertErasure(&e), statement{sql: insertErased, args: []any{p.tenant, p.mark(), e.ID}})
	}
	for _, k := range goldenAPIKeys() {
		if err := u.addAPIKey(k); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range goldenWindows() {
		if err := u.addWindow(w); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range goldenGates() {
		u.writes = append(u.writes, setGate(&f))
	}
	for _, m := range goldenMessages() {
		insert, err := insertMessage(&m)
		if err != nil {
			t.Fatal(err)
		}
		u.writes = append(u.writes, insert)
	}
	for _, f := range goldenFindings() {
		u.writes = append(u.writes, addFinding(&f))
	}
	u.count("bank", goldenHits())
	u.count("bank", []policy.Hit{goldenHits()[0]})
	return slices.Concat(list, consents, u.saveCounters(), u.writes, goldenOperations())
}

// dumpGolden writes the rows into PostgreSQL and returns them as pg_dump does, without
// the name of their schema and what is for psql alone.
func dumpGolden(t *testing.T) []byte {
	t.Helper()
	dsn := sqlstoretest.StartPostgres(t).DSN(t)
	writeGoldenRows(t, openNode(t, dsn))
	source, _, _ := strings.Cut(dsn, " pool_max_conns")
	_, schema, _ := strings.Cut(dsn, "search_path=")
	out, err := exec.CommandContext(t.Context(), "pg_dump", "--inserts", "--no-owner", "--no-privileges", "--schema", schema, "--dbname", source).Output()
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, line := range strings.Split(string(out), "\n") {
		if line != "" && !regexp.MustCompile(`^(--|\\|SET |SELECT pg_catalog.set_config|CREATE SCHEMA)`).MatchString(line) {
			kept = append(kept, regexp.MustCompile(`\b`+schema+`\.`).ReplaceAllString(line, ""))
		}
	}
	return []byte(strings.Join(kept, "\n") + "\n")
}
