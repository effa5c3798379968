package sqlstore

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorded is a backend that remembers the texts of its statements.
type recorded struct {
	backend

	texts *sync.Map // of string
}

func (r recorded) read(ctx context.Context, s statement) error {
	r.texts.Store(s.sql, true)
	return r.backend.read(ctx, s)
}

func (r recorded) begin(ctx context.Context, l workload) (transaction, error) {
	tx, err := r.backend.begin(ctx, l)
	if err != nil {
		return nil, err
	}
	return recordedTransaction{tx, r.texts}, nil
}

type recordedTransaction struct {
	transaction

	texts *sync.Map
}

func (r recordedTransaction) record(list []statement) {
	for _, s := range list {
		r.texts.Store(s.sql, true)
	}
}

func (r recordedTransaction) run(ctx context.Context, list []statement) error {
	r.record(list)
	return r.transaction.run(ctx, list)
}

func (r recordedTransaction) commit(ctx context.Context, list []statement) error {
	r.record(list)
	return r.transaction.commit(ctx, list)
}

// record remembers the statements of a store that does nothing yet.
func record(s *Store, texts *sync.Map) {
	b := recorded{s.backend, texts}
	s.backend, s.writer.backend, s.counts.backend, s.admins.backend = b, b, b, b
}

// wholeReads are the statements that may read all rows of a big table, with the reason.
func wholeReads() map[string]string {
	return map[string]string{
		selectKnown:         "only at the start, if a key of the keyring is missing",
		selectPerformance(): "it reads the calls of a period once, by their time, and then what it has read",
	}
}

// testRecordedPlans: of the statements that the contract needs, none reads all rows of a big table,
// except those that have a reason. So a new statement is looked at without being in a list.
func testRecordedPlans(t *testing.T, texts *sync.Map) {
	t.Helper()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	count := 0
	for text := range texts.Range {
		sql := text.(string)
		count++
		plan := planOf(t, s, sql)
		whole := wholeRead(plan)
		if _, may := wholeReads()[sql]; whole != "" && !may {
			t.Errorf("%s: %q\n%s", whole, plan, sql)
		}
	}
	if count < 80 {
		t.Errorf("only %d statements were recorded", count)
	}
}

// planOf returns the steps by which SQLite would run a statement.
func planOf(t *testing.T, s *Store, sql string) (plan []string) {
	t.Helper()
	err := s.backend.read(t.Context(), statement{"EXPLAIN QUERY PLAN " + sql, make([]any, arguments(sql)), func(r row) error {
		var id, parent, unused int
		var step string
		err := r.Scan(&id, &parent, &unused, &step)
		plan = append(plan, step)
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// wholeRead returns the first step that reads all rows of a big table, "" if there is none.
func wholeRead(plan []string) string {
	for _, step := range plan {
		words := strings.Fields(step)
		if words[0] == "SCAN" && !slices.Contains(smallTables(), words[1]) && !slices.Contains(smallIndexes(), words[len(words)-1]) {
			return step
		}
	}
	return ""
}
