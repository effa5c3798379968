package clients

import (
	"bytes"
	"cmp"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// fault is what a proxy between client and heyan does with a request. Its zero value passes
// the request on. The faults without a status pass it on too, but lose the response.
type fault struct {
	lose   string // drop: the connection is closed; hang: it stays silent; cut: half the body is sent
	status int    // of an answer in heyan's place
	header http.Header
	body   string
}

// proxy is a reverse proxy with faults. It is one for all cases of a language, which run one
// after the other.
type proxy struct {
	*httptest.Server

	upstream string
	mu       sync.Mutex
	faults   []fault // of the next requests
	always   bool    // the last fault remains
	keys     []string
	lost     string // the first response that was lost
}

func startProxy(t *testing.T, upstream string) *proxy {
	t.Helper()
	p := &proxy{upstream: upstream}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

// set sets the faults of the next requests, and forgets the earlier requests.
func (p *proxy) set(faults []fault, always bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.always, p.keys, p.lost = faults, always, nil, ""
}

// seen lists the idempotency keys of the requests since set, and the first response that
// was lost.
func (p *proxy) seen() (keys []string, lost string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys, p.lost
}

func (p *proxy) lose(body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost = cmp.Or(p.lost, string(body))
}

func (p *proxy) next(r *http.Request) (f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = append(p.keys, r.Header.Get("Idempotency-Key"))
	if len(p.faults) > 0 {
		f = p.faults[0]
		if len(p.faults) > 1 || !p.always {
			p.faults = p.faults[1:]
		}
	}
	return f
}

// ServeHTTP serves a request as the next fault has it.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := p.next(r)
	if f.status != 0 {
		_, _ = io.Copy(io.Discard, r.Body)
		maps.Copy(w.Header(), f.header)
		w.WriteHeader(f.status)
		_, _ = io.WriteString(w, f.body)
		return
	}
	status, header, body := p.forward(r)
	if f.lose != "" {
		p.lose(body)
	}
	switch f.lose {
	case "hang":
		<-r.Context().Done()
		fallthrough
	case "drop":
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), header)
	w.WriteHeader(status)
	if f.lose == "cut" {
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
}

// forward has heyan process a request, whatever becomes of the client.
func (p *proxy) forward(r *http.Request) (int, http.Header, []byte) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return http.StatusBadRequest, nil, nil
	}
	out, err := http.NewRequest(r.Method, p.upstream+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return http.StatusInternalServerError, nil, nil
	}
	out.Header = r.Header.Clone()
	out.Header.Del("Connection")
	answer, err := http.DefaultClient.Do(out)
	if err != nil {
		return http.StatusBadGateway, nil, nil
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return http.StatusBadGateway, nil, nil
	}
	return answer.StatusCode, answer.Header, text
}
