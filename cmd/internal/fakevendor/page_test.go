package fakevendor_test

import (
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/fakevendor"
)

// The file of vendors in docs/sandbox.md works as it stands.
func TestFileOfThePage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(page), "```yaml\nlisten: ")
	block, _, _ = strings.Cut(block, "```")
	file, err := fakevendor.Parse("vendors.yaml", []byte("listen: "+block))
	if !ok || err != nil {
		t.Fatalf("the page has a block: %v, %v", ok, err)
	}
	set, err := file.Open(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	set.Close(t.Context())
	if len(set.Vendors) < 3 {
		t.Errorf("got %d vendors, want those of the page", len(set.Vendors))
	}
}
