package catalogue

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/providers"
)

func TestBuiltins(t *testing.T) {
	var names []string
	for _, b := range Factories() {
		names = append(names, b.Descriptor.Name)
		t.Run(b.Descriptor.Name, func(t *testing.T) {
			codec, err := b.New(providers.Settings{})
			if err != nil {
				t.Fatalf("New with no settings: %v", err)
			}
			if diff := cmp.Diff(b.Descriptor, codec.Describe()); diff != "" {
				t.Errorf("the list and the codec describe two vendors (-list +codec):\n%s", diff)
			}
			if found, ok := Find(b.Descriptor.Name); !ok || found.Descriptor.Name != b.Descriptor.Name {
				t.Errorf("Find(%q) = %q, %v", b.Descriptor.Name, found.Descriptor.Name, ok)
			}
		})
	}
	for _, name := range names {
		if folder, ok := Fixtures(name); !ok || folder == nil {
			t.Errorf("%s ships no fixtures, so nobody can check it", name)
		}
	}
	if _, ok := Fixtures("no such vendor"); ok {
		t.Error("there are fixtures of a vendor that is not there")
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) || len(names) == 0 {
		t.Errorf("names %q, want each once and in order", names)
	}
	if _, ok := Find("no such vendor"); ok {
		t.Error("Find finds what is not there")
	}
}
