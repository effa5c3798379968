package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/canarytest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
	"github.com/heyan-id/heyan/policy/audit"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// unrecorded returns the commands that no operator's act is recorded of, with the reason.
func unrecorded() map[string]string {
	const reads, apart, caller = "it changes nothing in the store", "it opens no store", "what a caller does for a person"
	why := map[string]string{
		"verify": caller, "serve": "the daemon records what it does itself", "migrate": "it changes the form of the store, not what is in it",
		"demo": "its store is thrown away", "init": "it writes a new configuration", "provider new": "it writes a new provider",
	}
	for reason, list := range map[string][]string{
		reads: {
			"audit list", "audit verify", "calendar list", "calendar suggest", "config check", "config diff", "config show", "consent list", "consent show", "consent receipt get",
			"consent receipt page", "doctor", "health", "key list", "ledger advice", "ledger balance", "ledger entries", "ledger export", "ledger holds", "ledger lots list",
			"ledger usage", "policy explain", "policy test", "provider check", "provider list", "provider radar", "provider score", "provider show", "provider trial",
			"route explain", "subject export", "subject find", "verification evidence", "verification export", "verification list", "verification show", "webhook list",
		},
		apart: {
			"check", "config example", "config schema", "consent lint", "consent notice diff", "consent notice list", "consent notice render", "consent notice show",
			"consent receipt verify", "docs", "provider schema", "provider serve", "sandbox", "verify-evidence", "version",
		},
	} {
		for _, command := range list {
			why[command] = reason
		}
	}
	return why
}

// act is a command that changes the store, and what is recorded of it.
type act struct {
	command string
	args    string // the rest of the command line; {NAME} stands for what an earlier output kept
	kinds   []audit.Kind
	keep    string // NAME=member: keep the member of the JSON output
}

func acts() []act {
	one := func(k audit.Kind) []audit.Kind { return []audit.Kind{k} }
	const person = " --input {DIR}/person.json"
	return []act{
		{"key create", "--name web --scope verify --json", one(audit.KeyCreate), "KEY=id"},
		{"key revoke", "{KEY}", one(audit.KeyRevoke), ""},
		{"calendar add", "--provider main --from 2099-01-01T02:00:00+08:00 --to 2099-01-01T06:00:00+08:00 --json", one(audit.CalendarAdd), "WINDOW=id"},
		{"calendar remove", "{WINDOW}", one(audit.CalendarRemove), ""},
		{"ledger lots add", "--provider spare --units 10 --amount 1 --id L1", one(audit.LotAdd), ""},
		{"ledger lots write-off", "--lot L1 --units 1 --reason lost", one(audit.LotWriteOff), ""},
		{"ledger lots add", "--provider spare --units 10 --amount 1 --id L2", one(audit.LotAdd), ""},
		{"ledger lots spread", "--lot L2", one(audit.LotSpread), ""},
		{"ledger lots cancel", "--lot L2 --reason twice", one(audit.LotCancel), ""},
		{"ledger resolve", "--attempt ver_0001-1 --charged --reason bill", one(audit.HoldResolve), ""},
		{"ledger reconcile", "--provider main --export {DIR}/bill.csv --apply", one(audit.ReconcileApply), ""},
		{"provider drain", "main", one(audit.ProviderDrain), ""},
		{"provider close", "main --reason announced", one(audit.ProviderClose), ""},
		{"provider resume", "main", one(audit.ProviderResume), ""},
		{"consent record", "--purpose opening --json" + person, one(audit.ConsentRecord), "GIVEN=id"},
		{"consent give", "{GIVEN} --action signature", one(audit.ConsentRecord), ""},
		{"consent withdraw", "{GIVEN}", one(audit.ConsentWithdraw), ""},
		{"consent record", "--purpose lending --draft-only --json" + person, nil, "DRAFT=id"}, // the person has not seen it
		{"consent present", "{DRAFT}", one(audit.ConsentRecord), ""},
		{"consent refuse", "{DRAFT}", one(audit.ConsentRecord), ""},
		{"webhook resend", "{MESSAGE}", one(audit.MessageResend), ""},
		{"verification second-opinion", "{VERIFICATION} --reason doubt" + person, one(audit.SecondOpinion), ""},
		{"subject erase", "--yes" + person, one(audit.SubjectErase), ""},
		{"backup", "--out {DIR}/copy.tar", one(audit.BackupMake), ""},
		{"restore", "--database-at 2026-01-01T00:00:00Z --json", one(audit.BackupRestore), "GAP=gap"},
		{"restore", "--accept-gap {GAP} --reason known", one(audit.GapAccept), ""},
	}
}

// operator runs commands on one store.
type operator struct {
	*testing.T
	dir     string
	environ []string
	kept    map[string]string
	seen    int // records of the audit log
}

// command runs a command, which may find what was asked for or not, and returns its output.
func (o *operator) command(command, args string, codes ...int) string {
	o.Helper()
	for name, value := range o.kept {
		args = strings.ReplaceAll(args, "{"+name+"}", value)
	}
	list := slices.Concat(strings.Fields(command), strings.Fields(args), []string{"--config", filepath.Join(o.dir, "heyan.yaml")})
	code, out, errs := once(o.T, o.environ, "", list...)
	if !slices.Contains(append(codes, exitDone), code) {
		o.Fatalf("heyan %s %s: code %d\n%s%s", command, args, code, out, errs)
	}
	return out
}

// keep keeps a member of the first line of JSON.
func (o *operator) keep(rule, out string) {
	o.Helper()
	name, member, _ := strings.Cut(rule, "=")
	line, _, _ := strings.Cut(out, "\n")
	var object map[string]any
	if err := json.Unmarshal([]byte(line), &object); err != nil || object[member] == nil {
		o.Fatalf("no %s in %s: %v", member, out, err)
	}
	o.kept[name] = fmt.Sprint(object[member])
}

// news returns what was recorded since the last call.
func (o *operator) news() (kinds []audit.Kind) {
	o.Helper()
	lines := strings.Split(strings.TrimSpace(o.command("audit list", "--json")), "\n")
	for _, line := range lines[o.seen:] {
		var record struct{ Act audit.Kind }
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			o.Fatalf("%s: %v", line, err)
		}
		kinds = append(kinds, record.Act)
	}
	o.seen = len(lines)
	return kinds
}

func newOperator(t *testing.T) *operator {
	t.Helper()
	o := &operator{T: t, dir: t.TempDir(), kept: map[string]string{}}
	o.kept["DIR"] = o.dir
	s, err := sandbox.New(sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	a, b := s.Vendors()[0], s.Vendors()[1]
	mismatched := canarytest.Persons()[1]
	o.write("person.json", `{"name": "`+mismatched.Name+`", "id_number": "`+mismatched.IDNumber+`"}`)
	o.write("heyan.yaml", fmt.Sprintf(configText, a.URL, b.URL, b.AppKey)+"webhooks: [{name: shop, url: env:HOOK_URL, secret: env:HOOK_SECRET}]\n")
	o.environ = []string{
		"HEYAN_TEST_APPCODE=" + a.AppCode.Reveal(), "HEYAN_TEST_APP_SECRET=" + b.AppSecret.Reveal(),
		"HEYAN_STORE__DRIVER=sqlite", "HEYAN_STORE__DSN=file:" + filepath.Join(o.dir, "heyan.db"), "HEYAN_POLICY__CONSENT__MIN_REVIEW=0s",
		"HEYAN_POLICY__CONSENT__CONTROLLER__NAME=某某商城有限公司", "HEYAN_POLICY__CONSENT__CONTROLLER__CONTACT=400-000-0001",
		"HEYAN_PROVIDERS__0__RECIPIENT_CONTACT=400-000-0002", "HEYAN_PROVIDERS__1__RECIPIENT_CONTACT=400-000-0002", "HEYAN_PROVIDERS__1__RECIPIENT=另一公司",
		"HEYAN_POLICY__PURPOSES__0__NAME=opening", "HEYAN_POLICY__PURPOSES__0__TITLE=开立账户", "HEYAN_POLICY__PURPOSES__1__NAME=lending",
		"HEYAN_POLICY__PURPOSES__1__TITLE=办理贷款", "HOOK_URL=http://127.0.0.1:9/hook", "HOOK_SECRET=whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
	}
	return o
}

func (o *operator) write(name, text string) {
	o.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), []byte(text), 0o600); err != nil {
		o.Fatal(err)
	}
}

// fill makes calls, two of them with an unknown charge, their bill, and a verification that ended
// with a mismatch.
func (o *operator) fill() {
	o.Helper()
	s, err := sqlstore.OpenSQLite(o.Context(), filepath.Join(o.dir, "heyan.db"), sqlstore.Options{})
	if err != nil {
		o.Fatal(err)
	}
	book := &seeded{store: s}
	begin := time.Date(2026, 3, 19, 9, 0, 1, 0, idv.China())
	silent := idv.Attempt{Failed: true, Failure: idv.Timeout, Delivery: idv.DeliveryUnknown}
	answered := idv.Attempt{Verdict: idv.Match, VendorCode: "01", Delivery: idv.Answered, Charge: idv.Charged}
	for n := range 20 {
		from, a := begin.Add(time.Duration(n)*10*time.Minute), answered
		if n == 0 || n == 10 {
			a = silent
		}
		if err := book.ask(o.Context(), from, 1, a); err != nil {
			o.Fatal(err)
		}
		book.windows = append(book.windows, reconcile.Window{Serial: fmt.Sprint(455784350650 + n), From: from, To: from.Add(10 * time.Minute), Units: 1})
	}
	if err := s.Close(); err != nil {
		o.Fatal(err)
	}
	o.write("bill.csv", string(book.bill(0)))
	o.keep("VERIFICATION=id", o.command("verify", "--purpose opening --json --input {DIR}/person.json", 1))
	o.keep("MESSAGE=id", o.command("webhook list", "--json"))
}

// clean searches what operators read of acts and messages for the claims of the person, in every
// form.
func (o *operator) clean() {
	o.Helper()
	for _, command := range []string{"audit list", "audit list --json", "audit list --csv", "webhook list", "webhook list --json"} {
		out := o.command(command, "")
		if hits := canarytest.Hits([]byte(out), canarytest.Claims(canarytest.Persons()...)...); len(hits) > 0 || len(out) < 100 {
			o.Errorf("heyan %s prints %d bytes with %v", command, len(out), hits)
		}
	}
}

// TestEveryActIsRecorded runs each command by which an operator changes the store. A command
// without a step here, and without a reason in unrecorded, fails.
func TestEveryActIsRecorded(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.fill()
	o.clean()
	o.news()
	known := unrecorded()
	for _, a := range acts() {
		if reason := known[a.command]; reason != "" && reason != "done" {
			t.Errorf("heyan %s is listed twice", a.command)
		}
		out := o.command(a.command, a.args, verdictCode(idv.Mismatch))
		if a.keep != "" {
			o.keep(a.keep, out)
		}
		if got := o.news(); !slices.Equal(got, a.kinds) {
			t.Errorf("heyan %s: recorded %v, want %v", a.command, got, a.kinds)
		}
		known[a.command] = "done"
	}
	o.clean()
	eachCommand((&cli{}).root(), func(cmd *cobra.Command) {
		if name := strings.TrimPrefix(cmd.CommandPath(), "heyan "); !cmd.HasSubCommands() && known[name] == "" {
			t.Errorf("heyan %s is neither recorded nor known as no act of an operator", name)
		}
	})
}
