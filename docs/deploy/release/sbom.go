package main

import (
	"bytes"
	"encoding/hex"
	"runtime/debug"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// sbom returns the bill of materials of a program: the modules that the Go tool linked into
// it, as it noted them in the binary. A module that only tests or other commands need is not
// in it.
func sbom(p program, sum [32]byte) ([]byte, error) {
	system, architecture, _ := strings.Cut(p.platform, "/")
	main := cdx.Component{
		Type: cdx.ComponentTypeApplication, Name: p.info.Main.Path, Version: p.version(), BOMRef: "heyan",
		PackageURL: "pkg:golang/" + p.info.Main.Path + "@v" + p.version() + "?goos=" + system + "&goarch=" + architecture,
		Hashes:     &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}},
	}
	components := []cdx.Component{{
		Type: cdx.ComponentTypeLibrary, Name: "std", Version: p.info.GoVersion, BOMRef: "std",
		PackageURL: "pkg:golang/std@" + strings.TrimPrefix(p.info.GoVersion, "go"),
	}}
	refs := []string{"std"}
	for _, m := range p.info.Deps {
		c := component(m)
		components, refs = append(components, c), append(refs, c.BOMRef)
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Timestamp: p.time.Format(time.RFC3339), Component: &main}
	bom.Components = &components
	bom.Dependencies = &[]cdx.Dependency{{Ref: "heyan", Dependencies: &refs}}
	var out bytes.Buffer
	err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
	return out.Bytes(), err
}

// component returns a module. Its sum is that of go.sum, which is no plain hash of a file.
func component(m *debug.Module) cdx.Component {
	if m.Replace != nil {
		m = m.Replace
	}
	purl := "pkg:golang/" + m.Path + "@" + m.Version
	return cdx.Component{
		Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version, BOMRef: purl, PackageURL: purl,
		Properties: &[]cdx.Property{{Name: "go:sum", Value: m.Sum}},
	}
}
