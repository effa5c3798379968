package assemble_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// ofSandbox returns a configuration for two fake vendors, one asked by AppCode and
// one by signature, and the environment that holds their secrets.
func ofSandbox(s *sandbox.Sandbox) (config.Config, map[string]string) {
	a, b := s.Vendors()[0], s.Vendors()[1]
	env := map[string]string{"A_CODE": a.AppCode.Reveal(), "B_SECRET": b.AppSecret.Reveal()}
	first, second := config.DefaultProvider(), config.DefaultProvider()
	first.Name, first.Use = a.Name, "idcert"
	first.Settings = config.Settings{"base_url": a.URL, "appcode": "env:A_CODE"}
	second.Name, second.Use = b.Name, "idcert"
	second.Settings = config.Settings{"base_url": b.URL, "app_key": b.AppKey, "app_secret": "env:B_SECRET"}
	route := config.DefaultRoute()
	route.Check, route.Providers = "id_name", []string{a.Name, b.Name}
	c := config.Defaults()
	c.Store, c.Policy.Consent.Mode = config.Store{Driver: "memory"}, "off"
	c.Providers, c.Routes = []config.Provider{first, second}, []config.Route{route}
	return c, env
}

func lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := env[name]; return v, ok }
}

func build(t *testing.T, c config.Config, env map[string]string) *assemble.App {
	t.Helper()
	h, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return h
}

func request(name, number string) idv.Request {
	r := enginetest.Request()
	r.Purpose = "办理开户" // in words, as notices show it
	r.Subject = idv.Subject{Name: idv.NewSensitive(name), IDNumber: idv.NewSensitive(number)}
	return r
}

// Two valid synthetic numbers: the sandbox matches an even last digit or X.
const (
	even = "11010519491231002X"
	odd  = "420106199506159071"
)

func TestGuideExamples(t *testing.T) {
	tests := []struct {
		name, person, number string
		verdict              idv.Verdict
		reason               idv.Reason
		code                 string
		provider             string
	}{
		{"match", "张三", even, idv.Match, "", "01", "idcert-a"},
		{"mismatch", "张三", odd, idv.Mismatch, "", "02", "idcert-a"},
		{"no record", "无记录", even, idv.NoRecord, "", "202", "idcert-a"},
		{"abnormal", "异常", even, idv.Undetermined, "unavailable", "203", "idcert-a"},
		{"name format", "坏姓名", even, idv.Undetermined, "invalid_input", "204", "idcert-a"},
		{"number format", "坏号码", even, idv.Undetermined, "invalid_input", "205", "idcert-a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := sandboxtest.Start(t, sandbox.Config{})
			h := build(t, first(ofSandbox(s)), second(ofSandbox(s)))
			v, err := h.Engine.Verify(t.Context(), request(tt.person, tt.number))
			if err != nil {
				t.Fatal(err)
			}
			last := v.Attempts[len(v.Attempts)-1]
			if v.Verdict != tt.verdict || v.Reason != tt.reason || last.VendorCode != tt.code || last.Provider != tt.provider || last.Delivery != idv.Answered {
				t.Errorf("got %v (%q) by code %q of %s, sent %v", v.Verdict, v.Reason, last.VendorCode, last.Provider, last.Delivery)
			}
			if spare := s.Stats()["idcert-b"].Requests; spare != 0 {
				t.Errorf("the spare vendor saw %d requests after an answer", spare)
			}
		})
	}
}

func first[A, B any](a A, _ B) A  { return a }
func second[A, B any](_ A, b B) B { return b }

func TestMaintenanceGoesToTheSpare(t *testing.T) {
	s := sandboxtest.Start(t, sandbox.Config{})
	h := build(t, first(ofSandbox(s)), second(ofSandbox(s)))
	if err := s.SetScenario(sandbox.Scenario{Vendor: "idcert-a", Mode: sandbox.ModeMaintenance}); err != nil {
		t.Fatal(err)
	}
	for range 101 {
		v, err := h.Engine.Verify(t.Context(), request("张三", even))
		if err != nil || v.Verdict != idv.Match || v.Evidence[0].Provider != "idcert-b" {
			t.Fatalf("got %v of %+v, %v", v.Verdict, v.Evidence, err)
		}
	}
	if got := s.Stats()["idcert-a"].Requests; got != 1 {
		t.Errorf("the vendor in maintenance saw %d requests, want 1", got)
	}
	if got := s.Stats()["idcert-b"].Billed; got != 101 {
		t.Errorf("the spare billed %d calls, want 101", got)
	}
}

func TestTypingErrorIsNotPaidFor(t *testing.T) {
	s := sandboxtest.Start(t, sandbox.Config{})
	h := build(t, first(ofSandbox(s)), second(ofSandbox(s)))
	if _, err := h.Engine.Verify(t.Context(), request("张三", "110105194912310021")); idv.FailureOf(err) != idv.InvalidInput {
		t.Errorf("got %v", err)
	}
	for name, st := range s.Stats() {
		if st.Requests != 0 {
			t.Errorf("%s saw %d requests", name, st.Requests)
		}
	}
}

func TestFaultsNameTheirPath(t *testing.T) {
	s := sandboxtest.Start(t, sandbox.Config{})
	c, env := ofSandbox(s)
	delete(env, "A_CODE")
	delete(env, "B_SECRET")
	_, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env)})
	for _, want := range []string{"providers[0].settings.appcode: env:A_CODE", "providers[1].settings.app_secret: env:B_SECRET"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), s.Vendors()[0].AppCode.Reveal()) {
		t.Error("a key stands in the error")
	}
}

// TestExampleFile holds the shipped example against the real adapters.
func TestExampleFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	if err := os.WriteFile(path, []byte(config.Example), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Check(path, nil, assemble.Known); err != nil {
		t.Errorf("the example is refused:\n%v", err)
	}
}
