package declared_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/providertest"
)

// toys returns the products of testdata, which have replies of every form.
func toys(t testing.TB) map[string]declared.Product {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	list := map[string]declared.Product{}
	for _, file := range files {
		p, err := declared.Read(file, "")
		if err != nil {
			t.Fatal(err)
		}
		list[strings.TrimSuffix(filepath.Base(file), ".yaml")] = p
	}
	return list
}

// The contract holds for a reply of every form.
func TestContractOfEveryForm(t *testing.T) {
	t.Parallel()
	for name, p := range toys(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			providertest.RunFactory(t, p.Factory, providertest.Settings(p.Factory.Descriptor))
		})
	}
}
