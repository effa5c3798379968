package declared_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/providertest"
)

// Every recorded reply of every product that comes with heyan gives what its file expects,
// and every product passes the contract.
func TestShippedProducts(t *testing.T) {
	t.Parallel()
	for _, file := range declared.Shipped() {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			f := factory(t, file)
			if got := strings.ReplaceAll(f.Descriptor.Name, "/", "-"); got != file {
				t.Fatalf("the file of %s must be named %s.yaml", f.Descriptor.Name, got)
			}
			providertest.RunRecordings(t, codec(t, f), recordings(t, f), f.NotEchoed)
		})
	}
}

func factory(t testing.TB, file string) providers.Factory {
	t.Helper()
	return product(t, file).Factory
}

func product(t testing.TB, file string) declared.Product {
	t.Helper()
	p, ok := declared.Open(file)
	if !ok {
		p, err := declared.Read("vendors/"+file+".yaml", "")
		t.Fatalf("%s cannot be opened: %v, %v", file, p, err)
	}
	return p
}

func codec(t testing.TB, f providers.Factory) providers.Codec {
	t.Helper()
	c, err := f.New(settings(f.Descriptor))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func recordings(t testing.TB, f providers.Factory) []providertest.Recording {
	t.Helper()
	folders, err := f.Fixtures()
	if err != nil {
		t.Fatal(err)
	}
	list, err := providertest.Recordings(folders...)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// settings are values for the settings that are no secrets.
func settings(d idv.Descriptor) providers.Settings {
	s := providers.Settings{}
	for _, one := range d.Settings {
		if !one.Secret {
			s[one.Name] = "test-" + one.Name
		}
	}
	return s
}
