package providertest

import (
	"os"
	"path/filepath"
	"testing"
)

func recorded(t *testing.T, folders ...string) []Recording {
	t.Helper()
	var list []Recording
	for _, folder := range folders {
		some, err := Recordings(os.DirFS(filepath.Join("testdata", folder)))
		if err != nil || len(some) == 0 {
			t.Fatalf("%d recordings of %s, %v", len(some), folder, err)
		}
		list = append(list, some...)
	}
	return list
}

// sold is a product with the folders of its recordings.
type sold struct {
	product
	folders []string
}

func soldToday() []sold {
	const aliyun = "_gateway-aliyun"
	return []sold{{kz(), []string{"kz-idcard", aliyun}}, {sxidcheck(), []string{"sxidcheck", aliyun}}, {tencent(), []string{"tencent-idcardverification"}}}
}

// harness returns the harness of the product. No reply echoes a claim.
func (p sold) harness(t *testing.T) Harness {
	t.Helper()
	h, err := NewHarness(p.product, recorded(t, p.folders...), toyQuery().Check.Claims())
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
			RunRecordings(t, p.product, recorded(t, p.folders...), toyQuery().Check.Claims())
		})
	}
}
