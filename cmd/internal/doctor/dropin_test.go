package doctor

import (
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
)

// TestTwoWayBehindDropin: a provider that knows two verdicts is named where the drop-in address
// may use it, and nowhere else.
func TestTwoWayBehindDropin(t *testing.T) {
	t.Parallel()
	products := map[string]idv.Descriptor{"two": {Fidelity: idv.TwoWay}, "three": {Fidelity: idv.ThreeWay}}
	route := func(check string, providers ...string) config.Route {
		return config.Route{Check: check, Providers: providers}
	}
	tests := []struct {
		name   string
		listen string
		routes []config.Route
		want   []string // subjects of warnings
		ok     bool
	}{
		{"three_way", "127.0.0.1:8082", []config.Route{route("id_name", "three")}, nil, true},
		{"two_way second", "127.0.0.1:8082", []config.Route{route("id_name_mobile", "two"), route("id_name", "three", "two")}, []string{"routes[1].providers[1]"}, false},
		{"of another check", "127.0.0.1:8082", []config.Route{route("id_name_mobile", "two"), route("id_name", "three")}, nil, true},
		{"a product that is not known", "127.0.0.1:8082", []config.Route{route("id_name", "plugin")}, nil, true},
		{"no drop-in address", "", []config.Route{route("id_name", "two")}, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := &examination{config: config.Config{Dropin: config.Dropin{Listen: tt.listen}, Routes: tt.routes}, products: products}
			x.dropin()
			warned := 0
			for i := range x.findings {
				if x.findings[i].Status == Warn {
					warned++
				}
			}
			for _, subject := range tt.want {
				if !has(x.findings, "dropin", Warn, subject) {
					t.Errorf("no warning about %s in %+v", subject, x.findings)
				}
			}
			if warned != len(tt.want) || has(x.findings, "dropin", OK, "") != tt.ok {
				t.Errorf("got %+v", x.findings)
			}
		})
	}
}
