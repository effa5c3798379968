package route_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
)

func candidate(name string, a idv.Availability) route.Candidate {
	return route.Candidate{Name: name, Availability: a, Descriptor: &idv.Descriptor{
		Check: idv.CheckIDName, Documents: []idv.Document{idv.Resident18},
	}}
}

func TestMake(t *testing.T) {
	t.Parallel()
	until := time.Unix(1_700_000_000, 0)
	ask := route.Question{Check: idv.CheckIDName, Document: idv.Resident18}
	a, b := candidate("a", idv.Availability{}), candidate("b", idv.Availability{})
	sick := candidate("a", idv.Availability{Reason: idv.SkipMaintenance, Until: until})
	tests := []struct {
		name       string
		question   route.Question
		candidates []route.Candidate
		rule       route.Rule
		want       idv.Plan
	}{
		{"in the rule's order", ask, []route.Candidate{b, a}, route.Rule{},
			idv.Plan{MaxAttempts: 2, Steps: []idv.Step{{Provider: "b"}, {Provider: "a"}}}},
		{"attempts of the rule", ask, []route.Candidate{a}, route.Rule{MaxAttempts: 5},
			idv.Plan{MaxAttempts: 5, Steps: []idv.Step{{Provider: "a"}}}},
		{"a closed gate is skipped with its time", ask, []route.Candidate{sick, b}, route.Rule{},
			idv.Plan{MaxAttempts: 2, Steps: []idv.Step{{Provider: "b"}},
				Skipped: []idv.Skipped{{Provider: "a", Reason: idv.SkipMaintenance, Until: until}}}},
		{"a trial keeps its position", ask, []route.Candidate{candidate("a", idv.Availability{Trial: true}), b}, route.Rule{},
			idv.Plan{MaxAttempts: 2, Steps: []idv.Step{{Provider: "a", Trial: true}, {Provider: "b"}}}},
		{"what answers no call comes after the others", ask, []route.Candidate{candidate("a", idv.Availability{Unresponsive: true}), b, candidate("c", idv.Availability{Unresponsive: true}), candidate("d", idv.Availability{})}, route.Rule{},
			idv.Plan{MaxAttempts: 2, Steps: []idv.Step{{Provider: "b"}, {Provider: "d"}, {Provider: "a"}, {Provider: "c"}}}},
		{"what answers no call is better than nothing", ask, []route.Candidate{candidate("a", idv.Availability{Unresponsive: true})}, route.Rule{},
			idv.Plan{MaxAttempts: 2, Steps: []idv.Step{{Provider: "a"}}}},
		{"what cannot answer is not in maintenance for it", route.Question{Check: idv.CheckIDNameMobile}, []route.Candidate{sick}, route.Rule{},
			idv.Plan{MaxAttempts: 2, Skipped: []idv.Skipped{{Provider: "a", Reason: idv.SkipUnsupportedCheck}}}},
		{"a document that it does not take", route.Question{Check: idv.CheckIDName, Document: idv.HKID}, []route.Candidate{a}, route.Rule{},
			idv.Plan{MaxAttempts: 2, Skipped: []idv.Skipped{{Provider: "a", Reason: idv.SkipUnsupportedDocument}}}},
		{"no candidate", ask, nil, route.Rule{}, idv.Plan{MaxAttempts: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i, c := range tt.candidates {
				called := slices.ContainsFunc(tt.want.Steps, func(s idv.Step) bool { return s.Provider == c.Name })
				if got := route.Admits(&tt.question, &tt.candidates[i]); got != called {
					t.Errorf("Admits(%s) = %t, want %t, as in the plan", c.Name, got, called)
				}
			}
			if diff := cmp.Diff(tt.want, route.Make(tt.question, tt.candidates, tt.rule)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := route.Rule{Check: idv.CheckIDName, Providers: []string{"a"}}
	tests := []struct {
		name  string
		spoil func(*route.Rule)
		ok    bool
	}{
		{"good", func(*route.Rule) {}, true},
		{"mode written out", func(r *route.Rule) { r.Mode = route.Priority }, true},
		{"no check", func(r *route.Rule) { r.Check = idv.CheckNone }, false},
		{"unknown mode", func(r *route.Rule) { r.Mode = "dice" }, false},
		{"no provider", func(r *route.Rule) { r.Providers = nil }, false},
		{"negative attempts", func(r *route.Rule) { r.MaxAttempts = -1 }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := good
			tt.spoil(&r)
			if err := r.Validate(); (err == nil) != tt.ok {
				t.Errorf("got %v, want ok %v", err, tt.ok)
			}
		})
	}
}
