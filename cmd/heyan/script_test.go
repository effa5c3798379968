package main

import (
	"bytes"
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

// TestMain lets the test binary run heyan: `exec heyan` in a script starts it.
func TestMain(m *testing.M) {
	if point := os.Getenv(dieAt); point != "" {
		_, err := askOnce(os.Args[1], os.Args[2], os.Args[3], point)
		panic(fmt.Sprint("not killed: ", err))
	}
	// The demonstration starts its own binary as a plugin, here the test binary.
	if os.Getenv(beHeyan) != "" || len(os.Args) > 2 && os.Args[1] == "provider" && os.Args[2] == "serve" {
		main()
		return
	}
	testscript.Main(m, programs())
}

// TestScripts runs testdata/script/*.txtar, which are also the examples of the commands.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			// The path of the script's own TMPDIR is too long for a plugin's socket.
			e.Vars = append(e.Vars, "LANG=en_US.UTF-8", "LC_ALL=", "LC_MESSAGES=", "TMPDIR="+os.TempDir())
			e.Values[sandboxKey{}] = new(*sandbox.Sandbox)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sandbox": cmdSandbox, "scenario": cmdScenario, "calls": cmdCalls, "clean": cmdClean, "code": cmdCode, "jsonlines": cmdJSONLines,
			"program": cmdProgram, "plugged": cmdPlugged, "keep": cmdKeep, "newer": cmdNewer,
		},
	})
}

type sandboxKey struct{}

func sandboxOf(ts *testscript.TestScript) **sandbox.Sandbox {
	return ts.Value(sandboxKey{}).(**sandbox.Sandbox)
}

// configText is a configuration for the two vendors of a sandbox.
const configText = `
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
auth: {mode: none}
log: {level: warn}
policy: {consent: {mode: off}}
providers:
  - {name: main, use: idcert, settings: {base_url: %q, appcode: env:HEYAN_TEST_APPCODE}}
  - {name: spare, use: idcert, settings: {base_url: %q, app_key: %q, app_secret: env:HEYAN_TEST_APP_SECRET}}
routes:
  - {check: id_name, providers: [main, spare]}
`

// cmdSandbox starts two sandbox vendors, writes a configuration for them to the named file,
// and sets its variables, also those of the first vendor for another configuration:
// `sandbox heyan.yaml`.
func cmdSandbox(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sandbox FILE")
	}
	s, err := sandbox.New(sandbox.Config{})
	ts.Check(err)
	ts.Check(s.Start(context.Background()))
	ts.Defer(func() {
		ts.Check(s.Close(context.Background()))
	})
	*sandboxOf(ts) = s
	a, b := s.Vendors()[0], s.Vendors()[1]
	ts.Setenv("HEYAN_TEST_APPCODE", a.AppCode.Reveal())
	ts.Setenv("APPCODE_A", a.AppCode.Reveal())
	ts.Setenv("SANDBOX_A", a.URL)
	ts.Setenv("HEYAN_TEST_APP_SECRET", b.AppSecret.Reveal())
	text := fmt.Sprintf(configText, a.URL, b.URL, b.AppKey)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// cmdScenario sets the scenario of a vendor: `scenario idcert-a maintenance`.
func cmdScenario(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check((*sandboxOf(ts)).SetScenario(sandbox.Scenario{Vendor: args[0], Mode: sandbox.Mode(args[1])}))
}

// cmdCalls compares the numbers of requests at the two vendors: `calls 1 0`.
func cmdCalls(ts *testscript.TestScript, _ bool, args []string) {
	stats := (*sandboxOf(ts)).Stats()
	got := fmt.Sprint(stats["idcert-a"].Requests, " ", stats["idcert-b"].Requests)
	if want := strings.Join(args, " "); got != want {
		ts.Fatalf("the vendors were called %s times, want %s", got, want)
	}
}

// people are the names and numbers of the scripts, which no output may hold.
func people() []string {
	return []string{
		"张三", "张某某", "无记录", "坏姓名", "11010519491231002X", "11010519491231002x", "110105194912310021",
		"11010519491231003X", "420106199506159063", "330106198808080004", "130503670401001", "110105-19491231-002X",
	}
}

// cmdClean fails if the output of the last command holds a name or a number.
func cmdClean(ts *testscript.TestScript, _ bool, _ []string) {
	for _, stream := range []string{"stdout", "stderr"} {
		for _, text := range people() {
			if strings.Contains(ts.ReadFile(stream), text) {
				ts.Fatalf("%s holds %s", stream, text)
			}
		}
	}
}

// cmdCode runs a command and compares its exit code: `code 64 heyan verify`. Its output is
// available to stdout, stderr and clean.
func cmdCode(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// cmdJSONLines fails unless stdout has the given number of lines, each a JSON object.
func cmdJSONLines(ts *testscript.TestScript, _ bool, args []string) {
	lines := bytes.Split(bytes.TrimSuffix([]byte(ts.ReadFile("stdout")), []byte("\n")), []byte("\n"))
	for _, line := range lines {
		var object map[string]any
		if json.Unmarshal(line, &object) != nil {
			ts.Fatalf("not a JSON object: %s", line)
		}
	}
	if fmt.Sprint(len(lines)) != args[0] {
		ts.Fatalf("%d lines, want %s", len(lines), args[0])
	}
}

// TestLedgerScripts runs testdata/ledger/*.txtar, which are also the examples of `heyan
// ledger`.
func TestLedgerScripts(t *testing.T) {
	t.Parallel()
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
			"keep": cmdKeep, "newer": cmdNewer, "month": cmdMonth, "changes": cmdChanges,
		},
	})
}

// cmdKeep sets a variable to a field of the last JSON line of stdout: `keep ATTEMPT attempt`.
func cmdKeep(ts *testscript.TestScript, _ bool, args []string) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	var object map[string]any
	ts.Check(json.Unmarshal([]byte(lines[len(lines)-1]), &object))
	ts.Setenv(args[0], fmt.Sprint(object[args[1]]))
}

// seeded is a ledger of one day in March with the vendor's bill.
type seeded struct {
	store   *sqlstore.Store
	windows []reconcile.Window
	calls   int
}

// cmdMonth writes a ledger, the vendor's bill for it, and a bill that includes calls of another
// client: `month heyan.db bill.csv foreign.csv`.
//
// In each of sixty windows three matches were billed. In every sixth one a call found no
// record (202), which the vendor bills and whose charge is unknown in the ledger. In one window
// two calls without an answer were billed, in another one none was.
func cmdMonth(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	s, err := sqlstore.OpenSQLite(ctx, ts.MkAbs(args[0]), sqlstore.Options{})
	ts.Check(err)
	begin := time.Date(2026, 3, 19, 9, 0, 1, 0, idv.China())
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
			At: a.StartedAt, Deadline: time.Now().Add(time.Minute),
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

// bill returns the export in the format of the vendor's guide, newest row first. In the windows
// 40 to 47 it adds the units of others.
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
