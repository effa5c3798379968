package certify

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

// maxFixture is the maximum size of a recorded body in bytes.
const maxFixture = 1 << 20

// Fixtures reads recorded vendor replies: CODE.json holds the body of a reply with
// status 200, as [providertest.Load] reads it; gateway/CODE.http holds a gateway's
// reply with status line and headers, as curl -i prints it. A directory without such
// files gives none. The error names an invalid file.
func Fixtures(folder fs.FS) ([]providertest.Fixture, error) {
	list, err := providertest.Load(folder)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(folder, "gateway/*.http")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		reply, err := recorded(folder, name)
		if err != nil {
			return nil, fmt.Errorf("%s: must be a reply as curl -i prints it", name)
		}
		list = append(list, providertest.Fixture{
			Layer: providers.LayerGateway, Code: strings.TrimSuffix(path.Base(name), ".http"), Reply: reply,
		})
	}
	return list, nil
}

func recorded(folder fs.FS, name string) (providers.Reply, error) {
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return providers.Reply{}, err
	}
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
