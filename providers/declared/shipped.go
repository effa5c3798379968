package declared

import (
	"embed"
	"io/fs"
	"path"
	"strings"

	"github.com/heyan-id/heyan/providers"
)

// shipped holds the files of this package: NAME.yaml with its recorded replies in NAME/,
// where NAME is the product's name with "-" for "/". Those of the gateway of the Aliyun
// market are in _gateway-aliyun.
//
//go:embed vendors/*.yaml vendors/*
var shipped embed.FS

// Shipped returns the names of the products that come with heyan, as files are named:
// with "-" for "/". They are sorted.
func Shipped() []string {
	files, _ := fs.Glob(shipped, "vendors/*.yaml") // the pattern is sound
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// Open returns the product of a name that comes with heyan, with its recorded replies. ok
// is false if there is none. A test opens all of them.
func Open(product string) (p Product, ok bool) {
	name := strings.ReplaceAll(product, "/", "-")
	text, err := shipped.ReadFile("vendors/" + name + ".yaml")
	if err != nil {
		return Product{}, false
	}
	if p, err = Parse(name+".yaml", text); err != nil {
		return Product{}, false
	}
	folders := []string{"vendors/" + name}
	if p.behindAliyun {
		folders = append(folders, "vendors/_gateway-aliyun")
	}
	p.Factory.Fixtures = providers.Folders(shipped, folders...)
	return p, true
}
