package providers

import (
	"io/fs"

	"github.com/heyan-id/heyan/engine/idv"
)

// Factory creates a codec that is compiled in.
type Factory struct {
	Descriptor idv.Descriptor
	New        func(Settings) (Codec, error)

	// NotEchoed are the claims of the check that no reply shows, not even masked, so that an
	// answer that was swapped with another person's cannot be detected by them. The contract
	// test waives the rules about echoes for them.
	NotEchoed idv.ClaimSet

	// Fixtures returns folders with recorded replies of the product and of its gateway, in
	// the form of package providertest. It is nil if there are none.
	Fixtures func() ([]fs.FS, error)
}

// Folders returns folders of a file system, for [Factory.Fixtures]. Vendors embed their
// fixtures, so that an installed heyan can run the contract test.
func Folders(from fs.FS, names ...string) func() ([]fs.FS, error) {
	return func() ([]fs.FS, error) {
		var list []fs.FS
		for _, name := range names {
			folder, err := fs.Sub(from, name)
			if err != nil {
				return nil, err
			}
			list = append(list, folder)
		}
		return list, nil
	}
}
