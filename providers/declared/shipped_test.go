package declared_test

import (
	"io/fs"
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
			p, folder := open(t, file)
			if got := strings.ReplaceAll(p.Factory.Descriptor.Name, "/", "-"); got != file {
				t.Fatalf("the file of %s must be named %s.yaml", p.Factory.Descriptor.Name, got)
			}
			codec, err := p.Factory.New(defaults(p.Factory.Descriptor))
			if err != nil {
				t.Fatal(err)
			}
			list, err := providertest.Recordings(folder)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) == 0 {
				t.Fatal("no recorded reply; put them beside the file, into a folder of its name")
			}
			providertest.RunRecordings(t, codec, list, p.NotEchoed)
		})
	}
}

func open(t testing.TB, file string) (declared.Product, fs.FS) {
	t.Helper()
	p, folder, ok := declared.Open(file)
	if !ok {
		t.Fatalf("no product %s", file)
	}
	return p, folder
}

// defaults are the settings of a test: the defaults, and placeholders.
func defaults(d idv.Descriptor) providers.Settings {
	s := providers.Settings{}
	for _, one := range d.Settings {
		if !one.Secret {
			s[one.Name] = "test-" + one.Name
		}
	}
	return s
}
