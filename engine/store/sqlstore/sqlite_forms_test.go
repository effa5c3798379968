package sqlstore

import (
	"slices"
	"strings"
	"testing"
)

// TestPlansOfForms: a statement for many sets of arguments finds each row by an index too. SQLite
// scans the sets and never a table.
func TestPlansOfForms(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	for sql, form := range liteForms() {
		if strings.HasPrefix(sql, "INSERT") {
			continue
		}
		t.Run(sql, func(t *testing.T) {
			var plan []string
			args := make([]any, longestPiece*strings.Count(form.set, "?"))
			err := s.backend.read(t.Context(), statement{"EXPLAIN QUERY PLAN " + form.text(longestPiece), args, func(r row) error {
				var id, parent, unused int
				var step string
				err := r.Scan(&id, &parent, &unused, &step)
				plan = append(plan, step)
				return err
			}})
			if err != nil {
				t.Fatal(err)
			}
			searches := 0
			for _, step := range plan {
				if strings.HasPrefix(step, "SEARCH ") {
					searches++
				}
				if strings.HasPrefix(step, "SCAN ") && !strings.HasSuffix(step, " VALUES CLAUSE") {
					t.Errorf("a table is scanned: %q", plan)
				}
			}
			if searches == 0 {
				t.Errorf("no index is used: %q", plan)
			}
		})
	}
}

func TestPieces(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		n    int
		want []int
	}{
		{1, []int{1}},
		{3, []int{2, 1}},
		{31, []int{16, 8, 4, 2, 1}},
		{70, []int{32, 32, 4, 2}},
	} {
		var got []int
		for left := test.n; left > 0; left -= got[len(got)-1] {
			got = append(got, pieceOf(left))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%d sets: %v, want %v", test.n, got, test.want)
		}
	}
}

// TestRowsAreScanned: a value that does not fit its variable is an error, never another value.
func TestRowsAreScanned(t *testing.T) {
	t.Parallel()
	type word string
	var text word
	var small int8
	var n int64
	for _, test := range []struct {
		name string
		row  liteRow
		dest []any
		fits bool
	}{
		{"values of their kinds", liteRow{"a", int64(7), int64(8)}, []any{&text, &small, &n}, true},
		{"too few columns", liteRow{"a"}, []any{&text, &n}, false},
		{"a NULL", liteRow{nil}, []any{&n}, false},
		{"a text for a number", liteRow{"1"}, []any{&n}, false},
		{"a text for a small number", liteRow{"1"}, []any{&small}, false},
		{"a number for a text", liteRow{int64(65)}, []any{&text}, false},
		{"a number that is too large", liteRow{int64(300)}, []any{&small}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := test.row.Scan(test.dest...); (err == nil) != test.fits {
				t.Errorf("got %v", err)
			}
		})
	}
	if text != "a" || small != 7 {
		t.Errorf("read %q, %d", text, small)
	}
}
