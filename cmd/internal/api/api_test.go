package api_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy/consent"
)

func at() time.Time { return time.Unix(1_700_000_000, 0).UTC() }

func cny(micros int64) idv.Money { return idv.Money{Micros: micros, Currency: idv.CNY} }

// whole returns a verification with every member set.
func whole() *idv.Verification {
	return &idv.Verification{
		ID: "ver_1", Tenant: "t", App: "web", Check: idv.CheckIDName, Document: idv.Resident18, Verdict: idv.Match, Reason: "r", Fidelity: idv.ThreeWay, Fields: idv.Fields{idv.ClaimName: idv.FieldMatched},
		Subject: idv.MaskedSubject{Name: "张*", IDNumber: "1*X", Mobile: "1**", BankCard: "6*1"}, Token: "k1:secret", Erased: "era_1", Flags: []string{"f"},
		Evidence: []idv.Evidence{{Type: "electronic_record", CheckMethod: "data", Organization: "o", Provider: "b", CheckID: "c", Source: "s", Time: at()}},
		Attempts: []idv.Attempt{
			{Provider: "a", Failed: true, Failure: idv.Timeout, Price: cny(50_000)},
			{Provider: "b", Verdict: idv.Match, Origin: idv.OriginSource, Delivery: idv.Answered, Charge: idv.Charged, VendorCode: "01", VendorRef: "ref",
				StartedAt: at(), Duration: 1500 * time.Microsecond, Lot: "hidden", Price: cny(69_000)},
		},
		Skipped: []idv.Skipped{{Provider: "c", Reason: idv.SkipMaintenance, Until: at()}},
		Purpose: "p", ConsentID: "con_1", Basis: "consent", Rules: []string{"rule"}, Review: true,
		Reused: &idv.Reuse{Verification: "ver_0", At: at(), Until: at()}, CreatedAt: at(), TraceID: "trace", NextSteps: []idv.Advice{{Code: "c", ZH: "中", EN: "e", Date: "2026-12-28"}},
	}
}

// TestConsentView shows which consents do not bind the name of the person.
func TestConsentView(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		record consent.Record
		want   bool
	}{
		"bound":                 {consent.Record{Subject: "k1:s", Name: "k1:n"}, false},
		"of an earlier version": {consent.Record{Subject: "k1:s"}, true},
		"erased":                {consent.Record{Erasure: "era_1"}, false},
	} {
		view := api.ConsentOf(&test.record, at())
		text, err := json.Marshal(view)
		if err != nil || view.NameUnbound != test.want || strings.Contains(string(text), `"name_unbound":true`) != test.want || strings.Contains(string(text), "k1:") {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
}

// Calls of a provider without a price are no second currency.
func TestBalanceWithoutAPrice(t *testing.T) {
	t.Parallel()
	lot := ledger.Balance{Lot: ledger.Lot{ID: "l", Provider: "p", Units: 2, Total: cny(100_000), Bought: at()}, Left: 50_000, Available: 1, Posted: 1}
	got := api.BalancesOf([]ledger.Balance{lot, {Lot: ledger.Lot{Provider: "p", Open: true, Units: 3}, Posted: 3}}, at())
	if len(got) != 1 || got[0].Unbooked != 3 || got[0].Units != 2 || got[0].Left.Currency != "CNY" {
		t.Errorf("got %+v, want one row", got)
	}
}

// Callers depend on these forms. A difference here is a change of the API.
func TestForms(t *testing.T) {
	t.Parallel()
	lot := ledger.Balance{Lot: ledger.Lot{ID: "l", Provider: "p", Units: 2, Total: cny(100_000), Bought: at()}, Left: 50_000, Available: 1, Posted: 1}
	balances := api.BalancesOf([]ledger.Balance{lot,
		{Lot: ledger.Lot{Provider: "q", Open: true}},
		{Lot: ledger.Lot{Provider: "p", Open: true, Units: 3, Total: cny(207_000)}, Posted: 2, Unknown: 1},
		{Lot: ledger.Lot{Provider: "p", Units: 1, Total: cny(1), Canceled: at()}, Posted: 1},
		{Lot: ledger.Lot{Provider: "p", Units: 1, Total: idv.Money{Micros: 9, Currency: "USD"}}, Left: 9, Available: 1},
	}, at())
	provider := api.ProviderOf(&engine.ProviderStatus{Name: "a", Recipient: "r", Price: cny(50_000), Availability: idv.Availability{Reason: idv.SkipDrained},
		Descriptor: idv.Descriptor{Name: "idcert", Version: "1", Check: idv.CheckIDName, Fidelity: idv.ThreeWay}})
	for _, test := range []struct {
		name string
		view any
		want string
	}{
		{"verification", api.VerificationOf(whole()), `{"id":"ver_1","verdict":"match","reason":"r","check":"id_name","document":"resident18","fidelity":"three_way",` +
			`"fields":[{"field":"name","result":"matched"},{"field":"id_number","result":"not_compared"}],` +
			`"subject":{"name":"张*","id_number":"1*X","mobile":"1**","bank_card":"6*1"},"flags":["f"],` +
			`"evidence":[{"type":"electronic_record","check_method":"data","organization":"o","provider":"b","check_id":"c","source":"s","time":"2023-11-14T22:13:20Z"}],` +
			`"attempts":[{"provider":"a","verdict":"undetermined","failure":"timeout","origin":"unknown","delivery":"unknown","charge":"unknown","started_at":"0001-01-01T00:00:00Z","duration_ms":0,"cost":{"amount":"0.00","currency":"CNY"}},` +
			`{"provider":"b","verdict":"match","origin":"source","delivery":"answered","charge":"charged","vendor_code":"01","vendor_ref":"ref","started_at":"2023-11-14T22:13:20Z","duration_ms":1.5,"cost":{"amount":"0.069","currency":"CNY"}}],` +
			`"skipped":[{"provider":"c","reason":"maintenance","until":"2023-11-14T22:13:20Z"}],"cost":{"amount":"0.069","currency":"CNY","maximum":"0.119"},` +
			`"app":"web","purpose":"p","consent_id":"con_1","basis":"consent","rules":["rule"],"review":true,` +
			`"reused":{"verification":"ver_0","at":"2023-11-14T22:13:20Z","until":"2023-11-14T22:13:20Z"},"erased":"era_1","created_at":"2023-11-14T22:13:20Z","trace_id":"trace",` +
			`"next_steps":[{"code":"c","zh":"中","en":"e","date":"2026-12-28"}]}`},
		{"plan", api.PlanOf(&idv.Plan{Steps: []idv.Step{{Provider: "a", Trial: true}}, MaxAttempts: 2, Basis: "b", Rules: []string{"r"}, Review: true}),
			`{"steps":[{"provider":"a","trial":true}],"skipped":[],"max_attempts":2,"basis":"b","rules":["r"],"review":true}`},
		{"provider", provider, `{"name":"a","use":"idcert","version":"1","check":"id_name","fidelity":"three_way","recipient":"r","price":{"amount":"0.05","currency":"CNY"},"available":false,"reason":"drained","activity":{"in_flight":0,"failures_in_a_row":0,"outages":0,"latency_ms":0}}`},
		{"lot", api.LotOf(&lot), `{"id":"l","provider":"p","bought":"2023-11-14T22:13:20Z","price":{"amount":"0.05","currency":"CNY"},"total":{"amount":"0.10","currency":"CNY"},` +
			`"units":2,"available":1,"held":0,"posted":1,"unknown":0,"written_off":0}`},
		{"balance", balances, `[{"provider":"p","lots":1,"units":2,"available":1,"held":0,"posted":1,"unknown":0,"left":{"amount":"0.05","currency":"CNY"},"unbooked":3,"unbooked_cost":{"amount":"0.207","currency":"CNY"}},` +
			`{"provider":"p","lots":1,"units":1,"available":1,"held":0,"posted":0,"unknown":0,"left":{"amount":"0.000009","currency":"USD"}}]`},
		{"setting", api.SettingsOf([]idv.Setting{{Name: "n", Help: "h", Default: "d", Required: true, Secret: true}}),
			`[{"name":"n","help":"h","default":"d","required":true,"secret":true}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := encoded(t, test.view); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestListsAreNeverNull(t *testing.T) {
	t.Parallel()
	for name, view := range map[string]any{
		"verification": api.VerificationOf(&idv.Verification{}), "plan": api.PlanOf(&idv.Plan{}), "balances": api.BalancesOf(nil, at()),
	} {
		if got := encoded(t, view); strings.Contains(got, "null") {
			t.Errorf("%s: a null in %s", name, got)
		}
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
