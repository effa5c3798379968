package idcert

import (
	"embed"
	"io/fs"
)

//go:embed testdata/*.json testdata/gateway/*.http
var testdata embed.FS

// Fixtures returns a reply of the vendor for each row of its code table, and some of
// the gateway, about a made-up person. They are part of the binary so that the
// contract can be run wherever heyan is.
func Fixtures() (fs.FS, error) { return fs.Sub(testdata, "testdata") }
