package catalogue

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/providers"
)

func TestCatalogue(t *testing.T) {
	t.Parallel()
	var names []string
	for _, b := range New().Factories() {
		names = append(names, b.Descriptor.Name)
		t.Run(b.Descriptor.Name, func(t *testing.T) {
			codec, err := b.New(providers.Settings{})
			if err != nil {
				t.Fatalf("New with no settings: %v", err)
			}
			if diff := cmp.Diff(b.Descriptor, codec.Describe()); diff != "" {
				t.Errorf("the catalogue and the codec describe different vendors (-catalogue +codec):\n%s", diff)
			}
			if folders, err := b.Fixtures(); err != nil || len(folders) == 0 {
				t.Errorf("%d folders of fixtures, %v, so its contract cannot be checked", len(folders), err)
			}
			if found, ok := New().Find(b.Descriptor.Name); !ok || found.Descriptor.Name != b.Descriptor.Name {
				t.Errorf("Find(%q) = %q, %v", b.Descriptor.Name, found.Descriptor.Name, ok)
			}
		})
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) || len(names) == 0 {
		t.Errorf("names %q, want each once and in order", names)
	}
	if _, ok := New().Find("no such vendor"); ok {
		t.Error("Find found a vendor that does not exist")
	}
}
