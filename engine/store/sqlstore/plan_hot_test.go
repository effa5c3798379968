package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// hotStatements are the statements of verifications and of what runs beside them: all that have
// a form for many, so that none is forgotten, and those of recovery and pruning.
func hotStatements() map[string]string {
	all := map[string]string{
		"lost holds": selectLost, "lost claims": selectLostClaims, "expired keys": deleteExpired, "due messages": selectDue, "newest entry": selectLastEntry,
		"old verifications": pruneVerifications, "old uncalled ones": pruneUncalled, "old counters": pruneCounters,
		"old consents": selectOver, "old messages": pruneOutbox, "data keys": selectIdleKeys, "idle key": deleteIdleKey, "an old consent": deleteOver,
		"tenants of verifications": tenantsWith(oldOnes), "of uncalled ones": tenantsWith(oldUncalled),
	}
	for one := range forms() {
		name, _, _ := strings.Cut(one, " (")
		all[name+" "+fmt.Sprint(len(one))] = one
	}
	return all
}

// bigTables have a row for each call or person.
func bigTables() []string {
	return []string{"holds", "entries", "verifications", "claims", "consents", "counters", "outbox", "erased", "erasures", "data_keys", "lot_rows"}
}

// smallTables have a row for each thing that operators or vendors name. l is lots, and t are the
// tenants of tenantsWith.
func smallTables() []string {
	return []string{"CONSTANT", "lots", "l", "t", "api_keys", "audit_head", "findings", "gate_facts", "maintenance_windows", "provider_orders", "restore_gap"}
}

// smallIndexes have the few rows that wait for something.
func smallIndexes() []string {
	return []string{"holds_waiting", "claims_running", "verifications_unfilled"}
}

// TestHotPlans: no hot statement reads all rows of a big table of a SQLite file.
func TestHotPlans(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	for name, sql := range hotStatements() {
		t.Run(name, func(t *testing.T) {
			if plan := planOf(t, s, sql); wholeRead(plan) != "" {
				t.Errorf("all rows are read: %q\n%s", plan, sql)
			}
		})
	}
}

var argument = regexp.MustCompile(`\$\d+`)

// arguments returns how many arguments a statement has.
func arguments(sql string) int {
	seen := map[string]bool{}
	for _, a := range argument.FindAllString(sql, -1) {
		seen[a] = true
	}
	return len(seen)
}

// planNode is a step of EXPLAIN (FORMAT JSON).
type planNode struct {
	Type     string     `json:"Node Type"`
	Relation string     `json:"Relation Name"`
	Index    string     `json:"Index Name"`
	Cond     string     `json:"Index Cond"`
	Plans    []planNode `json:"Plans"`
}

// full reports the first step that reads all rows of a big table.
func (n *planNode) full(relation string) string {
	if n.Relation != "" {
		relation = n.Relation
	}
	whole := n.Type == "Seq Scan" || strings.Contains(n.Type, "Index") && n.Cond == "" && !slices.Contains(smallIndexes(), n.Index)
	if whole && slices.Contains(bigTables(), relation) {
		return n.Type + " of " + relation + " " + n.Index
	}
	for i := range n.Plans {
		if step := n.Plans[i].full(relation); step != "" {
			return step
		}
	}
	return ""
}

// hotPlans is TestHotPlans for PostgreSQL: with an index for it, no hot statement reads all rows.
// The tables are empty, so what the server would rather do with few rows is off.
func hotPlans(t *testing.T, dsn string) {
	t.Helper()
	closeStore(t, openNode(t, dsn))
	conn, err := pgx.Connect(t.Context(), strings.Replace(dsn, " pool_max_conns=8", "", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), `SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan`); err != nil {
		t.Fatal(err)
	}
	list := hotStatements()
	list["rows of packages"], list["more rows"], list["units elsewhere"] = lockRows, lockMore, selectElsewhere
	many := forms()
	for name, sql := range list {
		t.Run(name, func(t *testing.T) {
			if form, ok := many[sql]; ok {
				sql = form
			}
			sql = onPostgres(sql, "SKIP LOCKED")
			nulls := strings.TrimSuffix(strings.Repeat("NULL, ", arguments(sql)), ", ")
			if nulls != "" {
				nulls = "(" + nulls + ")"
			}
			if _, err := conn.Exec(t.Context(), "DEALLOCATE ALL; PREPARE hot AS "+sql); err != nil {
				t.Fatal(err)
			}
			rows, err := conn.Query(t.Context(), "EXPLAIN (FORMAT JSON) EXECUTE hot "+nulls, pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				t.Fatal(err)
			}
			text, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			var plan []struct{ Plan planNode }
			if err := json.Unmarshal([]byte(text), &plan); err != nil || len(plan) != 1 {
				t.Fatal(err, text)
			}
			if step := plan[0].Plan.full(""); step != "" {
				t.Errorf("%s\n%s\n%s", step, sql, text)
			}
		})
	}
}
