package providertest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/heyan-id/heyan/providers"
)

// maxFixture is the maximum size of a recorded body in bytes.
const maxFixture = 1 << 20

// Load reads a product's fixtures. CODE.json is the body of a reply with status 200,
// CODE.http a whole reply with status line and headers, as curl -i prints it;
// gateway/CODE.http is a reply of the gateway. CODE is the code of the table with "+"
// for "/": 0+2.json. A code can have more than one fixture: 0+2@NAME.json. Other files
// are ignored. The error names the invalid file.
func Load(folder fs.FS) ([]Fixture, error) {
	var list []Fixture
	for _, from := range []struct{ pattern, layer string }{
		{"*.json", providers.LayerVendor}, {"*.http", providers.LayerVendor}, {"gateway/*.http", providers.LayerGateway},
	} {
		names, err := fs.Glob(folder, from.pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			reply, err := load(folder, name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			list = append(list, Fixture{Layer: from.layer, Code: codeOf(name), Reply: reply})
		}
	}
	return list, nil
}

// codeOf returns the code that a file is named after.
func codeOf(name string) string {
	base := path.Base(name)
	code, _, _ := strings.Cut(strings.TrimSuffix(base, path.Ext(base)), "@")
	return strings.ReplaceAll(code, "+", separator)
}

func load(folder fs.FS, name string) (providers.Reply, error) {
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return providers.Reply{}, err
	}
	if path.Ext(name) == ".json" {
		return providers.Reply{Status: http.StatusOK, Header: http.Header{}, Body: text}, nil
	}
	r, err := recorded(text)
	if err != nil {
		return providers.Reply{}, errors.New("must be a reply as curl -i prints it")
	}
	return r, nil
}

// recorded parses a reply as curl -i prints it.
func recorded(text []byte) (providers.Reply, error) {
	r, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(text)), nil)
	if err != nil {
		return providers.Reply{}, err
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(r.Body, maxFixture))
	if err != nil {
		return providers.Reply{}, err
	}
	return providers.Reply{Status: r.StatusCode, Header: r.Header, Body: body}, nil
}
