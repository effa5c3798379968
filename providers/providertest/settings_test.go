package providertest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	got := Settings(idv.Descriptor{Settings: []idv.Setting{
		{Name: "base_url", Default: "https://vendor.example", Required: true}, {Name: "code", Required: true},
		{Name: "region"}, {Name: "key", Required: true, Secret: true},
	}})
	want := providers.Settings{"base_url": "https://vendor.example", "code": Placeholder, "region": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}
