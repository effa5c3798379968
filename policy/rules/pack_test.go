package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/policy"
)

func writeFile(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// withPack loads a pack over a default that allows.
func withPack(t *testing.T, pack string) *Set {
	t.Helper()
	s, err := Load(writeFile(t, t.TempDir(), "own.yaml", "default: allow\n"), "pack:"+pack)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPacks(t *testing.T) {
	t.Parallel()
	guardian := func(f *policy.Facts) { f.Consent.Guardian = true }
	at := func(weekday, hour int) func(*policy.Facts) {
		return func(f *policy.Facts) { f.Weekday, f.Hour = weekday, hour }
	}
	tests := []struct {
		pack   string
		age    int
		change func(*policy.Facts)
		want   string // allowed, and the rules
	}{
		{"games", 17, at(5, 20), "true [default]"},
		{"games", 17, at(6, 20), "true [default]"},
		{"games", 0, at(7, 20), "true [default]"},
		{"games", 17, at(5, 19), "false [games.minor-hours]"},
		{"games", 17, at(5, 21), "false [games.minor-hours]"},
		{"games", 17, at(4, 20), "false [games.minor-days]"},
		{"games", 17, at(1, 8), "false [games.minor-hours games.minor-days]"},
		{"games", 18, at(1, 8), "true [default]"},
		{"games", -1, at(1, 8), "true [games.age-unknown default]"},
		{"games-hours", 17, at(4, 20), "true [default]"},
		{"games-hours", 17, at(4, 21), "false [games.minor-hours]"},
		{"live-streaming", 15, guardian, "false [live-streaming.under-16]"},
		{"live-streaming", 16, at(1, 8), "false [live-streaming.guardian]"},
		{"live-streaming", 16, guardian, "true [default]"},
		{"live-streaming", 17, func(f *policy.Facts) { f.Consent = policy.ConsentFacts{Guardian: true} }, "false [live-streaming.guardian]"},
		{"live-streaming", 18, at(1, 8), "true [default]"},
		{"live-streaming", -1, guardian, "true [live-streaming.age-unknown default]"},
		{"general", 17, guardian, "true [general.minor-review default]"},
		{"general", 18, guardian, "true [default]"},
		{"general", -1, guardian, "true [general.age-unknown default]"},
	}
	for _, test := range tests {
		facts := adult()
		facts.Age = test.age
		test.change(&facts)
		t.Run(fmt.Sprintf("%s, age %d, %d %02d:00", test.pack, facts.Age, facts.Weekday, facts.Hour), func(t *testing.T) {
			d := withPack(t, test.pack).Decide(facts)
			if got := fmt.Sprint(d.Allowed, d.Rules); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if strings.HasSuffix(d.Rules[0], ".age-unknown") && !d.Obligations.Review {
				t.Error("an answer about a person of unknown age is not reviewed")
			}
		})
	}
}

// TestPacksOnlyRestrict keeps the promise that naming a pack allows nothing.
func TestPacksOnlyRestrict(t *testing.T) {
	t.Parallel()
	for _, pack := range Packs() {
		_, err := Load("pack:" + pack)
		compareFaults(t, err, []string{"pack:" + pack + ": nothing could ever be asked"})
		for _, r := range withPack(t, pack).rules {
			if r.then == Allow {
				t.Errorf("%s allows", r.id)
			}
		}
	}
}

// TestPacksAreListed fails for a file of a pack that no pack is made of.
func TestPacksAreListed(t *testing.T) {
	t.Parallel()
	files := map[string]bool{}
	for _, names := range packs() {
		for _, name := range names {
			files["packs/"+name+".yaml"] = true
		}
	}
	here, err := filepath.Glob("packs/*")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, file := range here {
		got[filepath.ToSlash(file)] = true
	}
	if diff := cmp.Diff(files, got); diff != "" {
		t.Errorf("listed-, there+: %s", diff)
	}
}
