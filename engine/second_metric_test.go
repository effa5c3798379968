package engine_test

import (
	"context"
	"maps"
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
)

// opinions returns the counts of heyan.second_opinions by "first second outcome".
func (o *observed) opinions(t *testing.T) map[string]int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := o.reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok || m.Name != "heyan.second_opinions" {
				continue
			}
			for _, point := range sum.DataPoints {
				name := ""
				for _, label := range []string{"first", "second", "outcome"} {
					value, _ := point.Attributes.Value(attribute.Key(label))
					name += " " + value.AsString()
				}
				counts[name[1:]] += point.Value
			}
		}
	}
	return counts
}

// TestSecondOpinionsAreCounted: by the providers and by whether they agree, those that policy
// allows and those that an operator orders.
func TestSecondOpinionsAreCounted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		first   idv.Verdict
		second  enginetest.Reply
		ordered bool
		want    string // "" for no second opinion
	}{
		{"no record either", idv.NoRecord, enginetest.Answer(idv.NoRecord), false, "a b agreed"},
		{"a match", idv.NoRecord, enginetest.Answer(idv.Match), false, "a b differed"},
		{"unclear", idv.NoRecord, enginetest.Answer(idv.MismatchOrNoRecord), false, "a b unclear"},
		{"failed", idv.NoRecord, enginetest.Fail(idv.Timeout, idv.DeliveryUnknown), false, "a b failed"},
		{"none", idv.Match, enginetest.Answer(idv.Match), false, ""},
		{"ordered, a mismatch too", idv.Mismatch, enginetest.Answer(idv.Mismatch), true, "a b agreed"},
		{"ordered, a match", idv.Mismatch, enginetest.Answer(idv.Match), true, "a b differed"},
		{"ordered, failed", idv.Mismatch, enginetest.Fail(idv.Timeout, idv.DeliveryUnknown), true, "a b failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen observed
				g := doubting(t, enginetest.Answer(tt.first), tt.second, func(o *engine.Options) { o.Telemetry = seen.options() })
				r := g.agreed(t)
				v := verify(t, g.Engine, r)
				if tt.ordered {
					if _, err := g.OrderSecondOpinion(t.Context(), r, engine.SecondOpinionOrder{Verification: v.ID, Reason: "doubt"}); err != nil {
						t.Fatal(err)
					}
				}
				want := map[string]int64{}
				if tt.want != "" {
					want[tt.want] = 1
				}
				if got := seen.opinions(t); !maps.Equal(got, want) {
					t.Errorf("counted %v, want %v", got, want)
				}
			})
		})
	}
}
