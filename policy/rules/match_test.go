package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/rules"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	facts := policy.Facts{Tenant: "t", App: "loans", Check: "id_name", Purpose: "credit", Region: "11", NameScript: "han"}
	tests := []struct {
		text  string
		holds bool
	}{
		{`app == "loans"`, true},
		{`app == "games"`, false},
		{`app in ["games", "loans"] && region != "12"`, true},
		{`purpose.startsWith("cre")`, true},
		{`name_script == "han_extended"`, false},
		{`document == ""`, true},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			m, err := rules.NewMatch(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Holds(facts); got != tt.holds {
				t.Errorf("got %v, want %v", got, tt.holds)
			}
		})
	}
	large, err := rules.NewMatch(`app != "x"`)
	if err != nil {
		t.Fatal(err)
	}
	if large.Holds(policy.Facts{App: strings.Repeat("a", 1000)}) {
		t.Error("a fact that is too large fulfils a match")
	}
}

func TestMatchFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", "must be an expression in quotes"},
		{`app = "loans"`, "conditions are CEL"},
		{`ap == "loans"`, "the facts are"},
		{`app == 1`, "only values of one type"},
		{`app`, "must give true or false"},
		{`age > 18`, "age is not known when a route is chosen"},
		{`counts.app_day > 5`, "counts is not known"},
		{`hour > 8 && app == "a"`, "hour is not known"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			if _, err := rules.NewMatch(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	values := map[string][]string{
		"check": {"id_name"}, "document": {"resident18", "hkid", ""}, "name_script": {"han", "latin"}, "purpose": {"credit", "games"},
	}
	tests := []struct {
		name string
		list []string // "" for a route that takes every request
		want []int
	}{
		{"one after the other", []string{`app == "a"`, `app == "b"`, ""}, nil},
		{"after one that takes all", []string{"", `app == "b"`}, []int{1}},
		{"the same twice", []string{`app == "a"`, `"a" == app`, ""}, []int{1}},
		{"a part of an earlier one", []string{`app == "a"`, `app == "a" && region == "11"`, ""}, []int{1}},
		{"the parts of earlier ones", []string{`purpose == "credit"`, `purpose == "games"`, ""}, []int{2}},
		{"never", []string{`app == "a" && app == "b"`, ""}, []int{0}},
		{"false", []string{"false", ""}, []int{0}},
		{"always", []string{`app == "a" || app != "a"`, ""}, []int{1}},
		{"no such document", []string{`document == "resident19"`, ""}, []int{0}},
		{"no such purpose", []string{`purpose == "credits"`, ""}, []int{0}},
		{"another check", []string{`check == "name_bankcard"`, ""}, []int{0}},
		{"looks into texts", []string{`app.startsWith("a")`, `app == "ab"`, ""}, nil},
		{"negations", []string{`app != "a"`, `app == "a"`}, nil},
		{"in a list", []string{`app in ["a", "b"]`, `app == "b"`, ""}, []int{1}},
		{"any tenant", []string{`tenant == "x" && app == "y"`, `tenant == "x"`, `app == "y"`, ""}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := make([]*rules.Match, len(tt.list))
			for i, text := range tt.list {
				if text == "" {
					continue
				}
				var err error
				if list[i], err = rules.NewMatch(text); err != nil {
					t.Fatal(err)
				}
			}
			if got := rules.Unreachable(list, values); fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
