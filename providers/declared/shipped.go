package declared

import (
	"embed"
	"io/fs"
	"path"
	"strings"
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
	own, err := fs.Sub(shipped, "vendors/"+name)
	if err != nil {
		return Product{}, false
	}
	return p.withFixtures(own), true
}

// withFixtures returns the product with a folder of recorded replies beside those of its
// gateway.
func (p Product) withFixtures(own fs.FS) Product {
	p.Factory.Fixtures = func() ([]fs.FS, error) {
		folders := []fs.FS{own}
		if p.behindAliyun {
			gateway, err := fs.Sub(shipped, "vendors/_gateway-aliyun")
			return append(folders, gateway), err
		}
		return folders, nil
	}
	return p
}
