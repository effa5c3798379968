package providertest

import (
	"io/fs"
	"os"
	"testing"

	"github.com/heyan-id/heyan/providers"
)

func recorded(t *testing.T, fixtures func() ([]fs.FS, error)) []Recording {
	t.Helper()
	folders, err := fixtures()
	if err != nil {
		t.Fatal(err)
	}
	list, err := Recordings(folders...)
	if err != nil || len(list) == 0 {
		t.Fatalf("%d recordings, %v", len(list), err)
	}
	return list
}

// sold is a product with its recordings.
type sold struct {
	product
	fixtures func() ([]fs.FS, error)
}

func soldToday() []sold {
	folders := func(names ...string) func() ([]fs.FS, error) {
		return providers.Folders(os.DirFS("testdata"), names...)
	}
	return []sold{
		{kz(), folders("kz-idcard", "_gateway-aliyun")}, {sxidcheck(), folders("sxidcheck", "_gateway-aliyun")},
		{tencentIDCard(), tencentFactory().Fixtures},
	}
}

// harness returns the harness of the product. No reply echoes a claim.
func (p sold) harness(t *testing.T) Harness {
	t.Helper()
	h, err := NewHarness(p.product, recorded(t, p.fixtures), toyQuery().Check.Claims())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Each recorded reply gives exactly what it must, through the provider as in production,
// and the contract holds for composite codes, errors in another shape and charge flags.
func TestRecordedReplies(t *testing.T) {
	t.Parallel()
	for _, p := range soldToday() {
		t.Run(p.descriptor.Name, func(t *testing.T) {
			RunRecordings(t, p.product, recorded(t, p.fixtures), toyQuery().Check.Claims())
		})
	}
}
