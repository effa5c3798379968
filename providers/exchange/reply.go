package exchange

import (
	"io"
	"net/http"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// read takes the reply whole, within the limit. When it fails, the body is left
// unread and its closing closes the connection.
func (x *Exchange) read(resp *http.Response, c providers.Call, w *watch) (providers.Reply, error) {
	w.reach(body)
	content, err := x.content(resp, w)
	if err != nil {
		err.Ref = reference(resp.Header, c)
		return providers.Reply{}, err
	}
	return providers.Reply{Status: resp.StatusCode, Header: kept(resp.Header), Body: content}, nil
}

func (x *Exchange) content(resp *http.Response, w *watch) ([]byte, *idv.Error) {
	if resp.StatusCode < http.StatusOK {
		return nil, w.failure(idv.Garbled, "an interim answer where the last one was due")
	}
	for _, encoding := range resp.Header.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return nil, w.failure(idv.Garbled, "the answer is compressed, which nobody asked for")
		}
	}
	if resp.ContentLength > x.maxBody {
		return nil, w.failure(idv.Garbled, "the answer is longer than the limit")
	}
	content, err := io.ReadAll(io.LimitReader(resp.Body, x.maxBody+1))
	switch {
	case err != nil:
		return nil, w.fail(err)
	case int64(len(content)) > x.maxBody:
		return nil, w.failure(idv.Garbled, "the answer is longer than the limit")
	}
	return content, nil
}

// kept returns the headers that a codec may see. X-Ca-Error-Message can repeat a
// name and a number (a refused signature is answered with the string that was
// signed): it is for classification, and belongs in no error and no log.
func kept(from http.Header) http.Header {
	to := http.Header{}
	for _, name := range []string{
		"Content-Type", "Retry-After", "X-Ca-Request-Id", "X-Ca-Error-Code", "X-Ca-Error-Message",
	} {
		if values := from.Values(name); len(values) > 0 {
			to[http.CanonicalHeaderKey(name)] = values
		}
	}
	return to
}

// reference returns the gateway's id of the call if it is plain and repeats
// nothing of the call, else "".
func reference(h http.Header, c providers.Call) string {
	ref := providers.SafeRef(h.Get("X-Ca-Request-Id"), idv.Subject{})
	if ref == "" || echoes(c, ref) {
		return ""
	}
	return ref
}
