package assemble_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// twoProducts returns a configuration whose providers use two products of one plugin.
func twoProducts(t *testing.T) (config.Config, map[string]string) {
	t.Helper()
	c, env := ofSandbox(sandboxtest.Start(t, sandbox.Config{}))
	for i, use := range []string{"idcert/idcard", "idcert/other"} {
		c.Providers[i].Use, c.Providers[i].Plugin = use, itself(t)
		c.Providers[i].Plugin.Args = []string{"be-two-products"}
	}
	return c, env
}

// Providers that use products of one plugin share its process.
func TestProvidersShareAProcess(t *testing.T) {
	c, env := twoProducts(t)
	h := build(t, c, env)
	a, okA := h.Plugin("idcert-a")
	b, okB := h.Plugin("idcert-b")
	if !okA || !okB || a.PID == 0 || a.PID != b.PID {
		t.Errorf("the processes are %d and %d, want one", a.PID, b.PID)
	}
	if v, err := h.Engine.Verify(t.Context(), request("张三", even)); err != nil || v.Verdict != idv.Match {
		t.Errorf("got %v, %v", v.Verdict, err)
	}
	to := c
	to.Providers = append([]config.Provider(nil), c.Providers...)
	to.Providers[1].Plugin.Plaintext = true
	live := &live{app: h}
	if err := live.reload(t, to, env); err != nil {
		t.Fatal(err)
	}
	kept, _ := live.app.Plugin("idcert-a")
	split, _ := live.app.Plugin("idcert-b")
	if kept.PID != a.PID || split.PID == a.PID || split.PID == 0 {
		t.Errorf("after another configuration for one of the two the processes are %d and %d, want %d and another one", kept.PID, split.PID, a.PID)
	}
	to.Providers = append([]config.Provider(nil), to.Providers...)
	to.Providers[0].Plugin.Plaintext = true
	if err := live.reload(t, to, env); err != nil {
		t.Fatal(err)
	}
	if joined, _ := live.app.Plugin("idcert-a"); joined.PID != split.PID {
		t.Errorf("configured alike again, the processes are %d and %d", joined.PID, split.PID)
	}
}

// A plugin with several products needs use, and a product that it does not serve is a
// fault with the name of the provider and the products.
func TestPluginProductFaults(t *testing.T) {
	for name, use := range map[string]string{"no product": "", "another product": "idcert/third"} {
		t.Run(name, func(t *testing.T) {
			c, env := twoProducts(t)
			c.Providers[1].Use = use
			_, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env)})
			if !errors.Is(err, &plugins.Error{Reason: plugins.ReasonProduct}) {
				t.Fatalf("got %v, want the reason %s", err, plugins.ReasonProduct)
			}
			for _, part := range []string{"providers[1] (idcert-b)", "it serves idcert/idcard, idcert/other", "set use"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error %q does not say %q", err, part)
				}
			}
		})
	}
}
