package docs

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/store/sqlstore"
)

// TestDataProtectionNamesEveryColumn compares the table of data-protection.md with the tables
// of a new database: each table has a row with exactly its columns of text and bytes.
func TestDataProtectionNamesEveryColumn(t *testing.T) {
	t.Parallel()
	_, text, found := strings.Cut(read(t, "data-protection.md"), "\n## Tables\n")
	text, _, ended := strings.Cut(text, "\n## ")
	if !found || !ended {
		t.Fatal("the page has no section Tables")
	}
	rows := map[string][]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|(.*)\\|([^|]*)\\|$").FindAllStringSubmatch(text, -1) {
		for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(m[2], -1) {
			rows[m[1]] = append(rows[m[1]], name[1])
		}
		rows[m[1]] = append(rows[m[1]], "")
	}
	membersOfData := []string{"app", "purpose", "presenter", "consent_id"} // in the JSON of a column data or details
	tables := textColumns(t)
	if len(tables) < 20 {
		t.Errorf("the database has %d tables only", len(tables))
	}
	for table, columns := range tables {
		row, there := rows[table]
		if !there {
			t.Errorf("the page has no row for the table %s", table)
		}
		for _, c := range columns {
			if there && !slices.Contains(row, c) {
				t.Errorf("the row of %s lacks its column %s", table, c)
			}
		}
		for _, c := range row {
			member := (slices.Contains(columns, "data") || slices.Contains(columns, "details")) && slices.Contains(membersOfData, c)
			if !slices.Contains(columns, c) && !member {
				t.Errorf("the row of %s names %s, which is no column of text", table, c)
			}
		}
		delete(rows, table)
	}
	for table := range rows {
		t.Errorf("the page has a row for %s, which is no table", table)
	}
}

// textColumns returns the columns of text and bytes of each table of a new database.
func textColumns(t *testing.T) map[string][]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "heyan.db")
	s, err := sqlstore.OpenSQLite(t.Context(), path, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path) // the driver of sqlstore
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), `SELECT m.name, c.name, c.type FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	tables := map[string][]string{}
	for rows.Next() {
		var table, column, kind string
		if err := rows.Scan(&table, &column, &kind); err != nil {
			t.Fatal(err)
		}
		tables[table] = append(tables[table], "")
		if kind == "TEXT" || kind == "BLOB" {
			tables[table] = append(tables[table], column)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return tables
}
