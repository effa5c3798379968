package sqlstore

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// folderState returns the names, sizes and times of the files of a folder.
func folderState(t *testing.T, path string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprint(info.Name(), info.Size(), info.Mode(), info.ModTime()))
	}
	return list
}

func aLot() ledger.Lot {
	return ledger.Lot{ID: "order-1", Provider: "main", Units: 10, Total: idv.Money{Micros: 690_000, Currency: idv.CNY}, Bought: time.Now().UTC()}
}

// TestExamineSQLite: the examination finds the state of a file and leaves no trace of itself.
func TestExamineSQLite(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		path func(t *testing.T) string
		good func(Examination) bool
	}{
		{"missing", func(t *testing.T) string { return newPath(t) }, func(x Examination) bool { return x.Missing && x.From == 0 }},
		{"closed", func(t *testing.T) string {
			path := newPath(t)
			s := openFile(t, path)
			if err := s.AddLot(t.Context(), aLot()); err != nil {
				t.Fatal(err)
			}
			closeStore(t, s)
			return path
		}, func(x Examination) bool {
			return x.From == x.To && x.Checked && len(x.Damage) == 0 && !x.Running && len(x.Lots) == 1 && x.Lots[0].Available == 10
		}},
		{"earlier version", func(t *testing.T) string { return goldenFile(t, "0006") }, func(x Examination) bool {
			return x.From == 6 && x.To > 6 && len(x.Pending) > 0 && x.Checked && len(x.Damage) == 0
		}},
		{"damaged", damagedPage, func(x Examination) bool { return x.Checked && len(x.Damage) > 0 }},
		{"no database", func(t *testing.T) string {
			path := newPath(t)
			if err := os.WriteFile(path, []byte("this is no database, though it is long enough to be read as one"), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}, func(x Examination) bool { return x.Checked && len(x.Damage) > 0 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := test.path(t)
			before := folderState(t, path)
			x, err := Examine(t.Context(), "sqlite", path)
			if err != nil || !test.good(x) {
				t.Errorf("%+v, %v", x, err)
			}
			if after := folderState(t, path); !slices.Equal(before, after) {
				t.Errorf("the folder changed from %v to %v", before, after)
			}
		})
	}
}

// TestExamineBesideTheOwner: what a running process has committed is seen, and it goes on.
func TestExamineBesideTheOwner(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	if err := s.AddLot(t.Context(), aLot()); err != nil {
		t.Fatal(err)
	}
	x, err := Examine(t.Context(), "sqlite", path)
	if err != nil || !x.Running || !x.Checked || len(x.Damage) > 0 || len(x.Lots) != 1 {
		t.Errorf("%+v, %v, want one package of a running store", x, err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("the owner: %v", err)
	}
	closeStore(t, s)
}

func TestExaminePostgres(t *testing.T) {
	t.Parallel()
	server := sqlstoretest.StartPostgres(t)
	dsn, set := server.Clock(t)
	x, err := Examine(t.Context(), "postgres", dsn)
	if err != nil || x.From != 0 || x.Server == "" || x.Standby {
		t.Errorf("an empty database: %+v, %v", x, err)
	}
	n := openNode(t, dsn)
	if err := n.AddLot(t.Context(), aLot()); err != nil {
		t.Fatal(err)
	}
	if err := set(time.Hour); err != nil {
		t.Fatal(err)
	}
	x, err = Examine(t.Context(), "postgres", dsn)
	if err != nil || x.From != x.To || len(x.Lots) != 1 || x.Offset < 59*time.Minute || x.Offset > 61*time.Minute {
		t.Errorf("%+v, %v, want one package and a clock an hour ahead", x, err)
	}
	if _, err := Examine(t.Context(), "postgres", "host=/nowhere user=postgres dbname=postgres"); err == nil {
		t.Error("a server that is not there was examined")
	}
	if _, err := Examine(t.Context(), "postgres", "postgres://u:secret@h/%zz"); err == nil || err.Error() != errInvalidDSN.Error() {
		t.Errorf("an invalid DSN: %v, want an error without it", err)
	}
}
