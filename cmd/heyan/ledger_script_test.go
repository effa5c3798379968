package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// TestLedgerScripts runs testdata/ledger/*.txtar. They are the examples of `heyan
// ledger` too.
func TestLedgerScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "ledger"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, "LANG=en_US.UTF-8", "LC_ALL=", "LC_MESSAGES=")
			e.Values[sandboxKey{}] = new(*sandbox.Sandbox)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sandbox": cmdSandbox, "scenario": cmdScenario, "clean": cmdClean, "code": cmdCode, "jsonlines": cmdJSONLines,
			"keep": cmdKeep, "month": cmdMonth,
		},
	})
}

// cmdKeep sets a variable to a field of the last line that the last command printed
// as JSON: `keep ATTEMPT attempt`.
func cmdKeep(ts *testscript.TestScript, _ bool, args []string) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	var object map[string]any
	ts.Check(json.Unmarshal([]byte(lines[len(lines)-1]), &object))
	ts.Setenv(args[0], fmt.Sprint(object[args[1]]))
}

// seeded is a book of one day in March and the vendor's bill for it.
type seeded struct {
	store   *sqlstore.Store
	windows []reconcile.Window
	calls   int
}

// cmdMonth makes a book, the vendor's bill for it, and a bill on which somebody else
// used the app code too: `month heyan.db bill.csv foreign.csv`.
//
// In each of sixty windows three matches were billed. In every sixth one a call found no
// record (202), which the vendor bills and the book does not know. In one window
// two calls without an answer were billed, in another one none was.
func cmdMonth(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	s, err := sqlstore.OpenSQLite(ctx, ts.MkAbs(args[0]), sqlstore.Options{})
	ts.Check(err)
	begin := time.Date(2026, 3, 19, 9, 0, 1, 0, reconcile.Shanghai())
	ts.Check(s.AddLot(ctx, ledger.Lot{
		ID: "march", Provider: "main", Units: 1000, Total: idv.Money{Micros: 69_000_000, Currency: idv.CNY}, Bought: begin,
	}))
	b := &seeded{store: s}
	for i := range 60 {
		from := begin.Add(time.Duration(i) * 10 * time.Minute)
		answered := idv.Attempt{Verdict: idv.Match, VendorCode: "01", Delivery: idv.Answered, Charge: idv.Charged}
		silent := idv.Attempt{Failed: true, Failure: idv.Timeout, Delivery: idv.DeliveryUnknown}
		units := int64(3)
		ts.Check(b.ask(ctx, from, 3, answered))
		if i%6 == 2 {
			units++
			ts.Check(b.ask(ctx, from.Add(time.Minute), 1, idv.Attempt{Verdict: idv.NoRecord, VendorCode: "202", Delivery: idv.Answered}))
		}
		if i == 21 || i == 33 {
			ts.Check(b.ask(ctx, from.Add(2*time.Minute), 2, silent))
		}
		if i == 21 {
			units += 2
		}
		b.windows = append(b.windows, reconcile.Window{Serial: fmt.Sprint(455784350650 + 100*i), From: from, To: from.Add(10 * time.Minute), Units: units})
	}
	ts.Check(s.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.bill(0), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), b.bill(5), 0o600))
}

// ask makes calls in the middle of a window.
func (b *seeded) ask(ctx context.Context, from time.Time, n int, a idv.Attempt) error {
	for i := range n {
		b.calls++
		a.ID, a.Provider, a.Check = fmt.Sprintf("ver_%04d-1", b.calls), "main", idv.CheckIDName
		a.StartedAt, a.Duration = from.Add(4*time.Minute+time.Duration(i)*time.Second), 200*time.Millisecond
		_, err := b.store.Hold(ctx, idv.Intent{
			Attempt: a.ID, Provider: a.Provider, Check: a.Check, Tenant: "bank", App: []string{"app", "web"}[i%2], Purpose: "开户",
			At: a.StartedAt, Deadline: a.StartedAt.Add(3 * time.Second),
		})
		if err != nil {
			return err
		}
		if err := b.store.Settle(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// bill writes the export in the shape of the vendor's guide, newest line first. In
// the windows 40 to 47 others used so many units as well.
func (b *seeded) bill(others int64) []byte {
	var text strings.Builder
	text.WriteString("流水编号,处理时间,备注,消耗\n")
	for i := len(b.windows) - 1; i >= 0; i-- {
		w := b.windows[i]
		if i >= 40 && i < 48 {
			w.Units += others
		}
		_, _ = fmt.Fprintf(&text, "%s,%s - %s,套餐包消耗,%d次\n", w.Serial, w.From.Format(time.DateTime), w.To.Format(time.DateTime), w.Units)
	}
	return []byte(text.String())
}
