package declared

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// shipped holds the files of this package: NAME.yaml with its recorded replies in NAME/,
// where NAME is the product's name with "-" for "/".
//
//go:embed vendors
var shipped embed.FS

// Shipped returns the names of the files that come with heyan, sorted.
func Shipped() []string {
	files, _ := fs.Glob(shipped, "vendors/*.yaml") // the pattern is sound
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// Open returns a product that comes with heyan by its name, and its recorded replies. ok
// is false if there is none.
func Open(product string) (p Product, recordings fs.FS, ok bool) {
	name := strings.ReplaceAll(product, "/", "-")
	text, err := shipped.ReadFile("vendors/" + name + ".yaml")
	if err != nil {
		return Product{}, nil, false
	}
	p, err = Parse(name+".yaml", text)
	if err != nil { // a test reads all
		panic(fmt.Sprintf("declared: %v", err))
	}
	recordings, err = fs.Sub(shipped, "vendors/"+name)
	return p, recordings, err == nil
}
