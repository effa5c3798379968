package exchange

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/heyan-id/heyan/providers/auth"
)

const benchBody = `{"status":"01","msg":"ok","idCard":"1****************X","name":"测*","traceId":"00000000"}`

// The three do the same call against the same kind of server in one run, so that
// the cost of the rules can be read off: this package, http.Client with the same
// time limits, and http.Client made not to resend by giving up kept-alive connections.
func BenchmarkDo(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, benchBody) }))
	defer s.Close()
	b.Run("exchange", func(b *testing.B) {
		x := open(b, Config{BaseURL: s.URL, Auth: auth.None()})
		defer x.Close()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := x.Do(b.Context(), get()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("client", func(b *testing.B) { benchClient(b, s.URL, &http.Transport{ResponseHeaderTimeout: defaultFirstByte}) })
	b.Run("client without keep-alive", func(b *testing.B) {
		benchClient(b, s.URL, &http.Transport{ResponseHeaderTimeout: defaultFirstByte, DisableKeepAlives: true})
	})
}

func benchClient(b *testing.B, base string, transport *http.Transport) {
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: defaultTotal}
	b.ReportAllocs()
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, base+"/idcard?"+get().RawQuery().Reveal(), nil)
		if err != nil {
			b.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadAll(resp.Body); err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
	}
}
