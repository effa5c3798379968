package assemble_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/idcert"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// TestMain makes the test binary a plugin as well, one that does not start while the file
// of its second argument exists.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "be-the-plugin" {
		if len(os.Args) == 3 {
			if _, err := os.Stat(os.Args[2]); err == nil {
				os.Exit(9)
			}
		}
		plugins.Serve(idcert.Factory())
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "be-two-products" {
		plugins.Serve(named("idcert/idcard"), named("idcert/other"))
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "be-custom" {
		card := idcert.Factory().Descriptor
		plugins.Serve(plugins.CustomTransport{Descriptor: card, New: func(_ providers.Settings, secrets map[string]idv.Sensitive) (idv.Provider, error) {
			return ownCalls{card, secrets["appcode"]}, nil
		}})
		return
	}
	os.Exit(m.Run())
}

// named returns the vendor idcert with a product's name.
func named(product string) providers.Factory {
	f := idcert.Factory()
	f.Descriptor.Name = product
	return f
}

// itself returns this test binary as a plugin.
func itself(t *testing.T) config.Plugin {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return pinned(t, path)
}

func pinned(t *testing.T, path string) config.Plugin {
	t.Helper()
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(program)
	return config.Plugin{
		Path: path, SHA256: hex.EncodeToString(sum[:]), Args: []string{"be-the-plugin"}, StartTimeout: 20 * time.Second,
	}
}

// plugged returns an app whose first provider runs in a plugin.
func plugged(t *testing.T) (*sandbox.Sandbox, *assemble.App, config.Config) {
	t.Helper()
	s := sandboxtest.Start(t, sandbox.Config{})
	c, env := ofSandbox(s)
	c.Providers[0].Use, c.Providers[0].Plugin = "", itself(t)
	return s, build(t, c, env), c
}

func TestPluginIsAskedLikeABuiltIn(t *testing.T) {
	s, h, _ := plugged(t)
	for name, want := range map[string]idv.Verdict{"张三": idv.Match, "无记录": idv.NoRecord} {
		v, err := h.Engine.Verify(t.Context(), request(name, even))
		if err != nil || v.Verdict != want || v.Evidence[0].Provider != "idcert-a" || v.Evidence[0].Organization == "" {
			t.Errorf("%v: got %v of %+v, %v", want, v.Verdict, v.Evidence, err)
		}
	}
	if st := s.Stats(); st["idcert-a"].Requests != 2 || st["idcert-b"].Requests != 0 {
		t.Errorf("the vendors saw %d and %d requests", st["idcert-a"].Requests, st["idcert-b"].Requests)
	}
	if state, ok := h.Plugin("idcert-a"); !ok || !state.Ready() || state.Version == "" {
		t.Errorf("its state: %+v", state)
	}
	if _, ok := h.Plugin("idcert-b"); ok {
		t.Error("a built-in has a plugin's state")
	}
}

// TestKilledPlugin kills the plugin again and again under load. A question is answered,
// by the spare where need be; or, where two processes in a row died over one answer, it
// is recorded as perhaps charged. It is never answered wrongly and never asked twice.
func TestKilledPlugin(t *testing.T) {
	s, h, _ := plugged(t)
	var wg sync.WaitGroup
	var kills int64
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(150 * time.Millisecond):
				if h.KillPlugin("idcert-a") {
					kills++
				}
			}
		}
	})
	const asked = 400
	var lost int64
	for range asked {
		v, err := h.Engine.Verify(t.Context(), request("张三", even))
		last := v.Attempts[len(v.Attempts)-1]
		switch {
		case err == nil && v.Verdict == idv.Match:
		case err == nil && v.Verdict == idv.Undetermined && last.Delivery == idv.DeliveryUnknown && last.Charge == idv.ChargeUnknown:
			lost++
		default:
			t.Errorf("got %v (%s), %v: %+v", v.Verdict, v.Reason, err, v.Attempts)
		}
		time.Sleep(time.Millisecond)
	}
	close(stop)
	wg.Wait()
	st := s.Stats()
	billed := st["idcert-a"].Billed + st["idcert-b"].Billed
	t.Logf("%d kills, %d of %d answers lost, %d calls billed", kills, lost, asked, billed)
	if kills == 0 || lost > kills || billed != asked {
		t.Errorf("%d kills, %d answers lost, %d calls billed for %d questions", kills, lost, billed, asked)
	}
}

// TestPluginIsAskedAgainAtOnce: calls that fail because the plugin's process is away do not
// count against the vendor, so it is asked as soon as the plugin is ready again. Until then
// plans skip it.
func TestPluginIsAskedAgainAtOnce(t *testing.T) {
	s := sandboxtest.Start(t, sandbox.Config{})
	c, env := ofSandbox(s)
	c.Providers[0].Use, c.Providers[0].Plugin = "", itself(t)
	broken := filepath.Join(t.TempDir(), "broken")
	c.Providers[0].Plugin.Args = append(c.Providers[0].Plugin.Args, broken)
	h := build(t, c, env)
	if err := os.WriteFile(broken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h.KillPlugin("idcert-a")
	var wg sync.WaitGroup
	for range 20 { // they wait for the plugin, in vain
		wg.Go(func() {
			if v, err := h.Engine.Verify(t.Context(), request("张三", even)); err != nil || v.Verdict != idv.Match {
				t.Errorf("without the plugin: %v, %v", v.Verdict, err)
			}
		})
	}
	wg.Wait()
	for skipped := false; !skipped; time.Sleep(time.Millisecond) { // the limit of go test ends a wait that is in vain
		plan, err := h.Engine.ExplainCheck(route.Question{Check: idv.CheckIDName})
		if err != nil {
			t.Fatal(err)
		}
		skipped = len(plan.Skipped) == 1 && plan.Skipped[0].Reason == idv.SkipPluginNotReady
	}
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	for state, _ := h.Plugin("idcert-a"); !state.Ready(); state, _ = h.Plugin("idcert-a") {
		time.Sleep(time.Millisecond)
	}
	v, err := h.Engine.Verify(t.Context(), request("张三", even))
	if err != nil || len(v.Attempts) != 1 || v.Attempts[0].Provider != "idcert-a" {
		t.Errorf("with the plugin: %+v, %+v, %v", v.Attempts, v.Skipped, err)
	}
}

// TestSwapFailsNoRequest replaces the plugin's program under load.
func TestSwapFailsNoRequest(t *testing.T) {
	s := sandboxtest.Start(t, sandbox.Config{})
	from, env := ofSandbox(s)
	from.Providers[0].Use, from.Providers[0].Plugin = "", itself(t)
	h := build(t, from, env)
	program, err := os.ReadFile(from.Providers[0].Plugin.Path)
	if err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(t.TempDir(), "next")
	if err := os.WriteFile(next, append(program, "a newer build"...), 0o700); err != nil {
		t.Fatal(err)
	}
	to := from
	to.Providers = append([]config.Provider(nil), from.Providers...)
	to.Providers[0].Plugin = pinned(t, next)

	live := &live{app: h}
	calls := live.load(t, func(v idv.Verification, err error) {
		if err != nil || v.Verdict != idv.Match || len(v.Attempts) != 1 || v.Attempts[0].Provider != "idcert-a" {
			t.Errorf("during the swap: %v, %v, %+v", v.Verdict, err, v.Attempts)
		}
	})
	old := pidOf(t, h)
	if err := live.reload(t, to, env); err != nil {
		t.Fatal(err)
	}
	calls()
	if state, _ := live.app.Plugin("idcert-a"); state.SHA256 != to.Providers[0].Plugin.SHA256 || state.PID == old {
		t.Errorf("its state after the swap: %+v", state)
	}
	worse := to
	worse.Providers = append([]config.Provider(nil), to.Providers...)
	worse.Providers[0].Plugin.SHA256 = strings.Repeat("0", 64)
	if err := live.reload(t, worse, env); err == nil || !strings.Contains(err.Error(), "does not have the configured sha256") {
		t.Errorf("a swap to another file than the pinned one: %v", err)
	}
	kept := pidOf(t, live.app)
	other := to
	other.Timeout++
	if err := live.reload(t, other, env); err != nil || pidOf(t, live.app) != kept {
		t.Errorf("another change: %v; the process is %d, want %d", err, pidOf(t, live.app), kept)
	}
	if v, err := live.app.Engine.Verify(t.Context(), request("张三", even)); err != nil || v.Verdict != idv.Match {
		t.Errorf("afterwards: %v, %v", v.Verdict, err)
	}
}

func pidOf(t *testing.T, app *assemble.App) int {
	t.Helper()
	state, ok := app.Plugin("idcert-a")
	if !ok || state.PID == 0 {
		t.Fatalf("the state is %+v", state)
	}
	return state.PID
}

func TestPluginFaultsNameIt(t *testing.T) {
	s := sandboxtest.Start(t, sandbox.Config{})
	tests := []struct {
		name  string
		spoil func(*config.Plugin)
		want  string
	}{
		{"no such file", func(p *config.Plugin) { p.Path = filepath.Join(t.TempDir(), "none") }, "the file does not exist"},
		{"another file", func(p *config.Plugin) { p.SHA256 = strings.Repeat("a", 64) }, "does not have the configured sha256"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, env := ofSandbox(s)
			c.Providers[0].Use, c.Providers[0].Plugin = "", itself(t)
			tt.spoil(&c.Providers[0].Plugin)
			_, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env)})
			if err == nil || !strings.Contains(err.Error(), "providers[0].plugin: plugin idcert-a: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
