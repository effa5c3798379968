package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

func TestScenarioOverHTTP(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	a, b := s.Vendors()[0], s.Vendors()[1]
	tests := []struct {
		title string
		at    sandbox.Vendor
		body  string
		want  sandbox.Scenario
	}{
		{"the one addressed", b, `{"mode":"maintenance"}`, sandbox.Scenario{Vendor: "idcert-b", Mode: "maintenance"}},
		{"another one", a, `{"vendor":"idcert-b","mode":"empty","count":1}`, sandbox.Scenario{Vendor: "idcert-b", Mode: "empty", Count: 1}},
		{
			"everything", b, `{"vendor":"idcert-b","mode":"http_500","for_ms":60000,"count":3,"latency_ms":1}`,
			sandbox.Scenario{Vendor: "idcert-b", Mode: "http_500", ForMS: 60000, Count: 3, LatencyMS: 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.title, func(t *testing.T) {
			s.Reset()
			status, body := post(t, tt.at, "/_sandbox/scenario", tt.body)
			var got sandbox.Scenario
			if err := json.Unmarshal(body, &got); err != nil || status != http.StatusOK || got != tt.want {
				t.Errorf("status %d, %+v, %v; want 200, %+v", status, got, err, tt.want)
			}
			ask(t, b, evenNumber, anyName)
			ask(t, a, evenNumber, anyName)
			stats := s.Stats()
			if stats["idcert-b"].ByCode["01"] != 0 || stats["idcert-a"].ByCode["01"] != 1 {
				t.Errorf("outcomes %v and %v; want b alone to misbehave", stats["idcert-a"].ByCode, stats["idcert-b"].ByCode)
			}
		})
	}
}

func TestScenarioRefused(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	tests := []struct{ title, body, field, known string }{
		{"nothing", ``, "", "latency_ms"},
		{"no JSON", `mode=stall`, "", "latency_ms"},
		{"no object", `["stall"]`, "", "latency_ms"},
		{"null", `null`, "mode", "swap_answers"},
		{"trailing data", `{"mode":"stall"}{}`, "", "latency_ms"},
		{"a field twice", `{"mode":"stall","mode":"empty"}`, "", "latency_ms"},
		{"no mode", `{}`, "mode", "gateway_504_billed"},
		{"unknown mode", `{"mode":"sleepy"}`, "mode", "gateway_504_billed"},
		{"unknown vendor", `{"vendor":"idcert-z","mode":"stall"}`, "vendor", "idcert-b"},
		{"unknown field", `{"mode":"stall","for":1}`, "for", "for_ms"},
		{"other case", `{"Mode":"stall"}`, "Mode", "for_ms"},
		{"long field", `{"` + strings.Repeat("文", 50) + `":1}`, strings.Repeat("文", 40), "for_ms"},
		{"mode is a number", `{"mode":1}`, "mode", ""},
		{"mode is an object", `{"mode":{"count":1}}`, "mode", ""},
		{"time is a string", `{"mode":"stall","for_ms":"5s"}`, "for_ms", ""},
		{"time is a fraction", `{"mode":"stall","for_ms":1.5}`, "for_ms", ""},
		{"time is negative", `{"mode":"stall","for_ms":-1}`, "for_ms", ""},
		{"time would overflow", `{"mode":"stall","latency_ms":9223372036854775807}`, "latency_ms", ""},
		{"count is negative", `{"mode":"stall","count":-1}`, "count", ""},
		{"too long", `{"mode":"` + strings.Repeat("x", 70_000) + `"}`, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.title, func(t *testing.T) {
			status, body := post(t, s.Vendors()[0], "/_sandbox/scenario", tt.body)
			var got sandbox.ScenarioError
			if err := json.Unmarshal(body, &got); err != nil || status != http.StatusBadRequest {
				t.Fatalf("status %d, %v; want 400 with JSON", status, err)
			}
			if got.Detail == "" || got.Field != tt.field || tt.known != "" && !strings.Contains(fmt.Sprint(got.Known), tt.known) {
				t.Errorf("error = %+v; want field %q, known with %q", got, tt.field, tt.known)
			}
		})
	}
	if ask(t, s.Vendors()[0], evenNumber, anyName).fields(t)["status"] != "01" {
		t.Error("a refused scenario was played")
	}
}

func TestScenarioError(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	err := s.SetScenario(sandbox.Scenario{Mode: sandbox.ModeStall})
	want := "sandbox: scenario: vendor: unknown vendor; known values are [idcert-a idcert-b]"
	if err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}

func TestStatsAndReset(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	a, b := s.Vendors()[0], s.Vendors()[1]
	ask(t, a, evenNumber, anyName)
	ask(t, a, oddNumber, anyName)
	ask(t, a, oddNumber, "无记录")
	raw(t, a, "GET", "/")
	setMode(t, s, sandbox.ModeMaintenance)
	ask(t, a, oddNumber, anyName)

	stats := s.Stats()
	want := map[string]int64{"01": 1, "02": 1, "202": 1, "9999": 1, "I404NF": 1}
	if diff := cmp.Diff(want, stats["idcert-a"].ByCode); diff != "" {
		t.Errorf("by code (-want +got):\n%s", diff)
	}
	if st := stats["idcert-a"]; st.Requests != 5 || st.Billed != 2 || len(st.Seen) != 4 || st.Seen[1] != st.Seen[3] {
		t.Errorf("requests %d, billed %d, seen %d; want 5, 2, 4 with one twice", st.Requests, st.Billed, len(st.Seen))
	}
	if status, body := get(t, b, "/_sandbox/stats"); status != 200 || !sameStats(t, body, stats) {
		t.Errorf("GET stats from the other vendor's address: %d, %s", status, body)
	}
	empty := `{"requests":0,"billed":0,"by_code":{},"seen":[]}`
	status, body := post(t, b, "/_sandbox/reset", "")
	if want := `{"idcert-a":` + empty + `,"idcert-b":` + empty + "}\n"; status != 200 || string(body) != want {
		t.Errorf("reset: %d, %s; want %s", status, body, want)
	}
	if ask(t, a, evenNumber, anyName).fields(t)["status"] != "01" {
		t.Error("the scenario outlived the reset")
	}
}

func sameStats(t *testing.T, body []byte, want map[string]sandbox.Stats) bool {
	t.Helper()
	var got map[string]sandbox.Stats
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	return cmp.Equal(want, got)
}

func TestSeen(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	ask(t, s.Vendors()[0], evenNumber, anyName)
	raw(t, s.Vendors()[1], "GET", target(evenNumber, anyName), "Authorization: APPCODE wrong")
	tests := []struct {
		vendor, number, name string
		want                 bool
	}{
		{"idcert-a", evenNumber, anyName, true},
		{"idcert-a", evenNumber, "李四", false},
		{"idcert-a", oddNumber, anyName, false},
		{"idcert-b", evenNumber, anyName, false},
	}
	for _, tt := range tests {
		if got := s.Seen(tt.vendor, secret(tt.number), secret(tt.name)); got != tt.want {
			t.Errorf("Seen at %s = %v, want %v", tt.vendor, got, tt.want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Seen takes an unknown vendor, and would say no for ever")
		}
	}()
	s.Seen("idcert-z", secret(evenNumber), secret(anyName))
}

func TestControlPaths(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	v := s.Vendors()[0]
	for path, want := range map[string]int{
		"/_sandbox/scenario": http.StatusMethodNotAllowed, "/_sandbox/reset": http.StatusMethodNotAllowed,
		"/_sandbox/other": http.StatusNotFound, "/_sandbox/stats": http.StatusOK,
	} {
		if status, _ := get(t, v, path); status != want {
			t.Errorf("GET %s = %d, want %d", path, status, want)
		}
	}
	if n := s.Stats()["idcert-a"].Requests; n != 0 {
		t.Errorf("%d requests counted, want none: steering is not asking", n)
	}
}
