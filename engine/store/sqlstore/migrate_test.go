package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// TestOnlyToldIsMigrated: a file of an earlier version is refused, attached or not, and is
// left as it is; with Migrate it is copied first, and both are logged.
func TestOnlyToldIsMigrated(t *testing.T) {
	t.Parallel()
	path := goldenFile(t, "0003")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{}, {Attached: true}} {
		_, err := OpenSQLite(t.Context(), path, o)
		if !errors.Is(err, ErrOlder) || !strings.Contains(err.Error(), "version 3, this program needs "+newest(t)+"; stop the daemon of the earlier version, then start heyan serve or run heyan migrate") {
			t.Errorf("%+v: got %v", o, err)
		}
	}
	found, err := Migrations(t.Context(), "sqlite", path)
	if err != nil || found.From != 3 || fmt.Sprint(found.To) != newest(t) || !slices.Equal(found.Pending, ownMigrations(t)[3:]) {
		t.Errorf("Migrations: %+v, %v", found, err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed, %v", err)
	}
	var log bytes.Buffer
	s, err := OpenSQLite(t.Context(), path, Options{Attached: true, Migrate: true, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	goldenRowsAreThere(t, s, "0003")
	closeStore(t, s)
	copies, err := filepath.Glob(path + ".v3-*")
	if err != nil || len(copies) != 1 {
		t.Fatalf("copies %v, %v", copies, err)
	}
	if info, err := os.Stat(copies[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has the mode %v, %v", info.Mode(), err)
	}
	if found, err := Migrations(t.Context(), "sqlite", copies[0]); err != nil || found.From != 3 {
		t.Errorf("the copy: %+v, %v", found, err)
	}
	for _, want := range []string{`msg="database is being migrated" from=3 to=` + newest(t), `msg="database migrated" from=3 to=` + newest(t), "copy=" + copies[0]} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %s in %s", want, &log)
		}
	}
	back := openGuest(t, copies[0]) // the way back
	goldenRowsAreThere(t, back, "0003")
	closeStore(t, back)
}

// TestNoCopyNoMigration: if the copy cannot be made, the file stays as it is.
func TestNoCopyNoMigration(t *testing.T) {
	t.Parallel()
	path := goldenFile(t, "0003")
	l := &lite{path: filepath.Join(filepath.Dir(path), "none", "heyan.db")}
	db, err := openDB(path, pragmas)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	m := migrator{
		schema: ownSchema(), db: db, folder: "sqlite", allowed: true, log: slog.New(slog.DiscardHandler), tables: "SELECT name FROM sqlite_schema WHERE type = 'table'",
		before: func(ctx context.Context, from int64) error {
			return l.backup(ctx, db, from, slog.New(slog.DiscardHandler))
		},
	}
	if err := m.run(t.Context()); err == nil || !strings.Contains(err.Error(), "the database was not migrated: the copy beside it cannot be made") {
		t.Errorf("got %v", err)
	}
	if found, err := m.look(t.Context()); err != nil || found.From != 3 {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestMigrationsCreatesNothing: a database that is not there stays so.
func TestMigrationsCreatesNothing(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	found, err := Migrations(t.Context(), "sqlite", path)
	if err != nil || found.From != 0 || fmt.Sprint(found.To) != newest(t) || !slices.Equal(found.Pending, ownMigrations(t)) {
		t.Errorf("%+v, %v", found, err)
	}
	if list, err := os.ReadDir(filepath.Dir(path)); err != nil || len(list) != 0 {
		t.Errorf("the folder holds %v, %v", list, err)
	}
}

// ownMigrations lists the migrations of this version.
func ownMigrations(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(ownSchema().files, "postgres/*.sql")
	if err != nil || len(names) < 5 {
		t.Fatal(names, err)
	}
	for i := range names {
		names[i] = path.Base(names[i])
	}
	return names
}

// newest is the version of the tables.
func newest(t *testing.T) string {
	t.Helper()
	list := ownMigrations(t)
	number, _, _ := strings.Cut(list[len(list)-1], "_")
	return strings.TrimLeft(number, "0")
}

// later is the schema of a later release, which adds a column.
func later(t *testing.T, oldest int64) *schema {
	t.Helper()
	files := fstest.MapFS{"postgres/09999_later.sql": &fstest.MapFile{
		Data: []byte("-- +goose Up\nALTER TABLE holds ADD COLUMN later TEXT NOT NULL DEFAULT '';\n"),
	}}
	own := ownSchema().files
	names, err := fs.Glob(own, "postgres/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(own, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	return &schema{files: files, oldest: oldest}
}

// raceOn makes workers of two nodes take the units of a new lot.
func raceOn(t *testing.T, id string, nodes ...*Store) {
	t.Helper()
	if err := nodes[0].AddLot(t.Context(), lotOf(id, 100)); err != nil {
		t.Error(err)
		return
	}
	if err := storemodel.Race(t.Context(), fleet(nodes), id, 100, 32, id+"-"); err != nil {
		t.Errorf("%s: %v", id, err)
	}
}

// TestTwoReleasesServeOneDatabase: the database of a fleet is migrated by heyan migrate
// alone, while nodes of the earlier release work; both releases then work on it, and a
// node of the earlier one can be restarted, unless the later one says that it cannot.
func TestTwoReleasesServeOneDatabase(t *testing.T) {
	t.Parallel()
	s := sqlstoretest.StartPostgres(t)
	dsn := s.DSN(t)
	before := openNode(t, dsn)
	raceOn(t, "before", before, before)
	if _, err := OpenPostgres(t.Context(), dsn, Options{schema: later(t, 6)}); !errors.Is(err, ErrOlder) {
		t.Errorf("a node of the later release: %v, want ErrOlder", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		raceOn(t, "during-1", before, before)
		raceOn(t, "during-2", before, before)
	}()
	migrated, err := OpenPostgres(t.Context(), dsn, Options{schema: later(t, 6), Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	closeStore(t, migrated)
	<-done
	after, err := OpenPostgres(t.Context(), dsn, Options{schema: later(t, 6)})
	if err != nil {
		t.Fatal(err)
	}
	raceOn(t, "both", before, after)
	closeStore(t, before)
	again, err := OpenPostgres(t.Context(), dsn, Options{})
	if err != nil {
		t.Fatalf("the earlier release restarted: %v", err)
	}
	raceOn(t, "again", again, after)
	auditLots(t, again)
	auditLots(t, after)
	closeStore(t, again)
	closeStore(t, after)

	other := s.DSN(t)
	strict, err := OpenPostgres(t.Context(), other, Options{schema: later(t, 9999)})
	if err != nil {
		t.Fatal(err)
	}
	closeStore(t, strict)
	if _, err := OpenPostgres(t.Context(), other, Options{}); !errors.Is(err, ErrNewer) {
		t.Errorf("tables that the earlier release cannot use: %v, want ErrNewer", err)
	}
}

// TestOlderFleetIsRefused: nodes of this release change no table of an earlier one.
func TestOlderFleetIsRefused(t *testing.T) {
	t.Parallel()
	dsn := sqlstoretest.StartPostgres(t).DSN(t)
	loadGolden(t, dsn, "0003")
	if _, err := OpenPostgres(t.Context(), dsn, Options{}); !errors.Is(err, ErrOlder) || !strings.Contains(err.Error(), "stop the nodes of the earlier version, since they cannot use the new tables; then make a backup, run heyan migrate --config FILE") {
		t.Errorf("got %v", err)
	}
	if found, err := Migrations(t.Context(), "postgres", dsn); err != nil || found.From != 3 || !slices.Equal(found.Pending, ownMigrations(t)[3:]) {
		t.Errorf("%+v, %v", found, err)
	}
	s := openNode(t, dsn)
	goldenRowsAreThere(t, s, "0003")
	closeStore(t, s)
	if found, err := Migrations(t.Context(), "postgres", dsn); err != nil || fmt.Sprint(found.From) != newest(t) || len(found.Pending) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}
